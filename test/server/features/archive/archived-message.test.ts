import {
  findOddMembers,
  identifyParties,
} from "../../../../server/src/features/archive/archived-message.ts";
import { isStorable } from "../../../../server/src/features/archive/storable.ts";
import type { ArchiveMessage } from "../../../../server/src/wecom/archive-message.ts";

function message(
  senderId: string,
  receiverIds: string[],
  roomId: string | null = null,
): ArchiveMessage {
  return {
    msgId: "1",
    action: "send",
    senderId,
    receiverIds,
    roomId,
    sentAtMs: 1,
    isExternal: true,
    kind: "text",
    text: "",
  };
}

const cases: [string, ArchiveMessage, Partial<ReturnType<typeof identifyParties>>][] = [
  [
    "a member to a customer",
    message("chenli", ["wmA"]),
    { conversationId: "s:chenli:wmA", senderKind: "member", memberId: "chenli", customerId: "wmA" },
  ],
  [
    "a customer to a member: the same conversation",
    message("wmA", ["chenli"]),
    { conversationId: "s:chenli:wmA", senderKind: "customer", memberId: "chenli" },
  ],
  [
    "somebody of another corp is a customer",
    message("woB", ["chenli"]),
    { conversationId: "s:chenli:woB", senderKind: "customer", customerId: "woB" },
  ],
  [
    "two members: one conversation in both directions",
    message("zhou", ["chenli"]),
    { conversationId: "i:chenli:zhou", memberId: "zhou", customerId: null },
  ],
  [
    "in a group only the speaker is known",
    message("wmA", ["chenli", "wmB"], "wrRoom"),
    { conversationId: "g:wrRoom", memberId: null, customerId: "wmA" },
  ],
  [
    "a robot is neither",
    message("wbR", ["chenli"]),
    { conversationId: "i:chenli:wbR", senderKind: "robot", memberId: "chenli", customerId: null },
  ],
  [
    "who has no receiver talks to himself",
    message("chenli", []),
    { conversationId: "i:chenli:chenli", memberId: "chenli" },
  ],
  [
    "a member whose id looks like a customer's",
    message("wmXiaoMing", ["wmA"]),
    { conversationId: "s:wmxiaoming:wmA", senderId: "wmxiaoming", senderKind: "member" },
  ],
];

it.each(cases)("%s", (_name, given, expected) => {
  const oddMembers = new Map([["wmXiaoMing", "wmxiaoming"]]);
  expect(identifyParties(given, oddMembers)).toMatchObject(expected);
});

it("asks the directory once for each id that looks like a customer's", async () => {
  const asked: string[] = [];
  const found = await findOddMembers(
    [
      message("wmXiaoMing", ["chenli"]),
      message("wmXiaoMing", ["wmA"]),
      message("a", ["wmB"], "wr1"),
    ].map((one) => ({ message: one })),
    (id) => {
      asked.push(id);
      return Promise.resolve(id === "wmxiaoming");
    },
  );
  expect(found).toEqual(new Map([["wmXiaoMing", "wmxiaoming"]]));
  expect(asked).toEqual(["wmxiaoming", "wma"]);
});

describe("what fits the table", () => {
  const good = message("a", ["b"]);
  it.each<[string, Partial<ArchiveMessage>, boolean]>([
    ["a common message", {}, true],
    ["an id that is too long", { msgId: "x".repeat(129) }, false],
    ["a receiver that is too long", { receiverIds: ["x".repeat(129)] }, false],
    ["a room that is too long", { roomId: "x".repeat(129) }, false],
    ["no time", { sentAtMs: 0 }, true],
    ["a time that is no number", { sentAtMs: Number.NaN }, false],
    ["a time beyond all calendars", { sentAtMs: 1e300 }, false],
    ["a time before 1970", { sentAtMs: -1 }, false],
  ])("%s", (_name, change, expected) => {
    expect(isStorable({ ...good, ...change })).toBe(expected);
  });
});
