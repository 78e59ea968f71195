/** The published rules in the form that a draft is checked with on every keystroke. */
import type { FindingExplanation, FindingView } from "#shared/contract/rule";
import type { SidebarRules } from "#shared/contract/sidebar";
import { explainHit, flattenTrace } from "#shared/hit-explanation";
import { compileRules } from "#shared/rules/compile";
import { explain } from "#shared/rules/explain";
import { scan } from "#shared/rules/scan";
import { gravestFirst } from "../text-marks.ts";

export interface DraftRules {
  readonly version: number;
  /** What the rules say of a draft of the member, gravest first. Microseconds for a draft. */
  find(text: string): FindingView[];
  /** How one of the findings comes about; null for what only the server knows. For whoever asks, not for each keystroke. */
  explain(text: string, ruleId: string): FindingExplanation | null;
}

/** Throws a RangeError when the rules are beyond the engine's limits. */
export function compileDraftRules({ version, rules }: SidebarRules): DraftRules {
  const compiled = compileRules(rules);
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  return {
    version,
    find: (text) =>
      gravestFirst(
        scan(compiled, text, { speaker: "member" }).flatMap((finding) => {
          const rule = byId.get(finding.ruleId);
          if (rule === undefined) return [];
          const { title, category, clause, reason, suggestion } = rule;
          return [{ ...finding, title, category, clause, reason, suggestion }];
        }),
      ),
    explain(text, ruleId) {
      const explanation = explain(compiled, text, { speaker: "member" });
      const hit = explanation.hits.find(({ rule }) => rule.id === ruleId);
      if (!hit) return null;
      const parts = hit.condition ? flattenTrace(hit.condition) : [];
      const trace = parts.map(({ places, ...part }) => ({
        ...part,
        found: places.map(({ start, end }) => ({ message: null, quote: text.slice(start, end) })),
      }));
      return { ...explainHit(hit, explanation), trace, folded: explanation.folded };
    },
  };
}
