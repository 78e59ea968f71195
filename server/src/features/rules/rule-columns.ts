import type { RuleDraft } from "#shared/contract/rule";
import { defaultStrength } from "#shared/rules/rule";

/** The two sheets of a file of rules: a line a rule, and a line a word or exception. */
export const sheetNames = { rules: "规则", words: "词" } as const;

export const wordKinds = { words: "词", exceptions: "例外" } as const;
export const wordHead = ["编号", "规则名称", "类型", "内容"] as const;

/** What stands for a value of a choice. */
const choices = {
  level: { notice: "提示", caution: "注意", forbidden: "禁止" },
  speaker: { member: "员工", customer: "客户", either: "双方" },
  variants: { off: "关", standard: "标准", strong: "强" },
} as const;

/** One column of the sheet 规则 after 编号: its head, and the way of a value to text and back. */
export interface RuleColumn {
  head: string;
  field: keyof RuleDraft;
  width: number;
  write: (draft: RuleDraft) => string;
  /** A value of that field for the contract to check; throws `ColumnError`. */
  read: (text: string) => unknown;
}

/** Says what may stand in the cell. */
export class ColumnError extends Error {
  override name = "ColumnError";
}

type TextField = "title" | "category" | "clause" | "reason" | "suggestion";

function textColumn(head: string, field: TextField, width: number): RuleColumn {
  return { head, field, width, write: (draft) => draft[field], read: (text) => text };
}

function choiceColumn(head: string, field: keyof typeof choices): RuleColumn {
  const names: Readonly<Record<string, string>> = choices[field];
  return {
    head,
    field,
    width: 10,
    write: (draft) => names[draft[field] ?? defaultStrength] ?? "",
    read(text) {
      const found = Object.entries(names).find(([, name]) => name === text.trim());
      if (!found) throw new ColumnError(`只能填：${Object.values(names).join("、")}`);
      return found[0];
    },
  };
}

/** What a table has no form for stands as JSON, to be left alone. */
function jsonColumn(head: string, field: "condition" | "native"): RuleColumn {
  return {
    head,
    field,
    width: 20,
    write: (draft) => (draft[field] === undefined ? "" : JSON.stringify(draft[field])),
    read(text) {
      if (text.trim() === "") return undefined;
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw new ColumnError("这一列由系统写入，请不要修改；新规则请留空");
      }
    },
  };
}

export const ruleColumns: readonly RuleColumn[] = [
  textColumn("名称", "title", 24),
  textColumn("分类", "category", 16),
  choiceColumn("级别", "level"),
  choiceColumn("谁说", "speaker"),
  choiceColumn("变体识别", "variants"),
  {
    head: "保密",
    field: "isConfidential",
    width: 8,
    write: ({ isConfidential }) => (isConfidential ? "是" : "否"),
    read(text) {
      if (!["是", "否", ""].includes(text.trim())) throw new ColumnError("只能填：是、否");
      return text.trim() === "是";
    },
  },
  textColumn("依据条款", "clause", 30),
  textColumn("原因", "reason", 30),
  textColumn("建议说法", "suggestion", 30),
  jsonColumn("组合条件", "condition"),
  jsonColumn("下发到企业微信", "native"),
];
