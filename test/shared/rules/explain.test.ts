import { compileRules } from "#shared/rules/compile";
import { explain } from "#shared/rules/explain";
import { makeRule } from "./make-rule.ts";

const guarantee = makeRule({
  id: "fin",
  speaker: "member",
  words: ["保证收益"],
  exceptions: ["不保证收益"],
});
const contact = makeRule({ id: "contact", words: ["加V"] });
const compiled = compileRules([guarantee, contact]);

test("a hit shows the rule, the quote as written and what folding changed", () => {
  const explanation = explain(compiled, "我們保\u200b證收益，加ｖ聊", { speaker: "member" });
  expect(explanation).toEqual({
    folded: "我们保证收益,加v聊",
    hits: [
      {
        rule: guarantee,
        matches: [
          {
            word: "保证收益",
            quote: "保\u200b證收益",
            start: 2,
            end: 7,
            foldSteps: ["traditional", "invisible"],
            variantSteps: [],
          },
        ],
        places: [{ word: "保证收益", start: 2, end: 7 }],
      },
      {
        rule: contact,
        matches: [
          {
            word: "加V",
            quote: "加ｖ",
            start: 8,
            end: 10,
            foldSteps: ["width", "case"],
            variantSteps: [],
          },
        ],
        places: [{ word: "加V", start: 8, end: 10 }],
      },
    ],
    suppressed: [],
    unmet: [],
  });
});

test("what an exception, the speaker or a word boundary suppressed says so", () => {
  const { hits, suppressed } = explain(compiled, "加VIP，\u200b不保证收益", {
    speaker: "customer",
  });
  expect(hits).toEqual([]);
  expect(suppressed.map(({ rule, match, reasons }) => [rule.id, match.quote, reasons])).toEqual([
    ["contact", "加V", [{ kind: "boundary", side: "after" }]],
    [
      "fin",
      "保证收益",
      [
        { kind: "speaker", ruleSpeaker: "member", speaker: "customer" },
        { kind: "exception", exception: "不保证收益", start: 6, end: 11 },
      ],
    ],
  ]);
});

test("an ordinary text has nothing to explain", () => {
  const folded = "明天下午三点见";
  expect(explain(compiled, folded, { speaker: "member" })).toEqual({
    folded,
    hits: [],
    suppressed: [],
    unmet: [],
  });
});
