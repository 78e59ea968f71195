import fc from "fast-check";
import { compileRules, publicRules, serializeRules } from "#shared/rules/compile";
import { bufferOf, decompileRules, loadRules } from "#shared/rules/compiled-rules";
import { PackedError } from "#shared/rules/packed";
import { scan } from "#shared/rules/scan";
import { starterRules } from "#shared/rules/starter-rules";
import { makeRule } from "./make-rule.ts";

const member = { speaker: "member" } as const;
const rules = [
  makeRule({ id: "a", words: ["保本", "保\u200b本", "", "😀价"], exceptions: ["非保本", ""] }),
  makeRule({ id: "b", words: [], variants: "standard", isConfidential: true }),
  makeRule({ id: "c", words: ["加V"], variants: "standard", title: "lone \ud83d" }),
];

test("what was compiled comes out again, and compiles to the same bytes", () => {
  const compiled = compileRules(rules);
  expect(decompileRules(compiled)).toEqual(rules);
  const again = serializeRules(decompileRules(compiled));
  expect(Buffer.from(again).equals(Buffer.from(bufferOf(compiled)))).toBe(true);
});

test("a buffer that was moved to another thread finds the same", () => {
  const buffer = serializeRules(starterRules);
  const texts = starterRules.flatMap(({ examples }) => [...examples.match, ...examples.pass]);
  const here = loadRules(buffer);
  const expected = texts.map((text) => scan(here, text, member));
  const moved = structuredClone(buffer, { transfer: [buffer] });
  expect(buffer.byteLength).toBe(0);
  const there = loadRules(moved);
  expect(texts.map((text) => scan(there, text, member))).toEqual(expected);
});

test("confidential rules are left out of what a browser gets", () => {
  const compiled = compileRules(publicRules(rules));
  expect(decompileRules(compiled).map(({ id }) => id)).toEqual(["a", "c"]);
});

test.each([
  ["nothing", () => new ArrayBuffer(0)],
  ["something else", () => new ArrayBuffer(64)],
  ["a part of it", () => serializeRules(rules).slice(0, 800)],
  ["another version", () => patched((words) => (words[1] = 999))],
  ["a flipped bit", () => patched((words) => (words[words.length - 9]! ^= 4))],
])("%s is refused", (_, make) => {
  expect(() => loadRules(make())).toThrow(PackedError);
});

function patched(patch: (words: Uint32Array) => void): ArrayBuffer {
  const buffer = serializeRules(rules);
  patch(new Uint32Array(buffer));
  return buffer;
}

test("property: any rules survive the way into the buffer and back", () => {
  const text = fc.string({ unit: "binary", maxLength: 12 });
  const anyRule = fc.record({
    id: text,
    words: fc.array(text, { maxLength: 5 }),
    exceptions: fc.array(text, { maxLength: 3 }),
    variants: fc.constantFrom("off" as const, "standard" as const),
  });
  fc.assert(
    fc.property(fc.array(anyRule, { maxLength: 5 }), (some) => {
      const made = some.map(makeRule);
      expect(decompileRules(compileRules(made))).toEqual(made);
    }),
  );
});
