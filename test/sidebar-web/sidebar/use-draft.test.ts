import { nextTick, shallowRef } from "vue";
import { ApiError } from "../../../sidebar-web/src/api.ts";
import { createDraftMemory } from "../../../sidebar-web/src/sidebar/draft-memory.ts";
import { loadDraftRules, type DraftRules } from "../../../sidebar-web/src/sidebar/draft-rules.ts";
import {
  maxDraftLength,
  useDraft,
  type Draft,
} from "../../../sidebar-web/src/sidebar/use-draft.ts";
import { BridgeError } from "../../../sidebar-web/src/sidebar/wecom-bridge.ts";
import { serializeRules } from "#shared/rules/compile";
import { starterRules } from "#shared/rules/starter-rules";
import { finding, sidebarRules } from "../samples.ts";

const rules = sidebarRules(
  { id: "guarantee", words: ["保本保息"] },
  { id: "superlative", level: "caution", words: ["行业第一"], exceptions: [] },
  { id: "complaint", level: "notice", words: ["投诉"], speaker: "customer" },
);

function setUp(): {
  draft: Draft;
  check: jest.Mock;
  send: jest.Mock;
  onSent: jest.Mock;
  rules: ReturnType<typeof shallowRef<DraftRules | null>>;
} {
  const deps = {
    rules: shallowRef<DraftRules | null>(loadDraftRules(rules)),
    check: jest.fn(() => Promise.resolve({ level: null, findings: [] as unknown[] })),
    send: jest.fn(() => Promise.resolve()),
    onSent: jest.fn(),
    memory: createDraftMemory(sessionStorage, "wm1"),
  };
  return { draft: useDraft(deps as never), ...deps };
}

const write = async (draft: Draft, text: string): Promise<void> => {
  draft.edit(text);
  await nextTick();
};

beforeEach(() => sessionStorage.clear());

test("each keystroke is checked at once, without the server", () => {
  const { draft, check } = setUp();
  draft.edit("这款理财保本保");
  expect(draft.findings).toEqual([]);
  draft.edit("这款理财保本保息");
  expect(draft.findings).toMatchObject([
    { ruleId: "guarantee", spans: [{ start: 4, end: 8, word: "保本保息" }], clause: "《手册》3.2" },
  ]);
  expect(draft.level).toBe("forbidden");
  expect(check).not.toHaveBeenCalled();
});

test("rules about customers say nothing of a draft", () => {
  const { draft } = setUp();
  draft.edit("您可以投诉");
  expect(draft.findings).toEqual([]);
});

test("new rules judge the text that stands", () => {
  const { draft, rules: current } = setUp();
  draft.edit("周末愉快");
  current.value = loadDraftRules(sidebarRules({ words: ["周末"] }));
  expect(draft.level).toBe("forbidden");
});

test("a harmless draft is looked at by the server, sent and cleared", async () => {
  const { draft, check, send, onSent } = setUp();
  await write(draft, "明天见");
  await draft.submit();
  expect(check).toHaveBeenCalledWith("明天见");
  expect(send).toHaveBeenCalledWith("明天见");
  expect(onSent).toHaveBeenCalledTimes(1);
  expect(draft).toMatchObject({ text: "", phase: "editing", problem: null });
});

test("a forbidden draft cannot be sent", async () => {
  const { draft, check, send } = setUp();
  await write(draft, "保本保息");
  expect(draft.canSend).toBe(false);
  await draft.submit();
  expect(check).not.toHaveBeenCalled();
  expect(send).not.toHaveBeenCalled();
});

test.each(["", "  \n", "长".repeat(maxDraftLength + 1)])("nothing to send: %#", async (text) => {
  const { draft } = setUp();
  await write(draft, text);
  expect(draft.canSend).toBe(false);
});

test("caution asks once, and sends when the answer is 仍要发送", async () => {
  const { draft, check, send } = setUp();
  check.mockResolvedValue({
    level: "caution",
    findings: [finding({ ruleId: "superlative", level: "caution" })],
  });
  await write(draft, "我们行业第一");
  await draft.submit();
  expect(draft.phase).toBe("confirming");
  expect(check).not.toHaveBeenCalled();
  await draft.submitAnyway();
  expect(send).toHaveBeenCalledWith("我们行业第一");
});

test("a change of the text takes the question back", async () => {
  const { draft } = setUp();
  await write(draft, "我们行业第一");
  await draft.submit();
  await write(draft, "我们行业第一！");
  expect(draft.phase).toBe("editing");
  await draft.submit();
  expect(draft.phase).toBe("confirming");
});

test("what only the server knows is shown and stops the draft", async () => {
  const { draft, check, send } = setUp();
  const secret = finding({ ruleId: "secret", spans: [] });
  check.mockResolvedValue({ level: "forbidden", findings: [secret] });
  await write(draft, "一句话");
  await draft.submit();
  expect(send).not.toHaveBeenCalled();
  expect(draft).toMatchObject({ text: "一句话", level: "forbidden", findings: [secret] });
  await write(draft, "一句话。");
  expect(draft.findings).toEqual([]);
});

test("a caution that only the server knows is asked about, though another was accepted", async () => {
  const { draft, check, send } = setUp();
  check.mockResolvedValue({
    level: "caution",
    findings: [finding({ ruleId: "secret", level: "caution", spans: [] })],
  });
  await write(draft, "我们行业第一");
  await draft.submit();
  await draft.submitAnyway();
  expect(draft.phase).toBe("confirming");
  expect(send).not.toHaveBeenCalled();
  await draft.submitAnyway();
  expect(send).toHaveBeenCalledTimes(1);
});

test("when the server cannot look, nothing is sent and the text stays", async () => {
  const { draft, check, send } = setUp();
  check.mockRejectedValue(new ApiError("no_connection", "网络不通，请检查网络后重试。"));
  await write(draft, "明天见");
  await draft.submit();
  expect(send).not.toHaveBeenCalled();
  expect(draft).toMatchObject({ text: "明天见", phase: "editing" });
  expect(draft.problem).toContain("网络不通");
});

test.each([
  [new BridgeError("failed", "sendChatMessage:fail"), "没有接受"],
  [new BridgeError("timeout", "sendChatMessage"), "不确定是否已发出"],
])("a message that WeCom does not take keeps the text", async (failure, sentence) => {
  const { draft, send, onSent } = setUp();
  send.mockRejectedValue(failure);
  await write(draft, "明天见");
  await draft.submit();
  expect(draft.text).toBe("明天见");
  expect(draft.problem).toContain(sentence);
  expect(onSent).not.toHaveBeenCalled();
});

test("a second press while the first is on its way sends nothing twice", async () => {
  const { draft, send } = setUp();
  await write(draft, "明天见");
  await Promise.all([draft.submit(), draft.submit()]);
  expect(send).toHaveBeenCalledTimes(1);
});

test("用这句替换 can be undone until something is written by hand", async () => {
  const { draft } = setUp();
  await write(draft, "保本保息，买吗");
  draft.replace(draft.findings[0]!);
  expect(draft.text).toBe("过往收益不代表未来，买吗");
  draft.undoReplace();
  expect(draft.text).toBe("保本保息，买吗");
  draft.replace(draft.findings[0]!);
  draft.edit("我自己写的");
  expect(draft.hasReplaced).toBe(false);
});

test("a ready wording is put below what is written", () => {
  const { draft } = setUp();
  draft.insert("甲");
  draft.insert("乙");
  expect(draft.text).toBe("甲\n乙");
});

test("the draft outlives a reload of the page, until it is sent", async () => {
  const first = setUp().draft;
  await write(first, "明天见");
  const second = setUp();
  expect(second.draft.text).toBe("明天见");
  await second.draft.submit();
  await nextTick();
  expect(setUp().draft.text).toBe("");
});

test("the starter rules find both problems of the model sentence, far within 50 ms", () => {
  const compiled = loadDraftRules({ version: 1, buffer: serializeRules(starterRules) });
  const sentence = "这款理财保本保息，加我私人微信聊";
  const startedAt = performance.now();
  const found = compiled.find(sentence);
  expect(performance.now() - startedAt).toBeLessThan(50);
  expect(found).toHaveLength(2);
  for (const one of found) expect(one.level).toBe("forbidden");
});
