import fc from "fast-check";
import {
  foldStepsBetween,
  foldTable,
  foldText,
  originalRange,
  removedUnit,
} from "#shared/rules/fold";

test.each([
  ["ＡＢＣ１２３，。", "abc123,。"],
  ["保證收益", "保证收益"],
  ["跟著買", "跟着买"],
  ["加\u200bV\u202e信\ufe0f", "加v信"],
  ["ΣИİ", "σиİ"],
  ["\uf900", "岂"],
  ["全角　空格￥", "全角 空格¥"],
  ["保\u{e0101}本", "保本"],
])("%j folds to %j", (text, folded) => {
  expect(foldText(text).text).toBe(folded);
});

test("a text that folding leaves alone is returned as it is, without offsets", () => {
  const text = "今天天气不错😀 ok";
  expect(foldText(text)).toEqual({ text, offsets: undefined });
});

test("offsets lead from each folded unit back to the original", () => {
  const folded = foldText("好\u200b\u{e0101}保\ufe0f本😀");
  expect(folded.text).toBe("好保本😀");
  expect([...(folded.offsets ?? [])]).toEqual([0, 4, 6, 7, 8]);
  expect(originalRange(folded, 1, 3)).toEqual({ start: 4, end: 7 });
});

test("emoji and lone surrogates stay as they are", () => {
  const text = "👨\u200d👩 \ud83d保\udc00";
  expect(foldText(text).text).toBe("👨👩 \ud83d保\udc00");
});

test("folding is idempotent on every unit", () => {
  for (let unit = 0; unit < foldTable.length; unit++) {
    const folded = foldTable[unit]!;
    if (folded !== removedUnit) expect(foldTable[folded]).toBe(folded);
  }
});

test("property: folding is idempotent and its offsets ascend within the text", () => {
  const anyText = fc.string({ unit: "binary", maxLength: 200 });
  fc.assert(
    fc.property(anyText, (text) => {
      const folded = foldText(text);
      expect(foldText(folded.text).text).toBe(folded.text);
      const offsets = [...(folded.offsets ?? [])];
      expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
      expect(folded.text.length).toBe(folded.offsets?.length ?? text.length);
      expect(offsets.every((at) => at < text.length)).toBe(true);
    }),
  );
});

test("the steps between a quote and a word are only those that made them equal", () => {
  expect(foldStepsBetween("加V", "加V")).toEqual([]);
  expect(foldStepsBetween("加Ｖ", "加V")).toEqual(["width"]);
  expect(foldStepsBetween("加ｖ", "加V")).toEqual(["width", "case"]);
  expect(foldStepsBetween("保\u200b證", "保证")).toEqual(["traditional", "invisible"]);
});
