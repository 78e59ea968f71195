import type { FindingExplanation, RuleDraft } from "#shared/contract/rule";
import { childrenOf } from "#shared/rules/condition";
import type { Condition, Place } from "#shared/rules/condition";
import type { ConditionTrace } from "#shared/rules/evaluate";
import type { ExplainedHit, Explanation, Suppression } from "#shared/rules/explain";
import { foldText } from "#shared/rules/fold";
import type { WindowSize } from "#shared/rules/window";

/**
 * How a hit came about, as it is kept with the hit: places and yes or no, but neither texts nor the rule, which are
 * kept elsewhere and do not change. It is kept because the facts of the moment (who was in which department, which
 * tags the customer had, what the calendar said) are not; asked again later, the rule might answer otherwise.
 */
export interface KeptExplanation extends Pick<FindingExplanation, "foldSteps" | "variantSteps"> {
  /** One for each part of the rule's condition, each before those that it holds. */
  parts: { holds: boolean; isUnknown?: true; places: Pick<Place, "start" | "end" | "message">[] }[];
  /** The rule was found over several messages without asking for it: the window it was looked for in. */
  split?: WindowSize;
  /** Words that stand there and do not count. */
  suppressed: FindingExplanation["suppressed"];
}

/** A part of a condition and the places that made it hold. */
export interface PlacedPart {
  depth: number;
  condition: Condition;
  holds: boolean;
  isUnknown: boolean;
  places: readonly Pick<Place, "start" | "end" | "message">[];
}

/** A kept explanation with the rule's wording put back. */
export interface PlacedExplanation extends Omit<FindingExplanation, "trace" | "folded"> {
  parts: PlacedPart[];
}

const PLACES_SHOWN = 10;
const EXCEPTIONS_SHOWN = 5;

/** Of a leaf its places, of all others none: the leaves below tell. */
export function flattenTrace(trace: ConditionTrace, depth = 0): PlacedPart[] {
  const { condition, holds, isUnknown, places, of } = trace;
  const found = of.length > 0 ? [] : places.slice(0, PLACES_SHOWN);
  return [
    { depth, condition, holds, isUnknown: isUnknown === true, places: found },
    ...of.flatMap((part) => flattenTrace(part, depth + 1)),
  ];
}

/** What is said of a hit beside its condition. */
export function explainHit(
  { rule, matches, places, elsewhere = [] }: ExplainedHit,
  { suppressed }: Pick<Explanation, "suppressed">,
): Omit<PlacedExplanation, "parts"> {
  return {
    foldSteps: [...new Set(matches.flatMap(({ foldSteps }) => foldSteps))],
    variantSteps: [...new Set(matches.flatMap(({ variantSteps }) => variantSteps))],
    suppressed: suppressed
      .filter((one) => one.rule.id === rule.id)
      .slice(0, PLACES_SHOWN)
      .map(({ match, reasons }) => ({ word: match.word, ...mainReason(reasons) })),
    exceptions: unusedExceptions(rule, [...places, ...elsewhere]),
  };
}

/** By rule, of those that hit. */
export function keepExplanations(explanation: Explanation): Map<string, KeptExplanation> {
  return new Map(
    explanation.hits.map((hit) => {
      const { foldSteps, variantSteps, suppressed } = explainHit(hit, explanation);
      const parts = (hit.condition ? flattenTrace(hit.condition) : []).map(keepPart);
      const split = splitOf(hit);
      return [hit.rule.id, { foldSteps, variantSteps, suppressed, parts, ...(split && { split }) }];
    }),
  );
}

/** The engine looks for some rules in a window of its own. */
function splitOf({ rule, condition: trace }: ExplainedHit): WindowSize | undefined {
  const asked = trace?.condition;
  if (asked?.kind !== "window" || asked === rule.condition) return undefined;
  return { messages: asked.messages, minutes: asked.minutes };
}

function keepPart({ holds, isUnknown, places }: PlacedPart): KeptExplanation["parts"][number] {
  return {
    holds,
    ...(isUnknown && { isUnknown }),
    places: places.map(({ start, end, message }) => ({
      start,
      end,
      ...(message !== undefined && { message }),
    })),
  };
}

/** Puts together what was kept and the wording by which the hit was found. */
export function placeExplanation(
  definition: RuleDraft,
  kept: KeptExplanation,
  found: readonly { word: string }[],
): PlacedExplanation {
  const { foldSteps, variantSteps, suppressed } = kept;
  const own = definition.condition;
  const asked = kept.split
    ? { kind: "window" as const, ...kept.split, of: own ?? { kind: "words" as const, words: null } }
    : own;
  const nodes = asked ? nodesWithDepth(asked) : [];
  const parts = nodes.flatMap(({ condition, depth }, index) => {
    const part = kept.parts[index];
    if (!part) return [];
    const { holds, isUnknown = false, places } = part;
    return [{ depth, condition, holds, isUnknown, places }];
  });
  const exceptions = unusedExceptions(definition, found);
  return { foldSteps, variantSteps, suppressed, exceptions, parts };
}

function nodesWithDepth(
  condition: Condition,
  depth = 0,
): { condition: Condition; depth: number }[] {
  const below = childrenOf(condition).flatMap((child) => nodesWithDepth(child, depth + 1));
  return [{ condition, depth }, ...below];
}

/** Exceptions of the rule that hold one of the words found: they would have excused it, had they been said. */
function unusedExceptions(
  { exceptions }: { exceptions: readonly string[] },
  found: readonly { word: string }[],
): string[] {
  const folded = [...new Set(found.map(({ word }) => foldText(word).text))];
  return exceptions
    .filter((exception) => folded.some((word) => foldText(exception).text.includes(word)))
    .slice(0, EXCEPTIONS_SHOWN);
}

const words = { exception: "exception", speaker: "speaker", boundary: "word_boundary" } as const;

/** Of several reasons the first that a person can act on: an exception, then who spoke, then a word's edge. */
export function mainReason(
  reasons: readonly Suppression[],
): Pick<FindingExplanation["suppressed"][number], "by" | "exception"> {
  for (const kind of ["exception", "speaker", "boundary"] as const) {
    const reason = reasons.find((one) => one.kind === kind);
    if (reason) {
      return { by: words[kind], exception: reason.kind === "exception" ? reason.exception : null };
    }
  }
  throw new Error("a suppressed match has a reason");
}
