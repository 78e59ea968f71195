/** Laws of the strengths 标准 and 强 on random rules and texts. */
import fc from "fast-check";
import { compileRules, serializeRules } from "#shared/rules/compile";
import { bufferOf, decompileRules, loadRules, partsOf } from "#shared/rules/compiled-rules";
import { explain } from "#shared/rules/explain";
import { mayMatch, visitMatches } from "#shared/rules/match";
import { variantStrengths } from "#shared/rules/rule";
import { scan } from "#shared/rules/scan";
import { sounds as allSounds, type Sounds } from "#shared/rules/sound-table";
import { makeRule } from "./make-rule.ts";
import { looseAtoms, naiveLoose } from "./naive-loose.ts";
import { homophones, naiveSound } from "./naive-sound.ts";

const member = { speaker: "member" } as const;
const seed = 20261124;

/** With few of the usual words, as every run compiles anew. */
const usualWords = [...allSounds.commonWords()].slice(0, 300);
const sounds: Sounds = { ...allSounds, commonWords: () => usualWords };

const looseAtom = fc.constantFrom(...Object.keys(looseAtoms));
const character = fc.constantFrom("保", "本", "证", "證", "收");
const looseWord = fc.array(character, { minLength: 2, maxLength: 4 });

test("property: 标准 finds what a reader would, where a reader would", () => {
  fc.assert(
    fc.property(looseWord, fc.array(looseAtom, { maxLength: 24 }), (word, text) => {
      // 保保 is 保 loosely, which the engine leaves to the plain search.
      fc.pre(new Set(word.map((one) => (one === "證" ? "证" : one))).size > 1);
      const rule = makeRule({ words: [word.join("")], variants: "standard" });
      const [finding] = scan(compileRules([rule]), text.join(""), member);
      const found = (finding?.spans ?? []).map(({ start, end }) => [start, end]);
      expect(found).toEqual(naiveLoose(word, text));
    }),
    { numRuns: 600, seed },
  );
});

/** Without repeats, which would be one character loosely. */
const spoken = (minLength: number, maxLength: number) =>
  fc
    .array(fc.constantFrom(...Array.from(homophones.join(""))), { minLength, maxLength })
    .map((all) => all.filter((one, at) => one !== all[at - 1]).join(""))
    .filter(({ length }) => length >= minLength);
const usualPairs = ["宝手", "文本", "保守", "饱文", "手稳"];

test("property: 强 hears the homophones that a reader would, and no usual words", () => {
  const usual: Sounds = { ...allSounds, commonWords: () => usualPairs };
  const texts = fc.array(spoken(0, 14), { minLength: 30, maxLength: 30 });
  fc.assert(
    fc.property(spoken(2, 6), texts, (word, said) => {
      const compiled = compileRules([makeRule({ words: [word], variants: "strong" })], {
        sounds: usual,
      });
      for (const text of said) {
        const [finding] = scan(compiled, text, member);
        const found = (finding?.spans ?? []).map(({ start, end }) => [start, end]);
        const expected = naiveSound(word, text, new Set(usualPairs));
        expect({ word, text, found }).toEqual({ word, text, found: expected });
      }
    }),
    { numRuns: 250, seed },
  );
});

/** Whatever is hard to tell apart: parts of characters, disguises, doubles, signs of two units, sounds, letters. */
const oddAtom = fc.constantFrom(
  ...Array.from(
    "人言亻信又双口木林一１①aＡｂЬΗη+＋，!、 。\u200b\u0336😀𠮷\udfb7\ud842保宝饱本笨加家微v丽丿彳亍女子好",
  ),
  "bao",
  "ben",
  "\u{1d400}",
  "丽丽",
  "+v",
);
const oddText = (maxLength: number) =>
  fc.array(oddAtom, { maxLength }).map((atoms) => atoms.join(""));
const oddTexts = fc.array(oddText(14), { minLength: 20, maxLength: 20 });
const oddRules = fc
  .array(
    fc.record({
      words: fc.array(oddText(4), { maxLength: 5 }),
      exceptions: fc.array(oddText(4), { maxLength: 2 }),
      variants: fc.constantFrom(...variantStrengths),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((rules) => rules.map((rule, index) => makeRule({ ...rule, id: `rule-${index}` })));

test("property: the quick look never says no where something stands", () => {
  fc.assert(
    fc.property(oddRules, oddTexts, (rules, texts) => {
      const parts = partsOf(compileRules(rules, { sounds }));
      for (const text of texts) {
        let count = 0;
        visitMatches(parts, text, { visit: () => count++, isFull: () => false });
        if (count > 0) expect([text, mayMatch(parts, text)]).toEqual([text, true]);
      }
    }),
    { numRuns: 250, seed },
  );
});

test("property: places lie in the text, quotes are what stands there, and explain agrees with scan", () => {
  fc.assert(
    fc.property(oddRules, oddText(14), (rules, text) => {
      const compiled = compileRules(rules, { sounds });
      const findings = scan(compiled, text, member);
      const { hits } = explain(compiled, text, member);
      expect(hits.map(({ rule }) => rule.id)).toEqual(findings.map(({ ruleId }) => ruleId));
      for (const { spans } of findings) {
        for (const { start, end, word } of spans) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          expect(word).not.toBe("");
        }
      }
      for (const { matches } of hits) {
        for (const { quote, start, end } of matches) expect(quote).toBe(text.slice(start, end));
      }
    }),
    { numRuns: 200, seed },
  );
});

test("property: a stronger rule finds all that a weaker one does", () => {
  fc.assert(
    fc.property(fc.array(oddText(4), { maxLength: 5 }), oddText(14), (words, text) => {
      const [off, standard, strong] = variantStrengths.map((variants) => {
        const compiled = compileRules([makeRule({ words, variants })], { sounds });
        const spans = scan(compiled, text, member)[0]?.spans ?? [];
        return new Set(spans.map((span) => JSON.stringify(span)));
      });
      for (const span of off!) expect(standard!.has(span)).toBe(true);
      for (const span of standard!) expect(strong!.has(span)).toBe(true);
    }),
    { numRuns: 200, seed },
  );
});

test("property: what was compiled comes out again, to the same bytes, and finds the same", () => {
  fc.assert(
    fc.property(oddRules, oddText(14), (rules, text) => {
      const compiled = compileRules(rules, { sounds });
      expect(decompileRules(compiled)).toEqual(rules);
      const again = serializeRules(decompileRules(compiled), { sounds });
      expect(Buffer.from(again).equals(Buffer.from(bufferOf(compiled)))).toBe(true);
      expect(scan(loadRules(again), text, member)).toEqual(scan(compiled, text, member));
    }),
    { numRuns: 100, seed },
  );
});
