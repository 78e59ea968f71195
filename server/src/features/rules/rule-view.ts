import type { FindingView, RuleChangeKind, RuleDraft, RuleView } from "#shared/contract/rule";
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

interface RuleFacts {
  /** By rule. */
  hits: ReadonlyMap<string, number>;
  /** By member. */
  names: ReadonlyMap<string, string>;
  change: RuleChangeKind | null;
}

/** A stored rule as the console shows it. */
export function toView(row: StoredRule, { hits, names, change }: RuleFacts): RuleView {
  const { id, definition, isEnabled, revision, updatedAtMs } = row;
  return {
    ...definition,
    id,
    isEnabled,
    revision,
    updatedBy: nameAuthor(row.updatedBy, names),
    updatedAtMs,
    recentHits: hits.get(id) ?? 0,
    change,
  };
}

/** A member's name, or the product's. */
export function nameAuthor(id: string, names: ReadonlyMap<string, string>): string {
  return id === SYSTEM ? "系统" : (names.get(id) ?? id);
}

/** The order of the console's list. */
export function byCategoryAndTitle(a: RuleView, b: RuleView): number {
  return a.category.localeCompare(b.category, "zh") || a.title.localeCompare(b.title, "zh");
}

/** A finding of a confidential rule: that it objects, not to what. */
export function withoutWords({ ruleId, ruleRevision, level }: FindingView): FindingView {
  return {
    ruleId,
    ruleRevision,
    level,
    title: "公司内部规则",
    category: "公司内部规则",
    clause: "公司保密规定",
    reason: "这句话涉及公司不公开的规则，具体词语不在这里显示。",
    suggestion: "请换一种说法，或先问主管。",
    spans: [],
  };
}
