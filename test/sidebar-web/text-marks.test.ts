import * as fc from "fast-check";
import {
  gravestFirst,
  markText,
  wordsFound,
  type Markable,
} from "../../sidebar-web/src/text-marks.ts";

const finding = (level: Markable["level"], ...spans: [number, number][]): Markable => ({
  level,
  spans: spans.map(([start, end]) => ({ start, end })),
});

test("plain text is one piece", () => {
  expect(markText("你好", [])).toEqual([{ text: "你好", start: 0, level: null }]);
  expect(markText("", [])).toEqual([]);
});

test("words are cut out of the text with their level", () => {
  expect(markText("保本保息吗", [finding("forbidden", [0, 4])])).toEqual([
    { text: "保本保息", start: 0, level: "forbidden" },
    { text: "吗", start: 4, level: null },
  ]);
});

test("where findings overlap the gravest shows", () => {
  const pieces = markText("0123456789", [finding("notice", [1, 6]), finding("forbidden", [4, 8])]);
  expect(pieces.map(({ text, level }) => [text, level])).toEqual([
    ["0", null],
    ["123", "notice"],
    ["4567", "forbidden"],
    ["89", null],
  ]);
});

test("places outside a quote that was cut are left out", () => {
  expect(markText("abc", [finding("caution", [2, 9], [7, 9])])).toEqual([
    { text: "ab", start: 0, level: null },
    { text: "c", start: 2, level: "caution" },
  ]);
});

test("the pieces joined are the text, whatever the places", () => {
  const place = fc.tuple(fc.integer({ min: -3, max: 40 }), fc.integer({ min: -3, max: 40 }));
  const level = fc.constantFrom("notice" as const, "caution" as const, "forbidden" as const);
  const findings = fc.array(
    fc.tuple(level, fc.array(place)).map(([one, places]) => finding(one, ...places)),
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), findings, (text, all) => {
      const pieces = markText(text, all);
      expect(pieces.map((piece) => piece.text).join("")).toBe(text);
      for (const piece of pieces) expect(text.startsWith(piece.text, piece.start)).toBe(true);
    }),
  );
});

test("words that overlap are told as one, each once", () => {
  const all = finding("forbidden", [0, 2], [0, 4], [2, 4], [5, 9]);
  expect(wordsFound("保本保息，保本保息", all)).toEqual(["保本保息"]);
});

test("the gravest finding comes first, equals keep their order", () => {
  const [a, b, c] = [finding("notice"), finding("forbidden", [0, 1]), finding("forbidden")];
  expect(gravestFirst([a, b, c])).toEqual([b, c, a]);
});
