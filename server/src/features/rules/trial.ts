import type { CompiledRules } from "#shared/rules/compile";
import { explain } from "#shared/rules/explain";
import type { Suppression } from "#shared/rules/explain";
import type { TrialRequest, TrialView } from "#shared/contract/rule";

/** What the rules say of a sentence, and why they do not object to the rest of it. */
export function explainTrial(compiled: CompiledRules, request: TrialRequest): TrialView {
  const { folded, hits, suppressed } = explain(compiled, request.text, {
    speaker: request.speaker,
  });
  return {
    foldedText: folded,
    findings: hits.map(({ rule, matches }) => ({
      ruleId: rule.id,
      ruleRevision: rule.revision,
      title: rule.title,
      category: rule.category,
      level: rule.level,
      clause: rule.clause,
      reason: rule.reason,
      suggestion: rule.suggestion,
      spans: matches.map(({ start, end, word }) => ({ start, end, word })),
      foldSteps: [...new Set(matches.flatMap(({ foldSteps }) => foldSteps))],
      variantSteps: [...new Set(matches.flatMap(({ variantSteps }) => variantSteps))],
    })),
    suppressed: suppressed.map(({ rule, match, reasons }) => ({
      ruleId: rule.id,
      title: rule.title,
      span: { start: match.start, end: match.end, word: match.word },
      ...mainReason(reasons),
    })),
  };
}

const words = { exception: "exception", speaker: "speaker", boundary: "word_boundary" } as const;

/** Of several reasons the first that a person can act on: an exception, then who spoke, then a word's edge. */
function mainReason(
  reasons: readonly Suppression[],
): Pick<TrialView["suppressed"][number], "by" | "exception"> {
  for (const kind of ["exception", "speaker", "boundary"] as const) {
    const reason = reasons.find((one) => one.kind === kind);
    if (reason) {
      return { by: words[kind], exception: reason.kind === "exception" ? reason.exception : null };
    }
  }
  throw new Error("a suppressed match has a reason");
}
