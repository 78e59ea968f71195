import fc from "fast-check";
import { compileRules } from "#shared/rules/compile";
import { explain } from "#shared/rules/explain";
import { scan, worstLevel } from "#shared/rules/scan";
import { makeRule } from "./make-rule.ts";
import { atoms, naiveScan, type AtomRule } from "./naive-scan.ts";

/** The parts of `text` that a rule with these words finds. */
function find(text: string, words: string[], exceptions: string[] = []): string[] {
  const findings = scan(compileRules([makeRule({ words, exceptions })]), text, {
    speaker: "member",
  });
  return findings.flatMap(({ spans }) => spans.map(({ start, end }) => text.slice(start, end)));
}

test("a finding names rule, revision, level, and where the word stands in the original", () => {
  const rule = makeRule({ id: "fin", revision: 7, level: "forbidden", words: ["保證收益"] });
  const text = "😀你好，保\u200b证收益";
  expect(scan(compileRules([rule]), text, { speaker: "member" })).toEqual([
    {
      ruleId: "fin",
      ruleRevision: 7,
      level: "forbidden",
      spans: [{ start: 5, end: 10, word: "保證收益" }],
    },
  ]);
});

test("all overlapping words are found, by start and then length", () => {
  const words = ["保本", "本保", "保本保息", "保息", "息"];
  expect(find("保本保息", words)).toEqual(["保本", "保本保息", "本保", "保息", "息"]);
});

test("several rules may share a word", () => {
  const rules = ["a", "b"].map((id) => makeRule({ id, words: ["回扣"] }));
  const findings = scan(compileRules(rules), "给回扣", { speaker: "member" });
  expect(findings.map(({ ruleId }) => ruleId)).toEqual(["a", "b"]);
});

test.each([
  ["到店加VIP", ["加V"], []],
  ["加V聊", ["加V"], ["加V"]],
  ["加Ｖ13800138000", ["加V"], ["加Ｖ"]],
  ["13812315678", ["12315"], []],
  ["打12315投诉", ["12315"], ["12315"]],
  ["NO.10", ["NO.1"], []],
  ["我们是no.1!", ["NO.1"], ["no.1"]],
  ["加\u200bV\u200bIP", ["加V"], []],
])("word boundaries in %j for %j", (text, words, expected) => {
  expect(find(text, words)).toEqual(expected);
});

test.each([
  ["非保本产品", []],
  ["非保本，但那款保本", ["保本"]],
  ["非保\u200b本产品", []],
  ["確保本周發貨", []],
  ["保本", ["保本"]],
])("exceptions excuse what lies wholly inside them: %j", (text, expected) => {
  expect(find(text, ["保本"], ["非保本", "确保本"])).toEqual(expected);
});

test("an exception excuses only the rule that names it, and only words inside it", () => {
  const text = "不保本保息";
  expect(find(text, ["保本", "保本保息"], ["不保本"])).toEqual(["保本保息"]);
});

test("a rule for customers ignores members, and the other way round", () => {
  const compiled = compileRules([
    makeRule({ id: "of-customer", speaker: "customer", words: ["投诉"] }),
    makeRule({ id: "of-member", speaker: "member", words: ["投诉"] }),
  ]);
  const idsFor = (speaker: "member" | "customer") =>
    scan(compiled, "投诉", { speaker }).map(({ ruleId }) => ruleId);
  expect(idsFor("customer")).toEqual(["of-customer"]);
  expect(idsFor("member")).toEqual(["of-member"]);
});

test("the worst level of no findings is undefined, else the gravest", () => {
  expect(worstLevel([])).toBeUndefined();
  expect(worstLevel([{ level: "notice" }, { level: "forbidden" }, { level: "caution" }])).toBe(
    "forbidden",
  );
});

const atom = fc.constantFrom(...Object.keys(atoms));
const phrase = (maxLength: number) => fc.array(atom, { maxLength });
const atomRules: fc.Arbitrary<AtomRule[]> = fc
  .array(
    fc.record({
      speaker: fc.constantFrom("member" as const, "customer" as const, "either" as const),
      words: fc.array(phrase(4), { maxLength: 8 }),
      exceptions: fc.array(phrase(6), { maxLength: 4 }),
    }),
    { maxLength: 4 },
  )
  .map((specs) =>
    specs.map(({ speaker, words, exceptions }, index) => ({
      words,
      exceptions,
      rule: makeRule({
        id: `rule-${index}`,
        speaker,
        words: words.map((word) => word.join("")),
        exceptions: exceptions.map((exception) => exception.join("")),
      }),
    })),
  );

test("property: scan agrees with the naive search, and explain with scan", () => {
  fc.assert(
    fc.property(
      atomRules,
      phrase(60),
      fc.constantFrom("member" as const, "customer" as const),
      (rules, text, speaker) => {
        const compiled = compileRules(rules.map(({ rule }) => rule));
        const findings = scan(compiled, text.join(""), { speaker });
        expect(findings).toEqual(naiveScan(rules, text, speaker));
        const { hits } = explain(compiled, text.join(""), { speaker });
        expect(
          hits.map(({ rule, matches }) => ({
            ruleId: rule.id,
            spans: matches.map(({ start, end, word }) => ({ start, end, word })),
          })),
        ).toEqual(findings.map(({ ruleId, spans }) => ({ ruleId, spans })));
      },
    ),
    { numRuns: 2000 },
  );
});
