import { existsSync } from "node:fs";
import path from "node:path";
import type {
  ArchiveState,
  ChatMessageView,
  CompanyView,
  ConversationList,
  Faults,
  MessagePage,
  PhoneView,
} from "./client-contract.ts";
import { startFakeReceiver, type FakeReceiver } from "./testing/fake-receiver.ts";
import { CUSTOMER, PARTNER, ROOM } from "./testing/small-company.ts";
import { startFixture, type TwinFixture } from "./testing/twin-fixture.ts";

const CHAT = `single:chenli:${CUSTOMER}`;
let receiver: FakeReceiver;
let fixture: TwinFixture;
beforeEach(async () => {
  receiver = await startFakeReceiver();
  fixture = await startFixture({ appUrl: receiver.url });
});
afterEach(async () => {
  await fixture.close();
  await receiver.close();
});

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- names the contract's type at each call
const request = async <Answer>(path: string, method = "GET", body?: unknown) => {
  const answer = await fetch(`${fixture.twin.url}/client/api${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Answer };
};

test("the company names its members, admins and the product's address", async () => {
  const { body } = await request<CompanyView>("/company");
  expect(body.productUrl).toBe(fixture.twin.gatewayUrl);
  expect(body.members).toMatchObject([
    { id: "chenli", name: "陈丽", department: "一组", isAdmin: false, conversationCount: 4 },
    { id: "zhangwei", isLeader: true, conversationCount: 1 },
    { id: "liuyang", isAdmin: true, conversationCount: 0 },
    { id: "sunhao" },
  ]);
});

test("conversations come newest first and can be searched and paged", async () => {
  const list = (query: string) =>
    request<ConversationList>(`/conversations?memberId=chenli&${query}`);
  const { body } = await list("");
  expect(body.total).toBe(4);
  expect(body.conversations.map(({ id }) => id)).toEqual([
    `group:${ROOM}`,
    "single:chenli:wm00000000000000000000000000000002",
    CHAT,
    `single:chenli:${PARTNER}`,
  ]);
  expect(body.conversations[3]).toMatchObject({
    kind: "single",
    title: "何经理（备注）",
    origin: "@远山科技",
    customerId: PARTNER,
    lastText: "合作方案发你了",
  });
  expect(body.conversations[0]).toMatchObject({ kind: "group", origin: "", roomId: ROOM });
  expect((await list("query=阿秀")).body.total).toBe(2);
  expect((await list("limit=1&offset=3")).body.conversations).toHaveLength(1);
  expect((await request("/conversations")).status).toBe(400);
});

test("messages are paged backwards", async () => {
  for (let i = 0; i < 5; i += 1) {
    await request("/messages", "POST", { conversationId: CHAT, fromId: "chenli", text: `${i}` });
  }
  const page = async (more: string) =>
    (await request<MessagePage>(`/messages?conversationId=${CHAT}&limit=3${more}`)).body;
  const newest = await page("");
  expect(newest.messages.map(({ text }) => text)).toEqual(["2", "3", "4"]);
  expect(newest.hasOlder).toBe(true);
  const older = await page(`&beforeId=${newest.messages[0]!.id}`);
  expect(older.messages.map(({ text }) => text)).toEqual([
    "您好，我是陈丽，很高兴为您服务",
    "0",
    "1",
  ]);
  const oldest = await page(`&beforeId=${older.messages[0]!.id}`);
  expect(oldest.hasOlder).toBe(false);
  expect(oldest.messages[0]).toMatchObject({ fromSide: "customer", fromName: "阿秀" });
});

test("refusals are sentences", async () => {
  const message = { conversationId: CHAT, fromId: "sunhao", text: "x" };
  expect(await request("/messages", "POST", message)).toEqual({
    status: 403,
    body: { error: "这个人不在会话里" },
  });
  expect((await request("/messages", "POST", { ...message, conversationId: "no" })).status).toBe(
    404,
  );
  expect((await request("/messages/none/recall", "POST", {})).status).toBe(404);
});

test("what happens is told to the open clients of those concerned", async () => {
  const events = await openEvents("chenli");
  const sent = await request<ChatMessageView>("/messages", "POST", {
    conversationId: CHAT,
    fromId: CUSTOMER,
    text: "在吗",
  });
  expect(await events.next()).toEqual(["message", { conversationId: CHAT, message: sent.body }]);
  await request(`/messages/${sent.body.id}/recall`, "POST");
  expect(await events.next()).toEqual([
    "recall",
    { conversationId: CHAT, messageId: sent.body.id },
  ]);
  await fixture.call("app", "/message/send", {
    agentid: 1_000_002,
    touser: "chenli",
    msgtype: "text",
    text: { content: "提醒" },
  });
  expect(await events.next()).toEqual(["card", expect.objectContaining({ kind: "text" })]);
  await events.close();
});

test("the phone shows cards and a second tap after the update is refused", async () => {
  const sent = await fixture.call("app", "/message/send", {
    agentid: 1_000_002,
    touser: "zhangwei",
    msgtype: "template_card",
    template_card: {
      card_type: "button_interaction",
      task_id: "t1",
      button_list: [{ text: "处理", key: "handle" }],
    },
  });
  const { body } = await request<PhoneView>("/phone?memberId=zhangwei");
  expect(body).toMatchObject({ appName: "销售合规助手", items: [{ msgId: sent["msgid"] }] });
  const tap = { memberId: "zhangwei", msgId: sent["msgid"], buttonKey: "handle" };
  expect((await request("/phone/tap", "POST", tap)).status).toBe(200);
  await fixture.call("app", "/message/update_template_card", {
    agentid: 1_000_002,
    userids: ["zhangwei"],
    response_code: sent["response_code"],
    button: { replace_name: "已处理" },
  });
  expect(await request("/phone/tap", "POST", tap)).toEqual({
    status: 409,
    body: { error: "这张卡片已经处理过了" },
  });
});

test("the control panel breaks things, turns keys and shows the archive", async () => {
  const faults = await request<Faults>("/faults", "PATCH", { apiErrcode: -1, callbackCopies: 2 });
  expect(faults.body).toMatchObject({ apiErrcode: -1, callbackCopies: 2, dropCallbacks: false });
  expect((await request<Faults>("/faults")).body).toEqual(faults.body);
  expect((await request("/faults", "PATCH", { callbackCopies: 0 })).status).toBe(400);
  const rotated = await request<ArchiveState>("/archive/rotate-key", "POST", { deliver: false });
  expect(rotated.body).toMatchObject({ keyVersion: 2, deliveredKeyVersions: [1] });
  const delivered = await request<ArchiveState>("/archive/deliver-keys", "POST");
  expect(delivered.body.deliveredKeyVersions).toEqual([1, 2]);
  expect(existsSync(path.join(fixture.folder, "keys", "2.pem"))).toBe(true);
  const { body } = await request<ArchiveState>("/archive");
  expect(body).toEqual(delivered.body);
  expect(body.messageCount).toBe(fixture.twin.archiveItems().length);
});

test("a bridge call goes through HTTP", async () => {
  const call = {
    memberId: "chenli",
    conversationId: CHAT,
    entry: "single_chat_tools",
    frameUrl: "http://localhost/",
    name: "getContext",
    params: {},
  };
  expect((await request("/bridge", "POST", call)).body).toEqual({
    err_msg: "getContext:fail no permission",
  });
});

/** Reads the event stream of one member; comments are skipped. */
async function openEvents(memberId: string) {
  const answer = await fetch(`${fixture.twin.url}/client/api/events?memberId=${memberId}`);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  const nextBlock = async (): Promise<string> => {
    for (;;) {
      const end = buffer.indexOf("\n\n");
      if (end >= 0) {
        const block = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        if (!block.startsWith(":")) return block;
      } else buffer += (await reader.read()).value ?? "";
    }
  };
  return {
    async next(): Promise<[string, unknown]> {
      const [event = "", data = ""] = (await nextBlock()).split("\n");
      return [event.slice("event: ".length), JSON.parse(data.slice("data: ".length))];
    },
    close: () => reader.cancel(),
  };
}
