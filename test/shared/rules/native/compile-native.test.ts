import fc from "fast-check";
import type { Condition } from "#shared/rules/condition";
import { compileRules } from "#shared/rules/compile";
import { compileNative } from "#shared/rules/native/compile-native";
import type { CoverageLine } from "#shared/rules/native/compile-native";
import type { NativeSource } from "#shared/rules/native/express";
import { nativeLimits } from "#shared/rules/native/native-rule";
import { scan } from "#shared/rules/scan";
import { makeRule } from "../make-rule.ts";

const native = { memberIds: [], departmentIds: [], tellsConfidential: false };
const empty = { takenRules: 0, takenNames: [] };

function source(rule: Partial<NativeSource>): NativeSource {
  return { ...makeRule({ speaker: "member", ...rule }), native, ...rule };
}

function lineOf(rule: Partial<NativeSource>): CoverageLine {
  const [line] = compileNative([source(rule)], empty).lines;
  if (!line) throw new Error("no line");
  return line;
}

describe("what WeCom can be told of a rule", () => {
  it("is nothing unless the rule is marked", () => {
    const rule = { ...source({ words: ["保本"] }), native: undefined };
    expect(compileNative([rule], empty)).toEqual({ rules: [], lines: [] });
  });

  it("is its words, held back when forbidden and warned of when milder", () => {
    const given = source({ id: "a", title: "承诺", level: "forbidden", words: ["保本", "保息"] });
    expect(compileNative([given], empty).rules).toEqual([
      {
        key: "a#1",
        ruleId: "a",
        name: "承诺",
        words: ["保本", "保息"],
        semantics: [],
        action: "block",
        range: { memberIds: [], departmentIds: [] },
      },
    ]);
    expect(lineOf({ words: ["保本"], level: "caution" }).action).toBe("warn");
    expect(lineOf({ words: ["保本"] })).toMatchObject({
      coverage: "full",
      gaps: [{ kind: "variants", strength: "off" }],
    });
  });

  it("never says more than the rule: a combination is left out whole", () => {
    const words = (...list: string[]): Condition => ({ kind: "words", words: list });
    const cases: [Condition, string[], string][] = [
      [{ kind: "any", of: [words("甲"), words("乙")] }, ["甲", "乙"], "full"],
      [{ kind: "all", of: [words("甲")] }, ["甲"], "full"],
      [{ kind: "count", atLeast: 1, of: words("甲") }, ["甲"], "full"],
      [{ kind: "count", atLeast: 2, of: words("甲") }, [], "none"],
      [{ kind: "all", of: [words("甲"), words("乙")] }, [], "none"],
      [{ kind: "not", of: words("甲") }, [], "none"],
      [{ kind: "any", of: [words("丙"), { kind: "not", of: words("甲") }] }, ["丙"], "partial"],
      [{ kind: "any", of: [words("丙"), { kind: "value", value: "plate" }] }, ["丙"], "partial"],
    ];
    for (const [condition, told, coverage] of cases) {
      const result = compileNative([source({ words: ["自己"], condition })], empty);
      expect(result.rules.flatMap((rule) => rule.words)).toEqual(told);
      expect(result.lines[0]?.coverage).toBe(coverage);
    }
  });

  it("is phone numbers and e-mail addresses, with a stand-in where there is no word", () => {
    const values = (...kinds: ("mobile" | "email")[]): Condition => ({
      kind: "any",
      of: kinds.map((value) => ({ kind: "value", value })),
    });
    const [rule] = compileNative([source({ condition: values("mobile", "email") })], empty).rules;
    expect(rule?.semantics).toEqual(["phone", "email"]);
    expect(rule?.words).toHaveLength(1);
    expect(lineOf({ condition: values("mobile") })).toMatchObject({
      coverage: "full",
      toldWords: 0,
      gaps: [{ kind: "placeholder" }],
    });
  });

  it("leaves out what would hold back harmless sentences", () => {
    const line = lineOf({ words: ["保本", "稳赚"], exceptions: ["不保本"] });
    expect(line).toMatchObject({ coverage: "partial", toldWords: 1, wordCount: 2 });
    expect(line.gaps).toContainEqual({ kind: "exceptions", words: ["保本"] });
    expect(lineOf({ words: ["vx"] }).gaps).toContainEqual({ kind: "wider", words: ["vx"] });
  });

  it("is nothing of what only customers say, and half of what either may say", () => {
    expect(lineOf({ words: ["退款"], speaker: "customer" })).toMatchObject({
      coverage: "none",
      gaps: [{ kind: "customer" }],
    });
    expect(lineOf({ words: ["退款"], speaker: "either" }).coverage).toBe("partial");
  });

  it("is no word of a confidential rule, unless that is said in so many words", () => {
    const secret = source({ words: ["天鹅计划"], isConfidential: true });
    const { rules, lines } = compileNative([secret], empty);
    expect(rules).toEqual([]);
    expect(JSON.stringify(lines)).not.toContain("天鹅");
    expect(lines[0]?.gaps).toEqual([{ kind: "confidential" }]);
    const told = compileNative(
      [{ ...secret, native: { ...native, tellsConfidential: true } }],
      empty,
    );
    expect(told.rules[0]?.words).toEqual(["天鹅计划"]);
    expect(told.lines[0]?.gaps).toContainEqual({ kind: "confidential_told" });
  });
});

describe("the limits of WeCom's interception", () => {
  it("split long rules and leave out, whole, what there is no room for: mildest first", () => {
    const words = Array.from({ length: 650 }, (_, number) => `词语${number}号`);
    const big = source({ id: "a", title: "大", level: "notice", words });
    const grave = source({ id: "b", title: "重", level: "forbidden", words: ["保本"] });
    const { rules, lines } = compileNative([big, grave], { takenRules: 96, takenNames: [] });
    expect(rules.map(({ key, words: part }) => [key, part.length])).toEqual([
      ["b#1", 1],
      ["a#1", 300],
      ["a#2", 300],
      ["a#3", 50],
    ]);
    expect(lines.map(({ nativeRules }) => nativeRules)).toEqual([1, 3]);
    const crowded = compileNative([big, grave], { takenRules: 97, takenNames: [] });
    expect(crowded.rules.map(({ key }) => key)).toEqual(["b#1"]);
    expect(crowded.lines[1]?.gaps).toEqual([{ kind: "no_room", words: 650 }]);
  });

  it("hold for any rules, and no name is used twice", () => {
    const rule = fc.record({
      id: fc.uuid(),
      title: fc.oneof(
        fc.constantFrom("承诺", "😀".repeat(20)),
        fc.string({ minLength: 1, maxLength: 40 }),
      ),
      level: fc.constantFrom("notice", "caution", "forbidden"),
      words: fc.array(fc.string({ minLength: 1, maxLength: 40 }), { maxLength: 700 }),
      exceptions: fc.array(fc.string({ minLength: 1, maxLength: 6 }), { maxLength: 5 }),
    });
    const room = fc.record({
      takenRules: fc.nat(nativeLimits.rules),
      takenNames: fc.constantFrom([], ["承诺"]),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(rule, { maxLength: 60, selector: ({ id }) => id }),
        room,
        (all, given) => {
          const sources = all.map((one) => source(one as Partial<NativeSource>));
          const { rules, lines } = compileNative(sources, given);
          const names = [...rules.map(({ name }) => name), ...given.takenNames];
          expect(new Set(names).size).toBe(names.length);
          expect(rules.length + given.takenRules).toBeLessThanOrEqual(nativeLimits.rules);
          for (const { name, words } of rules) {
            expect(name.length).toBeGreaterThan(0);
            expect(name.length).toBeLessThanOrEqual(nativeLimits.nameUnits);
            expect(words.length).toBeGreaterThan(0);
            expect(words.length).toBeLessThanOrEqual(nativeLimits.words);
            for (const word of words)
              expect(word.length).toBeLessThanOrEqual(nativeLimits.wordUnits);
          }
          expect(lines).toHaveLength(all.length);
          expect(compileNative([...sources].reverse(), given)).toEqual({ rules, lines });
        },
      ),
      { numRuns: 60 },
    );
  });
});

it("holds back no sentence of told words that the engine would let pass", () => {
  const word = fc.stringMatching(/^[甲乙丙丁]{1,3}$/);
  const words = fc.array(word, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      words,
      fc.array(word, { maxLength: 3 }),
      fc.stringMatching(/^[甲乙丙丁戊]{0,8}$/),
      (list, exceptions, text) => {
        const rule = source({ words: list, exceptions });
        const told = compileNative([rule], empty).rules.flatMap((one) => one.words);
        const isHeldBack = told.some((one) => text.includes(one));
        const findings = scan(compileRules([rule]), text, { speaker: "member" });
        if (isHeldBack) expect(findings).not.toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});
