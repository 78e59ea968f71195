import fc from "fast-check";
import { maskNumbers } from "../../../../server/src/features/cases/quote.ts";
import { excerptOf } from "../../../../server/src/features/reading/search-excerpt.ts";

describe("the piece of a message that a search shows", () => {
  it("marks what was found, is never too long and never splits a character", () => {
    const some = fc.string({ unit: "grapheme", maxLength: 200 });
    fc.assert(
      fc.property(some, some, fc.integer({ min: 20, max: 120 }), (before, after, limit) => {
        const text = `${before}保本保息${after}`;
        const { excerpt, marks } = excerptOf(text, text, "保本", limit);
        expect(excerpt.length).toBeLessThanOrEqual(limit);
        expect(marks.length).toBeGreaterThan(0);
        for (const { start, end } of marks) expect(excerpt.slice(start, end)).toBe("保本");
        expect(Buffer.from(excerpt, "utf8").toString("utf8")).toBe(excerpt);
      }),
    );
  });

  it("finds a number that it does not show", () => {
    const text = "我的电话是13812345678";
    const { excerpt, marks } = excerptOf(text, maskNumbers(text), "12345", 120);
    expect(excerpt).toBe("我的电话是138****5678");
    expect(marks).toEqual([{ start: 8, end: 13 }]);
  });

  it("marks every place, each once", () => {
    expect(excerptOf("好好好好好", "好好好好好", "好好", 20).marks).toEqual([
      { start: 0, end: 2 },
      { start: 2, end: 4 },
    ]);
  });
});
