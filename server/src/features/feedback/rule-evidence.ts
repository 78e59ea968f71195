import { isDeepStrictEqual } from "node:util";
import { fewestDecided } from "#shared/contract/rule-feedback";
import type { DecisionTally } from "#shared/contract/rule-feedback";
import type { RuleDraft } from "#shared/contract/rule";
import { nodesOf } from "#shared/rules/condition";
import { wilsonInterval } from "#shared/wilson-interval";
import type { DecidedHit } from "../cases/decided-hits.ts";

/** Do two wordings find the same? What else they say does not matter to what was found. */
export function findsTheSame(a: RuleDraft, b: RuleDraft): boolean {
  return isDeepStrictEqual(lookingOf(a), lookingOf(b));
}

function lookingOf({ words, exceptions, condition, speaker, variants }: RuleDraft): unknown {
  return JSON.parse(JSON.stringify({ words, exceptions, condition, speaker, variants }));
}

/** The words that a rule names. What values and patterns find is text of people and no word of the rule. */
export function namedWords({ words, condition }: RuleDraft): Set<string> {
  const named = condition
    ? nodesOf(condition).flatMap((node) => (node.kind === "words" ? (node.words ?? []) : []))
    : [];
  return new Set([...words, ...named]);
}

/** Counts each case once. */
export function tallyOf(hits: readonly Pick<DecidedHit, "caseId" | "decision">[]): DecisionTally {
  const decisions = new Map(hits.map(({ caseId, decision }) => [caseId, decision]));
  const handled = [...decisions.values()].filter((one) => one === "handled").length;
  const decided = decisions.size;
  return {
    handled,
    falseAlarms: decided - handled,
    precision: wilsonInterval(handled, decided),
    isFew: decided < fewestDecided,
  };
}

/** By word, the most decided first; the same by spelling. */
export function tallyWords(
  definition: RuleDraft,
  hits: readonly DecidedHit[],
): (DecisionTally & { word: string })[] {
  const named = namedWords(definition);
  const byWord = new Map<string, DecidedHit[]>();
  for (const hit of hits) {
    for (const word of hit.words.filter((one) => named.has(one)))
      byWord.set(word, [...(byWord.get(word) ?? []), hit]);
  }
  return [...byWord]
    .map(([word, found]) => ({ word, ...tallyOf(found) }))
    .sort(
      (a, b) => b.handled + b.falseAlarms - a.handled - a.falseAlarms || (a.word < b.word ? -1 : 1),
    );
}
