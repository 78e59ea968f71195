import { compileRules } from "#shared/rules/compile";
import { bufferOf, decompileRules, loadRules } from "#shared/rules/compiled-rules";
import type { Condition } from "#shared/rules/condition";
import { explain } from "#shared/rules/explain";
import { PatternError } from "#shared/rules/pattern-parse";
import { scan } from "#shared/rules/scan";
import { makeRule } from "./make-rule.ts";

const member = { speaker: "member" } as const;
const own: Condition = { kind: "words", words: null };
const words = (...list: string[]): Condition => ({ kind: "words", words: list });
const mobile: Condition = { kind: "value", value: "mobile" };

function find(condition: Condition, text: string, exceptions: string[] = []): string[] {
  const rule = makeRule({ words: ["加我"], exceptions, condition, variants: "standard" });
  const compiled = loadRules(bufferOf(compileRules([rule])));
  return scan(compiled, text, member).flatMap(({ spans }) =>
    spans.map(({ start, end }) => text.slice(start, end)),
  );
}

test.each<[string, Condition, string, string[]]>([
  ["own words", own, "加我", ["加我"]],
  ["both", { kind: "all", of: [own, mobile] }, "加我13800138000", ["加我", "13800138000"]],
  ["one is missing", { kind: "all", of: [own, mobile] }, "加我吧", []],
  ["either", { kind: "any", of: [own, mobile] }, "打13800138000", ["13800138000"]],
  ["a value alone", mobile, "打①③⑧00138000", ["①③⑧00138000"]],
  ["not", { kind: "all", of: [own, { kind: "not", of: words("公司") }] }, "加我", ["加我"]],
  [
    "not, which is there",
    { kind: "all", of: [own, { kind: "not", of: words("公司") }] },
    "加我公司号",
    [],
  ],
  [
    "disguised words",
    { kind: "all", of: [own, words("返点")] },
    "加 我，有返✿点",
    ["加 我", "返✿点"],
  ],
  ["a pattern", { kind: "pattern", pattern: "\\d+个点" }, "给你１０个点", ["１０个点"]],
  ["two of them", { kind: "count", atLeast: 2, of: words("返", "点") }, "返点", ["返", "点"]],
  ["one is not two", { kind: "count", atLeast: 2, of: words("返点", "点") }, "返点", []],
])("%s", (_, condition, text, expected) => {
  expect(find(condition, text)).toEqual(expected);
});

test.each([
  [3, false, "微信加我", true],
  [3, false, "加我12微信", true],
  [3, false, "加我1234微信", false],
  [3, true, "加我1微信", true],
  [3, true, "微信加我", false],
  [3, true, "微信，加我1微信", true],
])("within %i, in order %s: %s", (within, isOrdered, text, expected) => {
  const condition: Condition = { kind: "near", within, isOrdered, of: [own, words("微信")] };
  expect(find(condition, text).length > 0).toBe(expected);
});

test("exceptions excuse words, values and patterns alike", () => {
  const exceptions = ["客服13800138000", "不加我"];
  expect(find({ kind: "any", of: [own, mobile] }, "不加我，打客服13800138000", exceptions)).toEqual(
    [],
  );
});

test("the words of a rule with a condition are no hit by themselves, and say why", () => {
  const condition: Condition = { kind: "all", of: [own, mobile] };
  const compiled = compileRules([makeRule({ words: ["加我"], condition })]);
  const { hits, unmet } = explain(compiled, "加我吧", member);
  expect(hits).toEqual([]);
  expect(unmet[0]?.condition).toMatchObject({
    holds: false,
    of: [
      { holds: true, places: [{ start: 0, end: 2 }] },
      { holds: false, places: [] },
    ],
  });
});

test("a rule with a condition survives the way into the buffer and back", () => {
  const condition: Condition = {
    kind: "all",
    of: [words("返点", "返 点"), { kind: "not", of: mobile }],
  };
  const rules = [
    makeRule({ id: "a", words: ["加我"], condition }),
    makeRule({ id: "b", words: ["回扣"], exceptions: ["无回扣"] }),
  ];
  expect(decompileRules(compileRules(rules))).toEqual(rules);
  expect(scan(compileRules(rules), "回扣", member).map(({ ruleId }) => ruleId)).toEqual(["b"]);
});

test("a rule of values concerns whom it is for", () => {
  const compiled = compileRules([makeRule({ speaker: "customer", words: [], condition: mobile })]);
  expect(scan(compiled, "13800138000", member)).toEqual([]);
  expect(scan(compiled, "13800138000", { speaker: "customer" })).toHaveLength(1);
});

test.each<[string, Condition]>([
  ["holds for every text", { kind: "not", of: own }],
  ["holds for every text", { kind: "count", atLeast: 0, of: own }],
  ["empty", { kind: "all", of: [] }],
  ["too many parts", { kind: "any", of: Array.from({ length: 101 }, () => own) }],
  [
    "nested too deeply",
    Array.from({ length: 9 }).reduce<Condition>((of) => ({ kind: "any", of: [of] }), own),
  ],
])("a condition that is %s is refused with the rule's name", (reason, condition) => {
  expect(() => compileRules([makeRule({ id: "x", condition })])).toThrow(
    new RegExp(`^Rule x: .*${reason}`),
  );
});

test("a pattern that cannot be used is refused with its place", () => {
  const condition: Condition = { kind: "pattern", pattern: "(a" };
  expect(() => compileRules([makeRule({ condition })])).toThrow(PatternError);
});
