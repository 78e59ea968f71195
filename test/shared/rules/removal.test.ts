import { compileRules } from "#shared/rules/compile";
import { bufferOf, loadRules } from "#shared/rules/compiled-rules";
import { ConditionError, findConditionProblem } from "#shared/rules/condition-problem";
import type { Condition } from "#shared/rules/condition";
import { explain } from "#shared/rules/explain";
import type { MessageFacts } from "#shared/rules/facts";
import type { MessageSpeaker, Rule } from "#shared/rules/rule";
import { asRemoval, scan, scanRemoval } from "#shared/rules/scan";
import { makeRule } from "./make-rule.ts";

const removal: Condition = { kind: "removal" };
const own: Condition = { kind: "words", words: null };
const off: Condition = { kind: "time", isWorkingTime: false };
const not = (of: Condition): Condition => ({ kind: "not", of });
const all = (...of: Condition[]): Condition => ({ kind: "all", of });
const any = (...of: Condition[]): Condition => ({ kind: "any", of });
const inGroup: Condition = { kind: "scene", anyOf: ["group"] };
const inSingle: Condition = { kind: "scene", anyOf: ["single", "group"] };
const card: Condition = { kind: "content", anyOf: ["card"] };
const facts: MessageFacts = {
  scene: "single",
  isWorkingTime: false,
  contents: [],
  recalledAfterMs: null,
  customerTags: ["大客户"],
};

function isHit(rule: Partial<Rule>, speaker: MessageSpeaker = "member", known = facts): boolean {
  const compiled = loadRules(bufferOf(compileRules([makeRule({ words: ["加我"], ...rule })])));
  const options = { speaker, facts: known };
  return scanRemoval((some) => scan(compiled, "", some), options).length > 0;
}

const saysSo = (condition: Condition, text: string): boolean => {
  const compiled = compileRules([makeRule({ words: ["加我"], condition })]);
  const said = { ...facts, contents: [{ kind: "text" }] };
  return scan(compiled, text, { speaker: "member", facts: said }).length > 0;
};

test.each<[string, Condition, boolean, boolean, boolean]>([
  // A removal at night; then messages at night: 「加我」, 「你好」.
  ["a removal", removal, true, false, false],
  ["at night", all(removal, off), true, false, false],
  ["by day", all(removal, not(off)), false, false, false],
  ["in a single chat", all(removal, inSingle), true, false, false],
  ["of such a customer", all(removal, { kind: "customer", tags: ["大客户"] }), true, false, false],
  ["of another customer", all(removal, { kind: "customer", tags: ["新"] }), false, false, false],
  ["a word or a removal", any(own, removal), true, true, false],
  ["without a removal", all(own, not(removal)), false, true, false],
  ["without a word", all(removal, not(own)), true, false, false],
  ["a card or at night a removal", any(card, all(removal, off)), true, false, false],
])("%s", (_, condition, byRemoval, byWord, byOther) => {
  expect(findConditionProblem(condition)).toBeUndefined();
  expect([isHit({ condition }), saysSo(condition, "加我"), saysSo(condition, "你好")]).toEqual([
    byRemoval,
    byWord,
    byOther,
  ]);
});

test("whose act it is, the rule's speaker says", () => {
  for (const speaker of ["member", "customer"] as const) {
    expect(isHit({ condition: removal, speaker }, speaker)).toBe(true);
    expect(isHit({ condition: removal, speaker: "either" }, speaker)).toBe(true);
  }
  expect(isHit({ condition: removal, speaker: "customer" }, "member")).toBe(false);
});

test("rules that would hit anything said at that moment are no matter of the removal", () => {
  // Asked by itself it would be refused; together with a removal it must not become a hit.
  expect(isHit({ condition: any(all(own, removal), card, not(card)) })).toBe(false);
  expect(isHit({ words: ["加我"] })).toBe(false);
});

test.each<[string, Condition, string | undefined]>([
  ["words", all(own, removal), "never"],
  ["a value", all({ kind: "value", value: "mobile" }, removal), "never"],
  ["a pattern", all({ kind: "pattern", pattern: "a+" }, removal), "never"],
  ["a card", all(card, removal), "never"],
  ["a recall", all({ kind: "recall", withinMinutes: 1 }, removal), "never"],
  ["a group", all(inGroup, removal), "never"],
  ["twice", { kind: "count", atLeast: 2, of: removal }, "never"],
  [
    "words of a window",
    { kind: "window", messages: 3, minutes: 5, of: all(own, removal) },
    "never",
  ],
  ["near a word", { kind: "near", within: 5, isOrdered: false, of: [own, removal] }, "never"],
  ["both ways", all(removal, not(removal)), "never"],
  ["never a removal", not(removal), "nothing_said"],
  ["a removal, or at night", any(removal, off), "nothing_said"],
  ["words by the way", any(own, all(own, removal)), undefined],
])("a removal and %s: %s", (_, condition, problem) => {
  expect(findConditionProblem(condition)).toBe(problem);
  const compile = () => compileRules([makeRule({ words: ["加我"], condition })]);
  if (problem === undefined) expect(compile).not.toThrow();
  else expect(compile).toThrow(ConditionError);
});

test("the explanation says of each part whether it holds", () => {
  const condition = any(own, all(removal, off));
  const compiled = compileRules([makeRule({ words: ["加我"], condition })]);
  const { hits } = explain(compiled, "", asRemoval({ speaker: "member", facts }));
  expect(hits[0]?.condition).toMatchObject({
    holds: true,
    of: [{ holds: false }, { holds: true, of: [{ holds: true }, { holds: true }] }],
  });
  expect(hits[0]?.places).toEqual([]);
});
