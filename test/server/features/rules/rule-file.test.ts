import fc from "fast-check";
import type { RuleDraft } from "#shared/contract/rule";
import { starterRules } from "#shared/rules/starter-rules";
import { planImport } from "../../../../server/src/features/rules/import-plan.ts";
import { readRuleFile, writeRuleFile } from "../../../../server/src/features/rules/rule-file.ts";
import type { NamedDraft } from "../../../../server/src/features/rules/rule-file.ts";
import { toDraft } from "../../../../server/src/features/rules/rule-view.ts";
import { readWorkbook } from "../../../../server/src/platform/xlsx/read-workbook.ts";
import { writeWorkbook } from "../../../../server/src/platform/xlsx/write-workbook.ts";

const draft: RuleDraft = {
  title: "承诺收益",
  category: "理财",
  level: "forbidden",
  speaker: "member",
  variants: "standard",
  words: ["保本保息", "=1+1"],
  exceptions: ["不承诺保本保息"],
  clause: "《广告法》第二十五条",
  reason: "不得对收益作保证性承诺。",
  suggestion: "历史业绩不代表未来收益。",
  isConfidential: false,
};
const known = (rules: readonly NamedDraft[]) => rules.map((one) => ({ ...one, revision: 1 }));

/** The file of these rules with some cells written over. */
function edited(rules: readonly NamedDraft[], change: Record<string, string>): Buffer {
  const limits = { bytes: 1e7, rows: 1e5, columns: 20 };
  const sheets = readWorkbook(writeRuleFile(rules), ["规则", "词"], limits);
  return writeWorkbook(
    [...sheets].map(([name, rows]) => ({
      name,
      widths: [10],
      rows: [...rows].map(([row]) =>
        Array.from({ length: 12 }, (_, column) => {
          const cell = `${name}!${String.fromCharCode(65 + column)}${row}`;
          return change[cell] ?? rows.get(row)?.get(column)?.text ?? "";
        }),
      ),
    })),
  );
}

describe("a file of rules", () => {
  it("that was just exported changes nothing", () => {
    const starters = starterRules.map((rule) => ({ id: rule.id, draft: toDraft(rule) }));
    const plan = planImport(readRuleFile(writeRuleFile(starters)), known(starters));
    expect(plan).toMatchObject({ create: [], update: [] });
    expect(plan.preview).toMatchObject({ errors: [], sameCount: starters.length, absentCount: 0 });
  });

  it("changes nothing whatever the rules are", () => {
    const text = (max: number) =>
      fc.string({ minLength: 1, maxLength: max }).map((one) => one.trim() || "字");
    const rule = fc.record({
      title: text(40),
      category: text(20),
      level: fc.constantFrom("notice", "caution", "forbidden"),
      speaker: fc.constantFrom("member", "customer", "either"),
      words: fc.array(text(32), { minLength: 1, maxLength: 6 }),
      exceptions: fc.array(text(32), { maxLength: 3 }),
      clause: text(60),
      reason: text(60),
      suggestion: text(60),
      isConfidential: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 8 }), (drafts) => {
        const rules = drafts.map((one, index) => ({ id: `r${index}`, draft: one }));
        const plan = planImport(readRuleFile(writeRuleFile(rules)), known(rules));
        expect([plan.create, plan.update, plan.preview.errors]).toEqual([[], [], []]);
      }),
      { numRuns: 100 },
    );
  });

  it("says what would be new and what would change", () => {
    const rules = [{ id: "a", draft }];
    const news = readRuleFile(writeRuleFile([{ id: "", draft: { ...draft, title: "新规则" } }]));
    expect(planImport(news, known(rules)).preview).toMatchObject({
      changes: [{ title: "新规则", kind: "new", addedWords: 2 }],
      absentCount: 1,
    });
    const file = edited(rules, { "规则!D2": "注意", "词!D2": "稳赚" });
    const { update, preview } = planImport(readRuleFile(file), known(rules));
    expect(update).toMatchObject([{ id: "a", revision: 1, draft: { level: "caution" } }]);
    expect(preview.changes).toEqual([
      { title: "承诺收益", kind: "changed", columns: ["级别"], addedWords: 1, removedWords: 1 },
    ]);
  });

  it("names the cell of every mistake and does nothing then", () => {
    const rules = [{ id: "a", draft }];
    const long = "长".repeat(33);
    const file = edited(rules, {
      "词!D2": long,
      "词!C3": "别的",
      "规则!D2": "致命",
      "规则!C2": "",
    });
    const read = readRuleFile(file);
    expect(read.rules).toEqual([]);
    expect(read.errors).toEqual(
      expect.arrayContaining([
        { sheet: "词", cell: "D2", message: "词不超过 32 个字" },
        { sheet: "词", cell: "C3", message: "只能填：词、例外" },
        { sheet: "规则", cell: "D2", message: "只能填：提示、注意、禁止" },
        { sheet: "规则", cell: "C2", message: "请填写分类" },
      ]),
    );
    expect(planImport(read, known(rules))).toMatchObject({ create: [], update: [] });
    expect(readRuleFile(edited(rules, { "规则!B1": "标题" })).errors[0]).toMatchObject({
      cell: "B1",
    });
    expect(readRuleFile(Buffer.from("x")).errors).toHaveLength(1);
  });
});
