/** Which rules of the list are shown. Pure. */
import type { RuleDraft, RuleView } from "#shared/contract/rule";
import { foldText } from "#shared/rules/fold";

export interface RuleFilter {
  query: string;
  /** Empty: all. */
  category: string;
  level: RuleDraft["level"] | "";
  state: "on" | "off" | "";
}

export const noFilter: Readonly<RuleFilter> = { query: "", category: "", level: "", state: "" };

export function isFiltering(filter: RuleFilter): boolean {
  return Object.values(filter).some((value: string) => value.trim() !== "");
}

function holds(rule: RuleView, query: string): boolean {
  const texts = [rule.title, rule.category, rule.clause, ...rule.words];
  // The same folding as the rules', so that a full-width or traditional spelling finds its rule.
  return texts.some((one) => foldText(one).text.includes(query));
}

export function filterRules(rules: readonly RuleView[], filter: RuleFilter): RuleView[] {
  const query = foldText(filter.query.trim()).text;
  return rules.filter(
    (rule) =>
      (filter.category === "" || rule.category === filter.category) &&
      (filter.level === "" || rule.level === filter.level) &&
      (filter.state === "" || rule.isEnabled === (filter.state === "on")) &&
      (query === "" || holds(rule, query)),
  );
}

/** The categories in use, each once, in the order of the list. */
export function categoriesOf(rules: readonly RuleView[]): string[] {
  return [...new Set(rules.map((rule) => rule.category))];
}
