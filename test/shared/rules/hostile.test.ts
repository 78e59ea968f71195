/** Input that is meant to hurt: the answer must be right and come in bounded time (Jest's limit holds it). */
import { compileRules } from "#shared/rules/compile";
import { explain } from "#shared/rules/explain";
import { matchesPerRule } from "#shared/rules/match";
import { ruleLimits } from "#shared/rules/rule";
import { scan } from "#shared/rules/scan";
import { makeRule } from "./make-rule.ts";

const megabyte = 1_000_000;
const member = { speaker: "member" } as const;

/** "a", "aa", … as long as a word may be. */
const nested = Array.from({ length: ruleLimits.wordUnits }, (_, n) => "保".repeat(n + 1));

test("a text of a megabyte with a word at its end", () => {
  const compiled = compileRules([makeRule({ words: ["保本"] })]);
  const text = "啊".repeat(megabyte) + "保本";
  expect(scan(compiled, text, member)[0]?.spans).toEqual([
    { start: megabyte, end: megabyte + 2, word: "保本" },
  ]);
});

test("words that are prefixes of each other on a text of nothing else", () => {
  const compiled = compileRules([makeRule({ words: nested })]);
  const [finding] = scan(compiled, "保".repeat(megabyte), member);
  expect(finding?.spans).toHaveLength(matchesPerRule);
  expect(finding?.spans[0]).toEqual({ start: 0, end: 1, word: "保" });
});

test("a flood of one rule does not hide another", () => {
  const flood = makeRule({ id: "flood", words: ["哈"] });
  const grave = makeRule({ id: "grave", level: "forbidden", words: ["回扣"] });
  const findings = scan(compileRules([flood, grave]), "哈".repeat(megabyte) + "回扣", member);
  expect(findings.map(({ ruleId }) => ruleId)).toEqual(["flood", "grave"]);
});

test("a flood of excused words does not hide a real one", () => {
  const compiled = compileRules([makeRule({ words: ["保本"], exceptions: ["非保本"] })]);
  const text = "非保本".repeat(megabyte / 10) + "保本";
  expect(scan(compiled, text, member)[0]?.spans).toHaveLength(1);
  expect(explain(compiled, text, member).suppressed).toHaveLength(matchesPerRule);
});

test("invisible characters by the hundred thousand inside a word", () => {
  const compiled = compileRules([makeRule({ words: ["保本"] })]);
  const text = `保${"\u200b".repeat(100_000)}本`;
  expect(scan(compiled, text, member)[0]?.spans).toEqual([
    { start: 0, end: text.length, word: "保本" },
  ]);
});

test("a hundred thousand emoji, and lone surrogates", () => {
  const compiled = compileRules([makeRule({ words: ["😀本", "\ud83d"] })]);
  const text = `${"😁\ufe0f".repeat(100_000)}😀本`;
  expect(scan(compiled, text, member)[0]?.spans.at(-1)).toBeDefined();
  expect(scan(compiled, "\udc00\udc00", member)).toEqual([]);
});

test("empty rules, empty words, empty texts", () => {
  const empty = compileRules([]);
  expect(scan(empty, "保本", member)).toEqual([]);
  expect(empty).toMatchObject({ ruleCount: 0, wordCount: 0 });
  const hollow = compileRules([makeRule({ words: ["", "\u200b"], exceptions: ["", "\ufeff"] })]);
  expect(scan(hollow, "保本\u200b", member)).toEqual([]);
  expect(scan(hollow, "", member)).toEqual([]);
  expect(explain(hollow, "", member)).toEqual({
    folded: "",
    hits: [],
    suppressed: [],
    unmet: [],
  });
});

test("a rule whose exception is its own word never hits and says why", () => {
  const compiled = compileRules([makeRule({ words: ["保本"], exceptions: ["保本"] })]);
  expect(scan(compiled, "保本", member)).toEqual([]);
  expect(explain(compiled, "保本", member).suppressed[0]?.reasons[0]?.kind).toBe("exception");
});

test.each([
  ["too long a word", makeRule({ id: "x", words: ["保".repeat(ruleLimits.wordUnits + 1)] })],
  ["too long an exception", makeRule({ id: "x", exceptions: ["保".repeat(101)] })],
  [
    "too many exceptions",
    makeRule({ id: "x", exceptions: Array<string>(ruleLimits.exceptions + 1).fill("保") }),
  ],
  [
    "too many words",
    makeRule({ id: "x", words: Array.from({ length: ruleLimits.words + 1 }, (_, n) => `w${n}`) }),
  ],
])("%s is refused with the rule's name", (_, rule) => {
  expect(() => compileRules([rule])).toThrow(/^Rule x: /);
});

test("the full number of words compiles, and every one is found", () => {
  const words = Array.from({ length: ruleLimits.words }, (_, n) =>
    n.toString(8).replace(/\d/g, (digit) => "甲乙丙丁戊己庚辛".charAt(Number(digit))),
  );
  const compiled = compileRules([makeRule({ words })]);
  expect(compiled.wordCount).toBe(words.length);
  for (let n = 0; n < words.length; n += 997) {
    const spans = scan(compiled, words[n]!, member)[0]?.spans ?? [];
    expect(spans.some(({ word }) => word === words[n])).toBe(true);
  }
});
