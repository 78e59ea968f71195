/** The published rules in the form that a draft is checked with on every keystroke. */
import type { FindingView } from "#shared/contract/rule";
import type { SidebarRules } from "#shared/contract/sidebar";
import { compileRules } from "#shared/rules/compile";
import { scan } from "#shared/rules/scan";
import { gravestFirst } from "../text-marks.ts";

export interface DraftRules {
  readonly version: number;
  /** What the rules say of a draft of the member, gravest first. Microseconds for a draft. */
  find(text: string): FindingView[];
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
  };
}
