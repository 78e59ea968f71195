import type { RuleDraft } from "#shared/contract/rule";
import type { SuggestedChange } from "#shared/contract/rule-feedback";
import { compileRules } from "#shared/rules/compile";
import { ruleLevels } from "#shared/rules/rule";
import type { RuleLevel } from "#shared/rules/rule";
import { scan } from "#shared/rules/scan";
import { sounds } from "#shared/rules/sound-table";
import type { DecidedHit } from "../cases/decided-hits.ts";
import { findRecurringPhrases } from "./recurring-phrases.ts";
import type { Occurrence } from "./recurring-phrases.ts";
import { tallyOf, tallyWords } from "./rule-evidence.ts";

export interface Suggestion {
  change: SuggestedChange;
  /** The decisions that speak for it. */
  evidence: readonly DecidedHit[];
}

type ExceptionSuggestion = Suggestion & { change: { kind: "exception" } };

export interface RuleCase {
  definition: RuleDraft;
  /** Decided under a wording that finds the same. */
  hits: readonly DecidedHit[];
  /** The texts that the asker may read, numbers starred, by message. */
  texts: ReadonlyMap<number, string>;
  /** In force for all of the time, with enough said, and found nothing. */
  isSilent: boolean;
}

/** At most so much of what is found is right: hardly anything. */
const HARDLY = 0.3;
/** At most so much is right: not enough for how loud the rule is. */
const HALF = 0.5;
/** At least so much is right. */
const NEARLY_ALL = 0.8;
/** Exceptions of a rule that a suggestion may add to; the engine's limit. */
const MOST_EXCEPTIONS = 1000;

/** What decisions say should be changed about a rule. Small samples say nothing. Pure. */
export function suggest(one: RuleCase): Suggestion[] {
  const { hits, isSilent } = one;
  if (isSilent) return [{ change: { kind: "retire", because: "never_hits" }, evidence: [] }];
  if (tallyOf(hits).isFew) return [];
  const exceptions = suggestExceptions(one);
  const words = suggestWords(one, exceptions);
  const narrower = [...exceptions, ...words];
  // Once it finds less it has to be judged anew.
  if (coversHalf(hits, narrower)) return narrower;
  return [...narrower, ...suggestForAll(one)];
}

function suggestExceptions(one: RuleCase): Suggestion[] {
  const { definition, hits } = one;
  if (definition.exceptions.length >= MOST_EXCEPTIONS) return [];
  const found = tallyWords(definition, hits)
    .filter(({ isFew, falseAlarms }) => !isFew && falseAlarms > 0)
    .flatMap(({ word }) => {
      const occurrences = (decision: DecidedHit["decision"]) =>
        hits.filter((hit) => hit.decision === decision).flatMap((hit) => placesOf(one, hit, word));
      const handled = occurrences("handled");
      return findRecurringPhrases(occurrences("false_alarm"), handled)
        .filter(({ phrase, within }) => isExcusedBy(one, word, phrase, within))
        .map(({ phrase, within }) => {
          const cases = new Set(within.map(({ caseId }) => caseId));
          return {
            change: { kind: "exception", word, phrase } as const,
            evidence: hits.filter(({ caseId }) => cases.has(caseId)),
          };
        });
    });
  return mergeSame(found);
}

/** Words that lie in each other are found in the same phrase; it is named once, after the longest. */
function mergeSame(found: readonly ExceptionSuggestion[]): Suggestion[] {
  const byPhrase = new Map<string, ExceptionSuggestion>();
  for (const one of found) {
    const { phrase, word } = one.change;
    const known = byPhrase.get(phrase);
    const isLonger = known === undefined || word.length > known.change.word.length;
    const evidence = [...new Set([...(known?.evidence ?? []), ...one.evidence])];
    byPhrase.set(phrase, { change: isLonger ? one.change : known.change, evidence });
  }
  return [...byPhrase.values()];
}

function placesOf({ texts }: RuleCase, hit: DecidedHit, word: string): Occurrence[] {
  const text = hit.messageSeq === null ? undefined : texts.get(hit.messageSeq);
  if (text === undefined) return [];
  const { caseId, conversationId } = hit;
  return hit.spans
    .filter((span) => span.word === word && span.end <= text.length)
    .map(({ start, end }) => ({ caseId, conversationId, text, start, end }));
}

/** Asks the engine: only what really excuses all that it is said to is suggested. */
function isExcusedBy(
  { definition }: RuleCase,
  word: string,
  phrase: string,
  within: readonly Occurrence[],
): boolean {
  const exceptions = [...definition.exceptions, phrase];
  const alone = { id: "tried", revision: 0, speaker: "either", condition: undefined } as const;
  const rule = { ...definition, ...alone, words: [word], exceptions };
  const compiled = compileRules([rule], { sounds });
  return within.every(({ text, start, end }) =>
    scan(compiled, text, { speaker: "member" }).every(({ spans }) =>
      spans.every((span) => span.end <= start || span.start >= end),
    ),
  );
}

function suggestWords(
  { definition, hits, texts }: RuleCase,
  exceptions: readonly Suggestion[],
): Suggestion[] {
  const bad = tallyWords(definition, hits)
    .filter(({ isFew, precision }) => !isFew && (precision?.high ?? 1) < HARDLY)
    .filter(({ word }) => definition.words.includes(word))
    .map(({ word }): Suggestion => {
      const evidence = hits.filter(({ words }) => words.includes(word));
      return { change: { kind: "remove_word", word }, evidence };
    })
    // Exceptions were looked for in what the asker may read.
    .filter(
      ({ evidence }) =>
        !coversHalf(
          evidence.filter(({ messageSeq }) => messageSeq !== null && texts.has(messageSeq)),
          exceptions,
        ),
    );
  // Without any word it would not be the same rule any more.
  return bad.length < definition.words.length ? bad : [];
}

function suggestForAll({ definition: { level }, hits }: RuleCase): Suggestion[] {
  const { precision } = tallyOf(hits);
  if (!precision) return [];
  const { low, high } = precision;
  const change = ((): SuggestedChange | undefined => {
    if (high < HARDLY) return { kind: "retire", because: "mostly_false" };
    const milder = step(level, -1);
    if (high < HALF && milder) return { kind: "lower", from: level, to: milder };
    const graver = step(level, 1);
    return low >= NEARLY_ALL && graver ? { kind: "raise", from: level, to: graver } : undefined;
  })();
  return change ? [{ change, evidence: hits }] : [];
}

function step(level: RuleLevel, by: 1 | -1): RuleLevel | undefined {
  return ruleLevels[ruleLevels.indexOf(level) + by];
}

/** Would they do away with at least half of the false alarms? */
function coversHalf(hits: readonly DecidedHit[], by: readonly Suggestion[]): boolean {
  const isFalse = ({ decision }: DecidedHit): boolean => decision === "false_alarm";
  const covered = new Set(by.flatMap(({ evidence }) => evidence).filter(isFalse));
  const wrong = hits.filter(isFalse);
  return wrong.length > 0 && 2 * wrong.filter((hit) => covered.has(hit)).length >= wrong.length;
}
