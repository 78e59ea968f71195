import type { Condition } from "#shared/rules/condition";
import type { CaseView } from "#shared/contract/case";
import type { RuleDraft } from "#shared/contract/rule";
import { createMessageStore } from "../../../../server/src/features/archive/message-store.ts";
import type { MessageStore } from "../../../../server/src/features/archive/message-store.ts";
import { createNeighbours } from "../../../../server/src/features/archive/neighbours.ts";
import { createArchiveReader } from "../../../../server/src/features/archive/reader.service.ts";
import { createCases } from "../../../../server/src/features/cases/cases.service.ts";
import type { Cases } from "../../../../server/src/features/cases/cases.service.ts";
import { createInspection } from "../../../../server/src/features/cases/inspection.ts";
import type { Customers } from "../../../../server/src/features/customers/customers.service.ts";
import { createRules } from "../../../../server/src/features/rules/rules.service.ts";
import type { Rules } from "../../../../server/src/features/rules/rules.service.ts";
import { readArchiveMessage } from "../../../../server/src/wecom/archive-message.ts";
import { publishRules } from "../../../support/publish-rules.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { customer } from "../sign-in/fake-company.ts";
import { startPeopleWorld } from "../sign-in/people-world.ts";
import type { PeopleWorld } from "../sign-in/people-world.ts";

const draft: RuleDraft = {
  title: "连着说",
  category: "测试",
  level: "caution",
  speaker: "either",
  variants: "standard",
  words: ["保本"],
  exceptions: [],
  clause: "《微信使用手册》第 3.2 条",
  reason: "不能这样说。",
  suggestion: "换一种说法。",
  isConfidential: false,
};
const own: Condition = { kind: "words", words: null };
const within = (of: Condition): Condition => ({ kind: "window", messages: 4, minutes: 10, of });
const secondMs = 1000;

interface Said {
  seq: number;
  text?: string;
  /** Seconds after the first one. */
  at?: number;
  from?: string;
  to?: string;
  wire?: Record<string, unknown>;
}

forEachDatabase("conditions over archived messages", (open) => {
  let world: PeopleWorld;
  let rules: Rules;
  let cases: Cases;
  let customers: Customers;
  /** Each one a process with nothing in memory yet. */
  let openStore: () => MessageStore;
  let store: MessageStore;
  let startMs: number;

  beforeEach(async () => {
    world = await startPeopleWorld(open, {
      checkEveryMs: 10,
      addRoutes: (_routes, parts) => {
        customers = parts.customers;
        rules = createRules({
          ...parts,
          onRuleFailed: () => Promise.resolve(),
          onPublished: () => Promise.resolve(),
        });
        const reader = createArchiveReader({ corpId: "ww1", ...parts });
        cases = createCases({ ...parts, rules, reader, onDecided: () => Promise.resolve() });
        openStore = () =>
          createMessageStore({
            ...parts,
            inspect: createInspection({
              ...parts,
              rules,
              reader,
              neighbours: createNeighbours(parts),
              calendar: () =>
                Promise.resolve({
                  hours: { fromMinute: 540, toMinute: 1110 },
                  weekdays: new Set([1, 2, 3, 4, 5]),
                  days: new Map([["2026-11-21", true]]),
                }),
              fallbackManagersOf: () => Promise.resolve([]),
            }),
            isMember: async (id) => (await parts.members.find(id)) !== undefined,
            keepMedia: () => Promise.resolve(),
          });
      },
    });
    await world.sync();
    store = openStore();
    startMs = world.time.nowMs;
  });
  afterEach(() => world.stop());

  const write = async (condition: Condition, change: Partial<RuleDraft> = {}) => {
    const rule = await rules.drafts.create({ ...draft, condition, ...change }, "liuyang");
    await publishRules(world.database, rules);
    return rule;
  };

  async function archive(said: readonly Said[], by = store): Promise<void> {
    const opened = said.map(({ seq, text = "", at = seq, from = "ChenLi", to = "wmA", wire }) => {
      const json = JSON.stringify({
        msgid: `m${seq}_external`,
        action: "send",
        from,
        tolist: [to],
        roomid: "",
        msgtime: startMs + at * secondMs,
        msgtype: "text",
        text: { content: text },
        ...wire,
      });
      const item = {
        seq,
        msgId: `m${seq}_external`,
        keyVersion: 1,
        encryptedRandomKey: "",
        encryptedMessage: "",
      };
      return { item, message: readArchiveMessage(json)!, json, receivedAtMs: startMs };
    });
    const done = () => Promise.resolve();
    await by.store({ opened, claim: done, account: done });
  }

  const hits = async (): Promise<number[]> => {
    const rows = await world.database.read.query<{ seq: string | number }[]>(
      "SELECT message_seq AS seq FROM hit ORDER BY message_seq",
    );
    return rows.map(({ seq }) => Number(seq));
  };
  const shown = async (): Promise<CaseView> => {
    const { cases: list } = await cases.list("zhangwei", { state: "open" });
    return list[0]!;
  };

  it.each<[string, Said[][]]>([
    [
      "in one page",
      [
        [
          { seq: 1, text: "保" },
          { seq: 2, text: "本" },
        ],
      ],
    ],
    ["in two pages", [[{ seq: 1, text: "保" }], [{ seq: 2, text: "本" }]]],
    [
      "with somebody else between",
      [
        [
          { seq: 1, text: "保" },
          { seq: 3, text: "嗯", from: "wmA", to: "ChenLi" },
        ],
        [{ seq: 4, text: "本" }],
      ],
    ],
  ])("find a word that is split over messages %s, once", async (_, pages) => {
    await write(within(own));
    for (const page of pages) await archive(page);
    const last = pages.flat().at(-1)!.seq;
    expect(await hits()).toEqual([last]);
    // A page that comes twice.
    for (const page of pages) await archive(page);
    expect(await hits()).toEqual([last]);
    expect(await shown()).toMatchObject({
      quote: "本",
      findings: [{ spans: [{ start: 0, end: 1, word: "保本" }] }],
      parts: [{ quote: "保", marks: [{ spans: [{ start: 0, end: 1 }] }] }],
    });
  });

  it("find it after a restart and across processes", async () => {
    await write(within(own));
    await archive([{ seq: 1, text: "保" }]);
    await archive([{ seq: 2, text: "本" }], openStore());
    expect(await hits()).toEqual([2]);
  });

  it("find it when the first part comes last", async () => {
    await write(within(own));
    await archive([{ seq: 2, text: "本" }]);
    expect(await hits()).toEqual([]);
    await archive([{ seq: 1, text: "保" }], openStore());
    expect(await hits()).toEqual([1]);
    expect(await shown()).toMatchObject({ quote: "保", parts: [{ quote: "本" }] });
  });

  it("find it when two processes store the parts at once", async () => {
    await write(within(own));
    await Promise.all([
      archive([{ seq: 1, text: "保" }], openStore()),
      archive([{ seq: 2, text: "本" }], openStore()),
    ]);
    expect(await hits()).toHaveLength(1);
  });

  it("do not join what two people said, or what was said in two chats", async () => {
    await write(within(own));
    await archive([
      { seq: 1, text: "保" },
      { seq: 2, text: "本", from: "wmA", to: "ChenLi" },
      { seq: 3, text: "本", to: "wmB" },
      { seq: 4, text: "本", at: 4000 },
    ]);
    expect(await hits()).toEqual([]);
  });

  it("find a number split over messages and never show all of it", async () => {
    await write(
      { kind: "any", of: [{ kind: "value", value: "mobile" }] },
      { words: [], variants: "strong" },
    );
    await archive([
      { seq: 1, text: "打我电话138" },
      { seq: 2, text: "0013" },
      { seq: 3, text: "8000" },
    ]);
    expect(await hits()).toEqual([3]);
    expect((await shown()).parts.map(({ quote }) => quote)).toEqual(["打我电话***", "****"]);
  });

  it("ask for the kind of message, its files and their size", async () => {
    await write({ kind: "content", anyOf: ["redpacket"] }, { words: [] });
    await write(
      { kind: "content", anyOf: ["file"], extensions: ["xlsx"], atLeastBytes: 1000 },
      { words: [] },
    );
    const file = (filename: string, filesize: number) => ({
      msgtype: "file",
      file: { sdkfileid: "f", md5sum: "", filename, filesize },
    });
    await archive([
      {
        seq: 1,
        wire: {
          msgtype: "redpacket",
          redpacket: { wish: "恭喜发财", totalcnt: 1, totalamount: 1 },
        },
      },
      { seq: 2, wire: file("客户名单.XLSX", 1000) },
      { seq: 3, wire: file("客户名单.xlsx", 999) },
      { seq: 4, wire: file("海报.pdf", 5000) },
    ]);
    expect(await hits()).toEqual([1, 2]);
  });

  it("ask where, when, whose and to whom", async () => {
    world.company.customers.set(
      "wmA",
      customer("wmA", [
        ["ChenLi", { tags: [{ group_name: "阶段", tag_name: "方案报价", type: 1 }] }],
      ]),
    );
    await customers.nameOf("wmA");
    const { departmentIds } = await world.members.get("chenli");
    const facts: Condition[] = [
      { kind: "scene", anyOf: ["single"] },
      { kind: "time", isWorkingTime: false },
      { kind: "member", departmentIds: [1], memberIds: [] },
      { kind: "customer", tags: ["方案报价"] },
    ];
    expect(departmentIds).not.toContain(1);
    await write({ kind: "all", of: [own, ...facts] });
    const at = (time: string): number => (Date.parse(`${time}+08:00`) - startMs) / secondMs;
    await archive([
      { seq: 1, text: "保本", at: at("2026-11-20T10:00:00") },
      { seq: 2, text: "保本", at: at("2026-11-20T20:00:00") },
      // A Saturday on which people work, a Sunday on which they do not, and a holiday.
      { seq: 3, text: "保本", at: at("2026-11-21T10:00:00") },
      { seq: 4, text: "保本", at: at("2026-11-22T10:00:00") },
    ]);
    expect(await hits()).toEqual([2, 4]);
  });

  it("see a recall that comes soon after", async () => {
    await write({ kind: "recall", withinMinutes: 1 }, { words: [] });
    const recall = (of: number) => ({
      action: "recall",
      msgtype: "revoke",
      revoke: { pre_msgid: `m${of}_external` },
    });
    await archive([
      { seq: 1, text: "好", at: 0 },
      { seq: 2, text: "好", at: 0 },
    ]);
    await archive([
      { seq: 3, at: 60, wire: recall(1) },
      { seq: 4, at: 61, wire: recall(2) },
    ]);
    expect(await hits()).toEqual([3]);
    expect((await shown()).quote).toBe("［撤回了一条消息］");
  });
});
