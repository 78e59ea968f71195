import { compileRules } from "#shared/rules/compile";
import { bufferOf, loadRules } from "#shared/rules/compiled-rules";
import type { Condition } from "#shared/rules/condition";
import { explain } from "#shared/rules/explain";
import type { MessageFacts } from "#shared/rules/facts";
import type { Rule } from "#shared/rules/rule";
import { scan } from "#shared/rules/scan";
import type { ScanOptions } from "#shared/rules/scan";
import { sounds } from "#shared/rules/sound-table";
import type { Sibling } from "#shared/rules/window";
import { createRandom } from "./evasion/perturb.ts";
import { makeRule } from "./make-rule.ts";

const minuteMs = 60_000;
const own: Condition = { kind: "words", words: null };
const words = (...list: string[]): Condition => ({ kind: "words", words: list });
const mobile: Condition = { kind: "value", value: "mobile" };
const within = (of: Condition, messages = 5, minutes = 10): Condition => ({
  kind: "window",
  messages,
  minutes,
  of,
});

/** The messages of one speaker, ten seconds apart, named by their place in the list. */
function siblingsOf(texts: readonly string[], gapMs = 10_000): Sibling[] {
  return texts.map((text, id) => ({ id, text, sentAtMs: id * gapMs }));
}

function optionsFor(messages: readonly Sibling[], present: number): ScanOptions {
  return {
    speaker: "member",
    sentAtMs: messages[present]?.sentAtMs ?? 0,
    before: messages.slice(0, present),
    after: messages.slice(present + 1),
  };
}

/** What is found when the last message comes, as `message:text`; the present one without a number. */
function findAtLast(rule: Rule, texts: readonly string[], gapMs?: number): string[] {
  const compiled = loadRules(bufferOf(compileRules([rule], { sounds })));
  const messages = siblingsOf(texts, gapMs);
  const last = texts.length - 1;
  return scan(compiled, texts[last] ?? "", optionsFor(messages, last)).flatMap((finding) => [
    ...(finding.elsewhere ?? []).map(
      ({ message, start, end }) => `${message}:${(texts[message] ?? "").slice(start, end)}`,
    ),
    ...finding.spans.map(({ start, end }) => (texts[last] ?? "").slice(start, end)),
  ]);
}

const strong = makeRule({ words: ["保本", "加我微信"], variants: "strong" });
const numbers = makeRule({
  words: [],
  variants: "strong",
  condition: { kind: "any", of: [mobile] },
});

test.each<[string, Rule, string[], string[]]>([
  ["a word in two messages", strong, ["保", "本"], ["0:保", "本"]],
  ["a word in four messages", strong, ["加", "我", "微", "信"], ["0:加", "1:我", "2:微", "信"]],
  ["a piece beside more", strong, ["这款产品真的是保", "本"], ["0:保", "本"]],
  ["with fillers at the border", strong, ["保.", "~本"], ["0:保.", "~本"]],
  ["homophones", strong, ["加", "窝", "薇", "信"], ["0:加", "1:窝", "2:薇", "信"]],
  ["a number", numbers, ["我的号138", "0013", "8000"], ["0:138", "1:0013", "8000"]],
  ["a number in circles", numbers, ["①③⑧", "00138000"], ["0:①③⑧", "00138000"]],
  ["what ended with an earlier message", strong, ["保", "本", "好的"], []],
  [
    "two whole sentences that touch",
    strong,
    ["您的账户安全由我们来确保", "本周五之前都可以办理"],
    [],
  ],
])("a strong rule finds %s", (_, rule, texts, expected) => {
  expect(findAtLast(rule, texts)).toEqual(expected);
});

test("pieces that are too far apart, in time or in messages, are none", () => {
  expect(findAtLast(strong, ["保", "本"], 4 * minuteMs)).not.toEqual([]);
  expect(findAtLast(strong, ["保", "本"], 6 * minuteMs)).toEqual([]);
  const rule = makeRule({ words: ["保本"], condition: within(own, 2) });
  expect(findAtLast(rule, ["保", "本"])).toEqual(["0:保", "本"]);
  expect(findAtLast(rule, ["保", "嗯", "本"])).toEqual([]);
});

test.each<[string, Condition, string[], string[]]>([
  [
    "both, in two messages",
    { kind: "all", of: [own, mobile] },
    ["保本的", "13800138000"],
    ["0:保本", "13800138000"],
  ],
  [
    "one after the other",
    { kind: "sequence", of: [own, words("转账")] },
    ["保本的", "转账吧"],
    ["0:保本", "转账"],
  ],
  ["the other way round", { kind: "sequence", of: [own, words("转账")] }, ["转账吧", "保本的"], []],
  ["twice", { kind: "count", atLeast: 2, of: own }, ["保本", "真的保本"], ["0:保本", "保本"]],
  [
    "not when excused nearby",
    { kind: "all", of: [own, { kind: "not", of: words("公司规定") }] },
    ["公司规定", "不能说保本"],
    [],
  ],
])("a window finds %s", (_, of, texts, expected) => {
  expect(findAtLast(makeRule({ words: ["保本"], condition: within(of) }), texts)).toEqual(expected);
});

test("a sequence needs its parts in order, however far apart, and none twice", () => {
  const rule = makeRule({
    words: [],
    condition: { kind: "sequence", of: [words("返点"), words("点"), words("转账")] },
  });
  expect(findAtLast(rule, ["返点，两个点，" + "好".repeat(500) + "转账"])).toHaveLength(3);
  expect(findAtLast(rule, ["返点，转账"])).toEqual([]);
  expect(findAtLast(rule, ["转账，点，返点"])).toEqual([]);
});

test("what a window held before the present message is told only once", () => {
  const rule = makeRule({ words: ["保本"], condition: within({ kind: "all", of: [own, mobile] }) });
  expect(findAtLast(rule, ["保本", "13800138000"])).not.toEqual([]);
  expect(findAtLast(rule, ["保本", "13800138000", "谢谢"])).toEqual([]);
});

test("a message that comes late completes what its successors began", () => {
  const compiled = compileRules([strong], { sounds });
  const messages = siblingsOf(["保", "本", "好"]);
  const [finding] = scan(compiled, "保", optionsFor(messages, 0));
  expect(finding).toMatchObject({
    spans: [{ start: 0, end: 1 }],
    elsewhere: [{ message: 1, start: 0, end: 1, word: "保本" }],
  });
});

describe("a window of exact words is the naive concatenation, message by message", () => {
  const rule = makeRule({
    words: ["保本", "本息本", "保保"],
    variants: "off",
    condition: within(own, 6),
  });
  const compiled = compileRules([rule]);
  const plain = compileRules([{ ...rule, condition: undefined }]);

  /** Units of the joined text in which something was found. */
  function covered(texts: readonly string[], order: readonly number[]): Set<number> {
    const starts = texts.map((_, at) => texts.slice(0, at).join("").length);
    const arrived = new Set<number>();
    const units = new Set<number>();
    const add = (message: number, start: number, end: number): void => {
      for (let at = start; at < end; at++) units.add((starts[message] ?? 0) + at);
    };
    for (const present of order) {
      arrived.add(present);
      const known = siblingsOf(texts).filter(({ id }) => arrived.has(id));
      const at = known.findIndex(({ id }) => id === present);
      const [found] = scan(compiled, texts[present] ?? "", optionsFor(known, at));
      for (const { start, end } of found?.spans ?? []) add(present, start, end);
      for (const { message, start, end } of found?.elsewhere ?? []) add(message, start, end);
    }
    return units;
  }

  function naively(texts: readonly string[]): Set<number> {
    const [found] = scan(plain, texts.join(""), { speaker: "member" });
    return new Set(
      (found?.spans ?? []).flatMap(({ start, end }) =>
        Array.from({ length: end - start }, (_, at) => start + at),
      ),
    );
  }

  const random = createRandom(4);
  const cases = Array.from({ length: 300 }, () =>
    Array.from({ length: 1 + random(6) }, () =>
      Array.from({ length: 1 + random(4) }, () => "保本息好"[random(4)]).join(""),
    ),
  );

  test("when they come in order", () => {
    for (const texts of cases) {
      const order = texts.map((_, at) => at);
      expect({ texts, units: [...covered(texts, order)].sort() }).toEqual({
        texts,
        units: [...naively(texts)].sort(),
      });
    }
  });

  test("nothing of it is missing in whatever order they come", () => {
    for (const texts of cases) {
      const order = texts.map((_, at) => at);
      for (let at = order.length - 1; at > 0; at--) {
        const other = random(at + 1);
        [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
      }
      const units = covered(texts, order);
      expect([...naively(texts)].filter((unit) => !units.has(unit))).toEqual([]);
    }
  });
});

test("an explanation shows the window's parts, and says why it was not enough", () => {
  const condition = within({ kind: "sequence", of: [own, words("转账")] });
  const compiled = compileRules([makeRule({ words: ["保本"], condition })]);
  const texts = ["保", "本", "转账"];
  const messages = siblingsOf(texts);
  expect(explain(compiled, "转账", optionsFor(messages, 2)).hits[0]?.condition).toMatchObject({
    condition: { kind: "window" },
    holds: true,
    of: [{ of: [{ holds: true, places: [{ message: 0 }, { message: 1 }] }, { holds: true }] }],
  });
  expect(
    explain(compiled, "本", optionsFor(messages.slice(0, 2), 1)).unmet[0]?.condition,
  ).toMatchObject({
    holds: false,
    of: [{ of: [{ holds: true }, { holds: false, places: [] }] }],
  });
});

describe("facts", () => {
  const hits = (condition: Condition, facts?: MessageFacts, text = "保本"): boolean =>
    scan(compileRules([makeRule({ words: ["保本"], condition })]), text, {
      speaker: "member",
      facts,
    }).length > 0;
  const and = (...of: Condition[]): Condition => ({ kind: "all", of });

  test.each<[string, Condition, MessageFacts, boolean]>([
    ["in a group", { kind: "scene", anyOf: ["group"] }, { scene: "group" }, true],
    ["elsewhere", { kind: "scene", anyOf: ["group"] }, { scene: "single" }, false],
    ["outside hours", { kind: "time", isWorkingTime: false }, { isWorkingTime: false }, true],
    [
      "of a department",
      { kind: "member", departmentIds: [2], memberIds: [] },
      { memberId: "a", departmentIds: [7, 2, 1] },
      true,
    ],
    [
      "of another one",
      { kind: "member", departmentIds: [2], memberIds: [] },
      { memberId: "a", departmentIds: [3, 1] },
      false,
    ],
    [
      "a member by name",
      { kind: "member", departmentIds: [], memberIds: ["a"] },
      { memberId: "a" },
      true,
    ],
    ["a tag", { kind: "customer", tags: ["重点"] }, { customerTags: ["新", "重点"] }, true],
    ["no tag", { kind: "customer", tags: ["重点"] }, { customerTags: [] }, false],
  ])("%s", (_, fact, facts, expected) => {
    expect(hits(and(own, fact), facts)).toBe(expected);
    expect(hits(and(own, { kind: "not", of: fact }), facts)).toBe(!expected);
  });

  test("what is not known counts against a hit, also under a negation", () => {
    const fact: Condition = { kind: "scene", anyOf: ["group"] };
    expect(hits(and(own, fact), {})).toBe(false);
    expect(hits(and(own, { kind: "not", of: fact }), {})).toBe(false);
    expect(hits(and(own, fact))).toBe(false);
  });

  test("a message without words may hit by what it holds", () => {
    const packet: Condition = { kind: "content", anyOf: ["redpacket"] };
    expect(hits(packet, { contents: [{ kind: "redpacket" }] }, "")).toBe(true);
    expect(hits(packet, { contents: [{ kind: "image" }] }, "")).toBe(false);
    const file: Condition = {
      kind: "content",
      anyOf: ["file"],
      extensions: ["XLSX"],
      atLeastBytes: 1000,
    };
    expect(hits(file, { contents: [{ kind: "file", extension: "xlsx", bytes: 1000 }] }, "")).toBe(
      true,
    );
    expect(hits(file, { contents: [{ kind: "file", extension: "xlsx", bytes: 999 }] }, "")).toBe(
      false,
    );
    expect(hits(file, { contents: [{ kind: "file", extension: "pdf", bytes: 1000 }] }, "")).toBe(
      false,
    );
  });

  test("a recall within so many minutes", () => {
    const recall: Condition = { kind: "recall", withinMinutes: 2 };
    expect(hits(recall, { recalledAfterMs: 2 * minuteMs }, "")).toBe(true);
    expect(hits(recall, { recalledAfterMs: 2 * minuteMs + 1 }, "")).toBe(false);
    expect(hits(recall, { recalledAfterMs: null }, "")).toBe(false);
  });

  test("said before, done now", () => {
    const condition = within(and(own, { kind: "content", anyOf: ["redpacket"] }));
    const compiled = compileRules([makeRule({ words: ["保本"], condition })]);
    const options = {
      ...optionsFor(siblingsOf(["保本", ""]), 1),
      facts: { contents: [{ kind: "redpacket" }] },
    };
    expect(scan(compiled, "", options)[0]).toMatchObject({
      spans: [],
      elsewhere: [{ message: 0 }],
    });
  });
});

const sceneIs = (scene: "single" | "group"): Condition => ({ kind: "scene", anyOf: [scene] });

test.each<[string, Condition]>([
  ["can never hold", { kind: "all", of: [own, { kind: "not", of: own }] }],
  ["can never hold", { kind: "all", of: [own, sceneIs("single"), sceneIs("group")] }],
  ["asks for nothing in the message itself", sceneIs("group")],
  [
    "asks for nothing in the message itself",
    { kind: "all", of: [sceneIs("group"), { kind: "not", of: own }] },
  ],
  ["lies in another", within(within(own))],
  ["is empty", { kind: "sequence", of: [] }],
])("a condition is refused that %s", (reason, condition) => {
  expect(() => compileRules([makeRule({ id: "x", words: ["保本"], condition })])).toThrow(
    new RegExp(`^Rule x: .*${reason}`),
  );
});

test("a hostile condition and a hostile window take bounded time", () => {
  const deep = Array.from({ length: 100_000 }).reduce<Condition>(
    (of) => ({ kind: "not", of }),
    own,
  );
  expect(() => compileRules([makeRule({ condition: deep })])).toThrow(/nested too deeply/);
  const rule = makeRule({ words: ["保本"], variants: "off", condition: within(own, 20) });
  const texts = Array.from({ length: 20 }, () => "保".repeat(100_000));
  expect(findAtLast(rule, texts)).toEqual([]);
});
