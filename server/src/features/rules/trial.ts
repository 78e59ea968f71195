import type { CompiledRules } from "#shared/rules/compile";
import { explain } from "#shared/rules/explain";
import type { ExplainedHit } from "#shared/rules/explain";
import type { TracedPart, TrialRequest, TrialView } from "#shared/contract/rule";
import { explainHit, flattenTrace, mainReason } from "#shared/hit-explanation";
import type { PlacedPart } from "#shared/hit-explanation";

/** What the rules say of a sentence, and why they do not object to the rest of it. */
export function explainTrial(compiled: CompiledRules, request: TrialRequest): TrialView {
  const { text } = request;
  const before = (request.before ?? []).map((said, id) => ({
    id,
    text: said,
    sentAtMs: id * GAP_MS,
  }));
  const explanation = explain(compiled, text, {
    speaker: request.speaker,
    before,
    sentAtMs: before.length * GAP_MS,
    facts: { scene: request.scene, contents: [{ kind: "text" }], recalledAfterMs: null },
  });
  const { folded, hits, unmet, suppressed } = explanation;
  const quote = ({ message, start, end }: PlacedPart["places"][number]) => ({
    message: message ?? null,
    quote: (message === undefined ? text : (request.before?.[message] ?? "")).slice(start, end),
  });
  const trace = ({ condition }: ExplainedHit): TracedPart[] =>
    (condition ? flattenTrace(condition) : []).map(({ places, ...part }) => ({
      ...part,
      found: places.map(quote),
    }));
  return {
    foldedText: folded,
    unmet: unmet.map((hit) => ({ ruleId: hit.rule.id, title: hit.rule.title, trace: trace(hit) })),
    findings: hits.map((hit) => ({
      ruleId: hit.rule.id,
      ruleRevision: hit.rule.revision,
      title: hit.rule.title,
      category: hit.rule.category,
      level: hit.rule.level,
      clause: hit.rule.clause,
      reason: hit.rule.reason,
      suggestion: hit.rule.suggestion,
      spans: hit.places,
      ...(hit.elsewhere && { elsewhere: hit.elsewhere }),
      explanation: { ...explainHit(hit, explanation), trace: trace(hit), folded },
    })),
    suppressed: suppressed.map(({ rule, match, reasons }) => ({
      ruleId: rule.id,
      title: rule.title,
      span: { start: match.start, end: match.end, word: match.word },
      ...mainReason(reasons),
    })),
  };
}

/** Messages of a trial follow each other as fast as people write. */
const GAP_MS = 5000;
