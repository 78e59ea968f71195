import type { CompiledRules } from "#shared/rules/compile";
import { explain } from "#shared/rules/explain";
import type { Suppression } from "#shared/rules/explain";
import type { ConditionTrace } from "#shared/rules/evaluate";
import type { TracedPart, TrialRequest, TrialView } from "#shared/contract/rule";

/** What the rules say of a sentence, and why they do not object to the rest of it. */
export function explainTrial(compiled: CompiledRules, request: TrialRequest): TrialView {
  const before = (request.before ?? []).map((text, id) => ({ id, text, sentAtMs: id * GAP_MS }));
  const { folded, hits, unmet, suppressed } = explain(compiled, request.text, {
    speaker: request.speaker,
    before,
    sentAtMs: before.length * GAP_MS,
    facts: { scene: request.scene, contents: [{ kind: "text" }], recalledAfterMs: null },
  });
  const texts: Texts = { own: request.text, before: request.before ?? [] };
  return {
    foldedText: folded,
    unmet: unmet.map(({ rule, condition }) => ({
      ruleId: rule.id,
      title: rule.title,
      trace: condition ? flatten(condition, texts) : [],
    })),
    findings: hits.map(({ rule, places, elsewhere, condition, matches }) => ({
      ruleId: rule.id,
      ruleRevision: rule.revision,
      title: rule.title,
      category: rule.category,
      level: rule.level,
      clause: rule.clause,
      reason: rule.reason,
      suggestion: rule.suggestion,
      spans: places,
      ...(elsewhere && { elsewhere }),
      trace: condition ? flatten(condition, texts) : [],
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

/** Messages of a trial follow each other as fast as people write. */
const GAP_MS = 5000;

interface Texts {
  own: string;
  before: readonly string[];
}

function flatten(trace: ConditionTrace, texts: Texts, depth = 0): TracedPart[] {
  const { condition, holds, isUnknown, places, of } = trace;
  const found = of.length > 0 ? [] : places.slice(0, FOUND_SHOWN);
  return [
    {
      depth,
      condition,
      holds,
      isUnknown: isUnknown === true,
      found: found.map(({ message, start, end }) => ({
        message: message ?? null,
        quote: (message === undefined ? texts.own : (texts.before[message] ?? "")).slice(
          start,
          end,
        ),
      })),
    },
    ...of.flatMap((part) => flatten(part, texts, depth + 1)),
  ];
}
const FOUND_SHOWN = 10;

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
