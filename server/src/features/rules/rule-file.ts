import type { RuleDraft } from "#shared/contract/rule";
import { ruleDraft } from "#shared/contract/rule";
import type { RuleFileError } from "#shared/contract/rule-file";
import { readWorkbook, WorkbookError } from "../../platform/xlsx/read-workbook.ts";
import type { SheetCell, SheetRows } from "../../platform/xlsx/read-workbook.ts";
import { writeWorkbook } from "../../platform/xlsx/write-workbook.ts";
import { columnName } from "../../platform/xlsx/xlsx-text.ts";
import { ColumnError, ruleColumns, sheetNames, wordHead, wordKinds } from "./rule-columns.ts";

export interface NamedDraft {
  /** Empty for a rule that is not known yet. */
  id: string;
  draft: RuleDraft;
}

/** As a file says it. */
export interface PlacedDraft extends NamedDraft {
  /** The cell of its number. */
  cell: string;
}

export interface FileOfRules {
  rules: readonly PlacedDraft[];
  errors: readonly RuleFileError[];
}

const limits = { bytes: 16 * 1024 * 1024, rows: 100_000, columns: 20 };
const maxRules = 2_000;
type WordField = keyof typeof wordKinds;

export function writeRuleFile(rules: readonly NamedDraft[]): Buffer {
  const lines = rules.map(({ id, draft }) => [id, ...ruleColumns.map(({ write }) => write(draft))]);
  const words = rules.flatMap(({ id, draft }) =>
    (["words", "exceptions"] as const).flatMap((field) =>
      draft[field].map((word) => [id, draft.title, wordKinds[field], word]),
    ),
  );
  const heads = ["编号", ...ruleColumns.map(({ head }) => head)];
  const widths = [20, ...ruleColumns.map(({ width }) => width)];
  return writeWorkbook([
    { name: sheetNames.rules, widths, rows: [heads, ...lines] },
    { name: sheetNames.words, widths: [20, 24, 10, 40], rows: [wordHead, ...words] },
  ]);
}

/** A rule under way from its line to its check. */
interface Line {
  row: number;
  id: string;
  values: Record<string, unknown> & Record<WordField, string[]>;
  /** Where each word stands. */
  cells: Record<WordField, string[]>;
}

/** What a file says; every mistake with its cell. With any mistake there are no rules. */
export function readRuleFile(
  file: Buffer,
  /** Why the engine would not take a rule. */
  objectTo: (draft: RuleDraft) => string | undefined = () => undefined,
): FileOfRules {
  const errors: RuleFileError[] = [];
  const complain = (sheet: string, cell: string, message: string): void => {
    errors.push({ sheet, cell, message });
  };
  const sheets = open(file, complain);
  if (!sheets) return { rules: [], errors };
  const lines = readLines(sheets.rules, complain);
  readWords(sheets.words, lines, complain);
  const rules = lines.flatMap((line) => check(line, complain));
  const condition = columnName(ruleColumns.findIndex(({ field }) => field === "condition") + 1);
  rules.forEach(({ draft }, index) => {
    const objection = objectTo(draft);
    const row = lines[index]?.row ?? 0;
    if (objection !== undefined) complain(sheetNames.rules, `${condition}${row}`, objection);
  });
  return errors.length > 0 ? { rules: [], errors } : { rules, errors };
}

type Complain = (sheet: string, cell: string, message: string) => void;

function open(
  file: Buffer,
  complain: Complain,
): { rules: SheetRows; words: SheetRows } | undefined {
  try {
    const found = readWorkbook(file, Object.values(sheetNames), limits);
    const [rules, words] = [found.get(sheetNames.rules), found.get(sheetNames.words)];
    if (!rules) complain(sheetNames.rules, "", "没有这张工作表，请用导出的文件来改");
    if (!words) complain(sheetNames.words, "", "没有这张工作表，请用导出的文件来改");
    if (!rules || !words) return undefined;
    const heads = ["编号", ...ruleColumns.map(({ head }) => head)];
    const isRight =
      checkHead(sheetNames.rules, rules, heads, complain) &&
      checkHead(sheetNames.words, words, wordHead, complain);
    return isRight ? { rules, words } : undefined;
  } catch (error) {
    if (!(error instanceof WorkbookError)) throw error;
    const isLarge = error.reason === "too_large";
    complain("", "", isLarge ? "文件内容太多，请分成几个文件" : "打不开，请上传 .xlsx 文件");
    return undefined;
  }
}

function checkHead(
  sheet: string,
  rows: SheetRows,
  heads: readonly string[],
  complain: Complain,
): boolean {
  const wrong = heads.findIndex((head, column) => textAt(rows, 1, column).trim() !== head);
  if (wrong >= 0) complain(sheet, `${columnName(wrong)}1`, `这一列应当是「${heads[wrong]}」`);
  return wrong < 0;
}

function textAt(rows: SheetRows, row: number, column: number): string {
  return rows.get(row)?.get(column)?.text ?? "";
}

const cellProblems = { formula: "不接受公式，请粘贴为值", error: "这个格子是错误值" } as const;

function findProblem(cells: Map<number, SheetCell>, sheet: string, complain: Complain): boolean {
  const wrong = [...cells.values()].filter(({ problem }) => problem !== null);
  for (const { name, problem } of wrong) if (problem) complain(sheet, name, cellProblems[problem]);
  return wrong.length > 0;
}

function readLines(rows: SheetRows, complain: Complain): Line[] {
  const lines: Line[] = [];
  const seen = new Set<string>();
  for (const [row, cells] of rows) {
    if (row === 1 || findProblem(cells, sheetNames.rules, complain)) continue;
    if (lines.length >= maxRules) {
      complain(sheetNames.rules, `A${row}`, `最多 ${maxRules} 条规则`);
      break;
    }
    const id = textAt(rows, row, 0).trim();
    const title = textAt(rows, row, 1).trim();
    // Words of a rule without a number find it by its name.
    const key = id === "" ? `名称 ${title}` : id;
    if (seen.has(key)) complain(sheetNames.rules, `A${row}`, "和前面的一行是同一条规则");
    seen.add(key);
    const values = { words: [], exceptions: [] } as Line["values"];
    ruleColumns.forEach(({ field, read }, index) => {
      try {
        const value = read(textAt(rows, row, index + 1));
        if (value !== undefined) (values as Record<string, unknown>)[field] = value;
      } catch (error) {
        if (!(error instanceof ColumnError)) throw error;
        complain(sheetNames.rules, `${columnName(index + 1)}${row}`, error.message);
      }
    });
    lines.push({ row, id, values, cells: { words: [], exceptions: [] } });
  }
  return lines;
}

function readWords(rows: SheetRows, lines: readonly Line[], complain: Complain): void {
  const byId = new Map(lines.filter(({ id }) => id !== "").map((line) => [line.id, line]));
  const byTitle = new Map(
    lines
      .filter(({ id }) => id === "")
      .map((line) => [String(line.values["title"]).trim(), line] as const),
  );
  for (const [row, cells] of rows) {
    if (row === 1 || findProblem(cells, sheetNames.words, complain)) continue;
    const [id = "", title = "", kind = "", word = ""] = [0, 1, 2, 3].map((column) =>
      textAt(rows, row, column),
    );
    const line = id.trim() === "" ? byTitle.get(title.trim()) : byId.get(id.trim());
    const field = (["words", "exceptions"] as const).find((one) => wordKinds[one] === kind.trim());
    if (!line) complain(sheetNames.words, `B${row}`, "工作表「规则」里没有这条规则");
    else if (!field) complain(sheetNames.words, `C${row}`, "只能填：词、例外");
    else {
      line.values[field].push(word);
      line.cells[field].push(`D${row}`);
    }
  }
}

/** The contract of the editor, with the cell instead of the field. */
function check({ row, id, values, cells }: Line, complain: Complain): PlacedDraft[] {
  const parsed = ruleDraft.safeParse(values);
  if (parsed.success) return [{ id, draft: parsed.data, cell: `A${row}` }];
  for (const { path, message } of parsed.error.issues) {
    const [field, index] = path;
    const said = /\p{Script=Han}/u.test(message) ? message : "填写有误";
    const isWord = field === "words" || field === "exceptions";
    const wordCell = isWord && typeof index === "number" ? cells[field][index] : undefined;
    if (wordCell !== undefined) complain(sheetNames.words, wordCell, `词${said}`);
    else {
      const column = ruleColumns.findIndex((one) => one.field === field);
      complain(sheetNames.rules, `${columnName(Math.max(0, column + 1))}${row}`, said);
    }
  }
  return [];
}
