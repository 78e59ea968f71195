/** The published rules in the form that a draft is checked with on every keystroke. */
import type { FindingExplanation, FindingView } from "#shared/contract/rule";
import { explainHit, flattenTrace } from "#shared/hit-explanation";
import { decompileRules, loadRules } from "#shared/rules/compiled-rules";
import { explain } from "#shared/rules/explain";
import type { Rule } from "#shared/rules/rule";
import { scan } from "#shared/rules/scan";
import { gravestFirst } from "../text-marks.ts";

export interface DraftRules {
  readonly version: number;
  /** What the rules say of a draft of the member, gravest first. Microseconds for a draft. */
  find(text: string): FindingView[];
  /** How one of the findings comes about; null for what only the server knows. For whoever asks, not for each keystroke. */
  explain(text: string, ruleId: string): FindingExplanation | null;
}

/** Compiled rules as the server built them, with all that looking for homophones needs. */
export interface DraftRulesFile {
  readonly version: number;
  readonly buffer: ArrayBuffer;
}

/** Throws a `PackedError` when the file is damaged or of another release than this page. */
export function loadDraftRules({ version, buffer }: DraftRulesFile): DraftRules {
  const compiled = loadRules(buffer);
  // Read at the first finding: most drafts have none.
  let known: ReadonlyMap<string, Rule> | undefined;
  const ruleOf = (id: string): Rule | undefined => {
    known ??= new Map(decompileRules(compiled).map((rule) => [rule.id, rule]));
    return known.get(id);
  };
  return {
    version,
    find: (text) =>
      gravestFirst(
        scan(compiled, text, { speaker: "member" }).flatMap((finding) => {
          const rule = ruleOf(finding.ruleId);
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
