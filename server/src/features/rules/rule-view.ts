import type { FindingView, RuleDraft, RuleView } from "#shared/contract/rule";
import type { Rule } from "#shared/rules/rule";
import type { StoredRule } from "./rule.entity.ts";

/** Who wrote the rules that come with the product; no member's id, since those are letters, digits and `._-@`. */
export const SYSTEM = "(system)";

/** The part of a rule that administrators write. */
export function toDraft(rule: Rule): RuleDraft {
  const { title, category, level, speaker, variants, words, exceptions, condition } = rule;
  const { clause, reason, suggestion, isConfidential } = rule;
  return {
    title,
    category,
    level,
    speaker,
    variants,
    words: [...words],
    exceptions: [...exceptions],
    ...(condition && { condition }),
    clause,
    reason,
    suggestion,
    isConfidential,
  };
}

/** A stored rule as the engine takes it. */
export function toRule(row: StoredRule): Rule {
  return { ...row.definition, id: row.id, revision: row.revision };
}

/** A stored rule as the console shows it. */
export function toView(
  row: StoredRule,
  hits: ReadonlyMap<string, number>,
  names: ReadonlyMap<string, string>,
): RuleView {
  const { id, definition, isEnabled, revision, updatedAtMs } = row;
  const isOurs = row.updatedBy === SYSTEM;
  return {
    ...definition,
    id,
    isEnabled,
    revision,
    updatedBy: isOurs ? "系统" : (names.get(row.updatedBy) ?? row.updatedBy),
    updatedAtMs,
    recentHits: hits.get(id) ?? 0,
  };
}

/** The order of the console's list. */
export function byCategoryAndTitle(a: RuleView, b: RuleView): number {
  return a.category.localeCompare(b.category, "zh") || a.title.localeCompare(b.title, "zh");
}

/** A finding of a confidential rule: that it objects, not to what. */
export function withoutWords(finding: FindingView): FindingView {
  return {
    ...finding,
    title: "公司内部规则",
    category: "公司内部规则",
    clause: "公司保密规定",
    reason: "这句话涉及公司不公开的规则，具体词语不在这里显示。",
    suggestion: "请换一种说法，或先问主管。",
    spans: [],
  };
}
