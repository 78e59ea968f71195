import fc from "fast-check";
import { findRecurringPhrases } from "../../../../server/src/features/feedback/recurring-phrases.ts";
import type { Occurrence } from "../../../../server/src/features/feedback/recurring-phrases.ts";

const word = "保本";
const occurrence = (text: string, index: number, conversation = index): Occurrence => {
  const start = text.indexOf(word);
  const end = start + word.length;
  return { caseId: `c${index}`, conversationId: `s:${conversation}`, text, start, end };
};
const all = (texts: readonly string[]) => texts.map((text, index) => occurrence(text, index));
const phrases = (wrong: Occurrence[], right: Occurrence[] = []) =>
  findRecurringPhrases(wrong, right).map(({ phrase }) => phrase);

describe("phrases that recur round a word", () => {
  it.each<[string, string[], string[]]>([
    [
      "the longest of those that cover the same",
      ["我们不保本的", "他们不保本的", "不保本的"],
      ["不保本的"],
    ],
    ["none that is rare", ["不保本", "不保本"], []],
    ["however it is spelt", ["不保本Ａ", "不保本a", "不保本A"], ["不保本Ａ"]],
    ["never over a mark, a gap or a starred number", ["甲，保本。", "甲，保本。", "甲 *保本*"], []],
    [
      "one for each way of speaking",
      ["不保本啦", "不保本哦", "不保本", "非保本型", "非保本型的", "是非保本型"],
      ["不保本", "非保本型"],
    ],
  ])("%s", (_name, texts, expected) => {
    expect(phrases(all(texts)).sort()).toEqual([...expected].sort());
  });

  it("not of one conversation alone, and not what was rightly found", () => {
    const wrong = ["不保本", "不保本", "不保本"];
    expect(phrases(wrong.map((text, index) => occurrence(text, index, 1)))).toEqual([]);
    expect(phrases(all(wrong), [occurrence("怎么会不保本", 9)])).toEqual([]);
  });

  it("always hold the word, recur, and stand in nothing rightly found", () => {
    const text = fc
      .tuple(
        fc.string({
          unit: fc.constantFrom("甲", "乙", "不", "非", "，", "😀", "a"),
          maxLength: 10,
        }),
        fc.string({ unit: fc.constantFrom("的", "型", "。", "b"), maxLength: 10 }),
      )
      .map(([before, after]) => `${before}${word}${after}`);
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), fc.array(text, { maxLength: 4 }), (a, b) => {
        for (const { phrase, within } of findRecurringPhrases(all(a), all(b))) {
          expect(phrase).toContain(word);
          expect(phrase).not.toBe(word);
          expect(phrase).not.toMatch(/\p{Surrogate}/u);
          expect(within.length).toBeGreaterThanOrEqual(3);
          expect(b.filter((one) => one.includes(phrase))).toEqual([]);
        }
      }),
    );
  });
});
