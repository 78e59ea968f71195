import fc from "fast-check";
import type { FindingView } from "#shared/contract/rule";
import {
  clipQuote,
  maskedQuote,
  maskName,
  maskNumbers,
} from "../../../../server/src/features/cases/quote.ts";

const finding = (start: number, end: number): FindingView => ({
  ruleId: "r",
  ruleRevision: 1,
  title: "",
  category: "",
  level: "caution",
  clause: "",
  reason: "",
  suggestion: "",
  spans: [{ start, end, word: "" }],
});

describe("quote", () => {
  it.each([
    ["打我电话13812345678吧", "打我电话138****5678吧"],
    ["打 138 1234 5678 找我", "打 138******5678 找我"],
    ["卡号6222021234567890123", "卡号622************0123"],
    ["身份证11010519491231002X", "身份证110***********002X"],
    ["全角１３８１２３４５６７８", "全角１３８****５６７８"],
    ["写信 zhang.san@example.com 好吗", "写信 z********@example.com 好吗"],
    ["一共3件，88.5元，2026年", "一共3件，88.5元，2026年"],
  ])("stars what identifies a person: %s", (text, expected) => {
    expect(maskNumbers(text)).toBe(expected);
  });

  it("keeps every unit in its place when it stars", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.stringMatching(/^\d{7,19}$/),
        (text, number) => {
          const whole = `${text} ${number}`;
          expect(maskNumbers(whole)).toHaveLength(whole.length);
          expect(maskNumbers(whole)).not.toContain(number);
        },
      ),
    );
  });

  it("cuts round the first hit, moves the marks along and never splits a character", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 300 }),
        fc.string({ unit: "grapheme", maxLength: 300 }),
        fc.integer({ min: 20, max: 120 }),
        (before, after, limit) => {
          const text = `${before}保本保息${after}`;
          const { quote, findings } = clipQuote(
            text,
            [finding(before.length, before.length + 4)],
            limit,
          );
          expect(quote.length).toBeLessThanOrEqual(Math.max(limit, 0));
          const [span] = findings[0]!.spans;
          expect(quote.slice(span!.start, span!.end)).toBe("保本保息");
          expect(Buffer.from(quote, "utf8").toString("utf8")).toBe(quote);
        },
      ),
    );
  });

  it("masks before it cuts, so that a number cut in two does not show", () => {
    const text = `${"嗯".repeat(60)}我的卡6222021234567890123，保本保息`;
    const at = text.indexOf("保本");
    expect(maskedQuote(text, [finding(at, at + 4)], 30).quote).not.toMatch(/\d{5}/);
  });

  it.each([
    ["李小姐", "李**"],
    ["A", "A*"],
    ["欧阳建国🌟先生", "欧***"],
  ])("shows of a name only how it begins: %s", (name, expected) => {
    expect(maskName(name)).toBe(expected);
  });
});
