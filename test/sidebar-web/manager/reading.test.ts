import type { MediaView } from "#shared/contract/media";
import type {
  ConversationView,
  MessageKind,
  MessagePart,
  MessageView,
  ReadingView,
} from "#shared/contract/reading";
import { mount } from "@vue/test-utils";
import { createPinia, setActivePinia } from "pinia";
import {
  describeFilter,
  emptyFilter,
  toFilter,
} from "../../../sidebar-web/src/manager/conversation-filter.ts";
import { useConversationsStore } from "../../../sidebar-web/src/manager/conversations.store.ts";
import MessageRow from "../../../sidebar-web/src/manager/MessageRow.vue";
import {
  kindLabel,
  nameOfSender,
  titleOfConversation,
} from "../../../sidebar-web/src/manager/reading-words.ts";
import { useReadingsStore } from "../../../sidebar-web/src/manager/readings.store.ts";
import { useConversation } from "../../../sidebar-web/src/manager/use-conversation.ts";
import { fakeFetch, type FakeAnswer, type FakeFetch } from "../fake-fetch.ts";
import { finding } from "../samples.ts";

const PURPOSE = "客户投诉，核实承诺内容";

function conversation(over: Partial<ConversationView> = {}): ConversationView {
  return {
    id: "s:chenli:wm1",
    kind: "single",
    members: [{ id: "chenli", name: "陈丽" }],
    customerId: "wm1",
    customerName: "李**",
    roomId: null,
    groupName: null,
    messageCount: 3,
    firstAtMs: 0,
    lastAtMs: 1_000,
    expired: null,
    openCaseCount: 0,
    ...over,
  };
}

function part(over: Partial<MessagePart> = {}): MessagePart {
  const nothing = { media: null, seconds: null, redPacket: null };
  return { kind: "text", depth: 0, start: 0, end: 0, ...nothing, ...over };
}

/** Of one part, unless told otherwise. */
function message(over: Partial<MessageView> = {}): MessageView {
  const { kind = "text", text = "您好" } = over;
  return {
    parts: [part({ kind, end: text.length })],
    seq: 1,
    sentAtMs: 1_000,
    speaker: "member",
    senderName: "陈丽",
    kind: "text",
    recalledAtMs: null,
    text: "您好",
    isErased: false,
    findings: [],
    ...over,
  };
}

function reading(over: Partial<ReadingView> = {}): ReadingView {
  return {
    id: "r1",
    conversation: conversation(),
    anchorSeq: null,
    readerName: "张伟",
    startedAtMs: Date.now(),
    expiresAtMs: Date.now() + 1_800_000,
    ...over,
  };
}

function answer(...answers: (FakeAnswer | Error)[]): FakeFetch {
  const fake = fakeFetch(...answers);
  globalThis.fetch = fake.fetch;
  return fake;
}
const pageOf = (seqs: number[], older: string | null, newer: string | null): FakeAnswer => ({
  body: { messages: seqs.map((seq) => message({ seq })), olderCursor: older, newerCursor: newer },
});
const refusal = { status: 404, body: { code: "not_found", message: "没有找到", requestId: "r" } };
const target = { conversationId: "s:chenli:wm1" };
const urls = (fake: FakeFetch): string[] => fake.requests.map(({ url }) => url);

beforeEach(() => setActivePinia(createPinia()));

describe("the filter", () => {
  test("means whole days of Shanghai, both included", () => {
    const form = { ...emptyFilter(), fromDay: "2026-03-08", toDay: "2026-03-08" };
    const fromMs = Date.parse("2026-03-07T16:00:00Z");
    expect(toFilter(form)).toEqual({ fromMs, toMs: fromMs + 86_400_000 });
  });

  test("says nothing of what is not chosen", () => {
    expect(toFilter(emptyFilter())).toEqual({});
    expect(toFilter({ ...emptyFilter(), fromDay: "2026-" })).toEqual({});
    expect(describeFilter(emptyFilter(), null)).toEqual([]);
  });

  test("is put into the words of its controls", () => {
    const form = {
      ...emptyFilter(),
      memberId: "chenli",
      departmentId: "31",
      kind: "group" as const,
      messageKind: "file" as const,
      fromDay: "2026-03-08",
      hasHit: true,
      customer: { id: "wm1", name: "李**" },
    };
    const scope = {
      members: [{ id: "chenli", name: "陈丽" }],
      departments: [{ id: 31, name: "一组" }],
    };
    expect(describeFilter(form, scope)).toEqual([
      "陈丽",
      "一组",
      "李**",
      "客户群",
      "文件",
      "2026-03-08 以后",
      "有告警",
    ]);
    expect(toFilter(form)).toMatchObject({ departmentId: 31, hasHit: "yes", customerId: "wm1" });
  });
});

test("the list asks with its filter, page after page, and shows nothing twice", async () => {
  const list = (ids: string[], nextCursor: string | null): FakeAnswer => ({
    body: { conversations: ids.map((id) => conversation({ id })), nextCursor },
  });
  const fake = answer(list(["a", "b"], "5.b"), list(["b", "c"], null));
  const store = useConversationsStore();
  await store.narrow({ ...emptyFilter(), memberId: "chenli" });
  await store.loadMore();
  expect(store.conversations?.map(({ id }) => id)).toEqual(["a", "b", "c"]);
  expect(urls(fake)).toEqual([
    "/api/manager/conversations?memberId=chenli",
    "/api/manager/conversations?memberId=chenli&cursor=5.b",
  ]);
});

test("a list that cannot be refreshed stays and says so", async () => {
  answer({ body: { conversations: [conversation()], nextCursor: null } }, new TypeError("offline"));
  const store = useConversationsStore();
  await store.refresh();
  await store.refresh();
  expect(store.conversations).toHaveLength(1);
  expect(store.error?.code).toBe("no_connection");
});

describe("a conversation", () => {
  test("asks for nothing before the reason is given", async () => {
    const fake = answer({ status: 201, body: reading() }, pageOf([1, 2], null, null));
    const page = useConversation(target, null, useReadingsStore());
    expect(page.reading.value).toBeNull();
    expect(fake.requests).toHaveLength(0);
    await page.start(PURPOSE);
    expect(urls(fake)).toEqual(["/api/manager/readings", "/api/manager/readings/r1/messages"]);
    expect(fake.requests[0]?.init.body).toBe(JSON.stringify({ ...target, purpose: PURPOSE }));
    expect(page.messages.value?.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test("opens at the message that it is about, and goes on in both directions", async () => {
    const fake = answer(
      { status: 201, body: reading({ anchorSeq: 7 }) },
      pageOf([6, 7, 8], "6.6", "8.8"),
      pageOf([4, 5], null, "5.5"),
      pageOf([9], "9.9", null),
    );
    const page = useConversation({ caseId: "c1" }, null, useReadingsStore());
    await page.start(PURPOSE);
    await page.loadOlder();
    await page.loadNewer();
    expect(page.messages.value?.map(({ seq }) => seq)).toEqual([4, 5, 6, 7, 8, 9]);
    expect([page.olderCursor.value, page.newerCursor.value]).toEqual([null, null]);
    expect(urls(fake).slice(1)).toEqual([
      "/api/manager/readings/r1/messages?around=7",
      "/api/manager/readings/r1/messages?before=6.6",
      "/api/manager/readings/r1/messages?after=8.8",
    ]);
  });

  test("that is open already does not ask for the reason again", () => {
    const store = useReadingsStore();
    store.keep({ caseId: "c1" }, reading({ anchorSeq: 7 }));
    const fake = answer(pageOf([1], null, null));
    const page = useConversation(target, null, store);
    expect(page.reading.value?.id).toBe("r1");
    expect(urls(fake)).toEqual(["/api/manager/readings/r1/messages"]);
  });

  test("whose reading has run out takes everything off the page", async () => {
    answer({ status: 201, body: reading() }, pageOf([1], "1.1", null), refusal);
    const store = useReadingsStore();
    const page = useConversation(target, null, store);
    await page.start(PURPOSE);
    await page.loadOlder();
    expect(page.reading.value).toBeNull();
    expect(page.messages.value).toBeNull();
    expect(page.hasExpired.value).toBe(true);
    expect(store.find(target, Date.now())).toBeNull();
    expect(store.lastPurpose).toBe(PURPOSE);
  });

  test("ends by the clock, too", async () => {
    const expiresAtMs = Date.now() + 1_000;
    answer({ status: 201, body: reading({ expiresAtMs }) }, pageOf([1], null, null));
    const page = useConversation(target, null, useReadingsStore());
    await page.start(PURPOSE);
    page.checkExpiry(expiresAtMs - 1);
    expect(page.messages.value).toHaveLength(1);
    page.checkExpiry(expiresAtMs);
    expect(page.messages.value).toBeNull();
  });

  test("that may not be read says so and leaves the reason as it was typed", async () => {
    answer(refusal);
    const page = useConversation(target, null, useReadingsStore());
    await page.start(PURPOSE);
    expect(page.error.value?.code).toBe("not_found");
    expect(page.reading.value).toBeNull();
    expect(page.hasExpired.value).toBe(false);
  });

  test("that could not be loaded can be tried again under the same reason", async () => {
    const fake = answer(
      { status: 201, body: reading() },
      new TypeError("offline"),
      pageOf([1], null, null),
    );
    const page = useConversation(target, null, useReadingsStore());
    await page.start(PURPOSE);
    expect(page.error.value?.code).toBe("no_connection");
    await page.retry();
    expect(page.messages.value).toHaveLength(1);
    expect(fake.requests).toHaveLength(3);
  });
});

test("conversations and senders are called by their names, or by what they are", () => {
  expect(titleOfConversation(conversation())).toBe("陈丽 与 李**");
  expect(titleOfConversation(conversation({ customerName: null }))).toBe("陈丽 与 客户");
  const group = { kind: "group" as const, groupName: "交流群" };
  expect(titleOfConversation(conversation(group))).toBe("交流群");
  expect(titleOfConversation(conversation({ ...group, groupName: null }))).toBe("客户群");
  const both = [
    { id: "chenli", name: "陈丽" },
    { id: "wuhao", name: "吴昊" },
  ];
  expect(titleOfConversation(conversation({ kind: "internal", members: both }))).toBe(
    "陈丽 与 吴昊",
  );
  expect(nameOfSender(message({ senderName: "", speaker: "robot" }))).toBe("机器人");
  expect(kindLabel(message())).toBeNull();
  expect(kindLabel(message({ kind: "file" }))).toBe("[文件]");
});

describe("a message", () => {
  const show = (over: Partial<MessageView>) =>
    mount(MessageRow, {
      props: { view: message(over), readingId: "r1", nowMs: 1_000, isAnchor: false },
    });

  test("shows its words as text, with hits marked and named", () => {
    const said = '<img src=x onerror="x">保本';
    const start = said.indexOf("保本");
    const findings = [finding({ spans: [{ start, end: start + 2, word: "保本" }] })];
    const wrapper = show({ text: said, findings });
    expect(wrapper.find(".message-text").text()).toBe(said);
    expect(wrapper.find("img").exists()).toBe(false);
    expect(wrapper.find("mark.mark-forbidden").text()).toBe("保本");
    expect(wrapper.text()).toContain("承诺保本保息");
  });

  test("that is no text says what it is", () => {
    expect(show({ kind: "file", text: "报价单.xlsx" }).find(".message-text").text()).toMatch(
      /^\[文件\]\s*报价单.xlsx$/,
    );
    expect(show({ kind: "voice", text: "" }).text()).toContain("[语音]");
    expect(show({ kind: "revoke", text: "" }).text()).toContain("撤回了一条消息");
  });

  test("that was recalled or erased says so", () => {
    expect(show({ recalledAtMs: 1_000 }).text()).toMatch(/您好[\s\S]*已撤回/);
    expect(show({ isErased: true, text: "" }).text()).toContain("内容已按规定销毁");
  });

  const file = (over: Partial<MediaView> = {}): MediaView => ({
    id: "7-0",
    state: "stored",
    problem: null,
    sizeBytes: 5000,
    ...over,
  });
  const showMedia = (kind: MessageKind, over: Partial<MediaView> = {}) =>
    show({ kind, text: "", parts: [part({ kind, media: file(over), seconds: 8 })] });
  const url = "/api/manager/readings/r1/media/7-0";

  test.each([
    ["image", "img"],
    ["emotion", "img"],
    ["voice", "audio"],
    ["video", "video"],
  ] as const)("with a file shows it: %s", async (kind, element) => {
    const wrapper = showMedia(kind);
    expect(wrapper.get(element).attributes("src")).toBe(url);
    expect(wrapper.find("a").exists()).toBe(false);
    await wrapper.get(element).trigger("error");
    expect(wrapper.find(element).exists()).toBe(false);
    expect(wrapper.text()).toContain("无法预览");
    expect(wrapper.get("a").attributes("href")).toBe(`${url}?download=yes`);
  });

  test("with a document offers it for saving", () => {
    const wrapper = showMedia("file");
    expect(wrapper.get("a").attributes("href")).toBe(`${url}?download=yes`);
    expect(wrapper.get("a").text()).toBe("下载（5 KB）");
  });

  test.each<[string, Partial<MediaView>]>([
    ["正在从企业微信获取", { state: "waiting" }],
    ["暂时连不上企业微信", { state: "waiting", problem: "unreachable" }],
    ["企业微信已不再保存", { state: "expired" }],
    ["文件编号无效", { state: "failed", problem: "bad_id" }],
    ["多次尝试仍未取到", { state: "failed", problem: "gave_up" }],
    ["文件已按规定销毁", { state: "erased" }],
    ["没有留存文件", { state: "none", id: "" }],
  ])("whose file is not there says why: %s", (words, over) => {
    const wrapper = showMedia("image", over);
    expect(wrapper.text()).toContain(words);
    expect(wrapper.find("img, a").exists()).toBe(false);
    expect(wrapper.text()).toContain("[图片]");
  });

  test("whose file is odd shows it and says so", () => {
    const wrapper = showMedia("image", { problem: "mismatch" });
    expect(wrapper.find("img").exists()).toBe(true);
    expect(wrapper.text()).toContain("与企业微信登记的校验值不一致");
  });

  test("of several parts shows each with its own hits", () => {
    const said = "群聊的聊天记录\n保本吗\n活动说明\n保本保息";
    const at = (word: string, from = 0) => {
      const start = said.indexOf(word, from);
      return { start, end: start + word.length, word };
    };
    const wrapper = show({
      kind: "chatrecord",
      text: said,
      findings: [finding({ spans: [at("保本"), at("保本保息")] })],
      parts: [
        part({ kind: "chatrecord", end: 7 }),
        part({ start: 8, end: 11, depth: 1 }),
        part({ kind: "link", start: 12, end: said.length, depth: 1 }),
      ],
    });
    const shown = wrapper.findAll(".message-part").map((one) => one.text());
    expect(shown[0]).toMatch(/^\[聊天记录\]\s*群聊的聊天记录$/);
    expect(shown[1]).toBe("保本吗");
    expect(shown[2]).toMatch(/^\[链接\]\s*活动说明\s*保本保息$/);
    expect(wrapper.findAll("mark").map((one) => one.text())).toEqual(["保本", "保本保息"]);
  });

  test("tells how long a call was and what lay in a red packet", () => {
    const call = part({ kind: "call", seconds: 155 });
    expect(show({ kind: "call", text: "", parts: [call] }).text()).toMatch(/\[通话\]\s*2 分 35 秒/);
    const redPacket = part({ kind: "redpacket", end: 4, redPacket: { count: 2, amount: 888 } });
    const wrapper = show({ kind: "redpacket", text: "恭喜发财", parts: [redPacket] });
    expect(wrapper.text()).toMatch(/\[红包\]\s*恭喜发财\s*2 个，共 8.88 元/);
  });
});
