/**
 * Input that is meant to take long: what a unit of it costs is bounded by what a unit of an ordinary message costs in
 * the same run, so that a slow machine fails nothing and a cost that grows with length does.
 */
import { compileRules, serializeRules } from "#shared/rules/compile";
import type { CompiledRules } from "#shared/rules/compile";
import { ruleLimits, variantStrengths, type Rule } from "#shared/rules/rule";
import { scan } from "#shared/rules/scan";
import { sounds } from "#shared/rules/sound-table";
import { starterRules } from "#shared/rules/starter-rules";
import { makeRule } from "./make-rule.ts";

const member = { speaker: "member" } as const;
const megabyte = 1_000_000;
const many = 50_000;

/** Messages in which nothing is found. */
const ordinary = starterRules.flatMap(({ examples }) => examples.pass);

function cpuMicros(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

const rounds = 3;

/** How many times an ordinary unit's cost a unit of `text` takes, in turns. */
function timesOrdinary(compiled: CompiledRules, text: string): number {
  const usual = ordinary.join("").length;
  const repeats = Math.ceil(many / usual);
  const ratios = Array.from({ length: rounds }, () => {
    const plain = cpuMicros(() => {
      for (let times = 0; times < repeats; times++) {
        for (const one of ordinary) scan(compiled, one, member);
      }
    });
    const hostile = cpuMicros(() => void scan(compiled, text, member));
    return hostile / text.length / (plain / (usual * repeats));
  });
  return median(ratios);
}

const prefixes = Array.from({ length: ruleLimits.wordUnits }, (_, n) => "保".repeat(n + 1));
const alike = Array.from({ length: 60 }, (_, n) => "加家佳".repeat(20).slice(0, n + 2));

const texts: readonly (readonly [name: string, text: string])[] = [
  ["one character alone", "啊".repeat(many)],
  ["messages in one", ordinary.join("。").repeat(400).slice(0, many)],
  ["emoji", "😀".repeat(many)],
  ["families of emoji", "👨‍👩‍👧".repeat(many / 8)],
  ["lone surrogates", "\ud83d\udc00\udc00\ud840".repeat(many / 4)],
  ["nothing that is seen", "\u200b\u0336\ufe0f".repeat(many / 2)],
  ["the beginning of words again and again", "保".repeat(many)],
  ["letters that may be initials", " j".repeat(many / 2)],
  ["one run of letters", "jia".repeat(many / 4)],
  ["digits with separators", "1-".repeat(many / 2)],
  ["parts of characters", "人言又又口口".repeat(many / 8)],
];

describe.each(variantStrengths)("at %s", (variants) => {
  const rules: Rule[] = [
    ...starterRules.map((rule) => ({ ...rule, variants })),
    makeRule({ id: "prefixes", words: prefixes, variants }),
    makeRule({ id: "alike", words: alike, variants }),
    makeRule({
      id: "values",
      variants,
      condition: {
        kind: "any",
        of: [
          { kind: "value", value: "mobile" },
          { kind: "value", value: "bank_card" },
          { kind: "value", value: "link" },
          { kind: "pattern", pattern: "(a|b)*c[0-9]{3,9}" },
        ],
      },
    }),
  ];
  const compiled = compileRules(rules, { sounds });

  // An ordinary message is mostly passed over; what matches at every place is worked out there.
  const most = 60;
  test.each(texts)(`%s costs a unit at most ${most} times an ordinary one`, (_, text) => {
    expect(timesOrdinary(compiled, text)).toBeLessThan(most);
  });

  test("a megabyte is answered, in a unit's time as any text and in little memory", () => {
    const text = "啊".repeat(megabyte - 2) + "保本";
    expect(timesOrdinary(compiled, text)).toBeLessThan(most);
    const before = process.memoryUsage();
    const findings = scan(compiled, text, member);
    const after = process.memoryUsage();
    const grown = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
    // Offsets, labels and forms of the text, freed or not; no more than some objects for each match that is told.
    expect(grown).toBeLessThan(200 * text.length);
    expect(JSON.stringify(findings).length).toBeLessThan(200_000);
  });
});

test("what compiling makes of words that begin alike grows with the words alone", () => {
  const sizeOf = (words: readonly string[]): number =>
    serializeRules([makeRule({ words, variants: "strong" })], { sounds }).byteLength;
  const usual = Array.from({ length: 100 }, (_, n) => `词${String.fromCharCode(0x4e00 + n * 31)}`);
  expect(sizeOf(prefixes) / sizeOf(usual)).toBeLessThan(4);
});

describe("rules that cannot hit or cannot be", () => {
  const never = { kind: "words", words: ["保本"] } as const;

  test("an empty rule, and a condition that no message fulfils, find nothing and harm no other", () => {
    const rules = [
      makeRule({ id: "empty" }),
      makeRule({
        id: "impossible",
        words: ["保本"],
        condition: { kind: "count", atLeast: 50, of: never },
      }),
      makeRule({ id: "sound", words: ["保本"] }),
    ];
    const found = scan(compileRules(rules, { sounds }), "保本", member);
    expect(found.map(({ ruleId }) => ruleId)).toEqual(["sound"]);
  });

  test.each([
    [
      "what contradicts itself",
      { kind: "all", of: [never, { kind: "not", of: never }] } as const,
      /^Rule odd: .*never/,
    ],
    ["nothing to choose from", { kind: "any", of: [] } as const, /^Rule odd: .*empty/],
    [
      "a pattern that no machine of bounded size runs",
      { kind: "pattern", pattern: "(a{1000}){1000}" } as const,
      /重复次数/,
    ],
    ["a pattern without an end", { kind: "pattern", pattern: "(ab" } as const, /右括号/],
  ])("%s is refused with a reason", (_, condition, reason) => {
    const rule = makeRule({ id: "odd", condition });
    // An editor shows it; a pattern's names the position as well.
    expect(() => compileRules([rule], { sounds })).toThrow(reason);
  });
});
