/**
 * Says why a text hits what it hits, and why it does not hit what it nearly hits. Structured data only;
 * whoever shows it finds the words for people.
 */
import { partsOf, type CompiledRules } from "./compiled-rules.ts";
import { foldStepsBetween, foldStepsWithin, foldText, type FoldStep } from "./fold.ts";
import type { ConditionTrace } from "./evaluate.ts";
import { MessageMatch, type FoundLeaf } from "./condition-match.ts";
import { byPlace, matchesPerRule, visitMatches } from "./match.ts";
import type { WordMatch } from "./word-match.ts";
import { concernsSpeaker, type MessageSpeaker, type Rule, type Speaker } from "./rule.ts";
import {
  listExpectant,
  spansOf,
  type ElsewhereSpan,
  type FindingSpan,
  type ScanOptions,
} from "./scan.ts";
import type { VariantStep } from "./variant-step.ts";
import type { CutSide } from "./word-edge.ts";

/** A word of a rule where it stands in a text; [start, end) in UTF-16 units of the original. */
export interface ExplainedMatch {
  /** As the rule spells it. */
  word: string;
  /** As the text spells it, invisible characters included. */
  quote: string;
  start: number;
  end: number;
  /** What folding changed to make quote and word equal; empty when they agree as written. */
  foldSteps: FoldStep[];
  /** What else was undone (变体); empty when folding alone shows the word. */
  variantSteps: VariantStep[];
}

/** A rule that the text hits. */
export interface ExplainedHit {
  rule: Rule;
  /** Of its words; empty when values or patterns alone make the rule's condition hold. */
  matches: ExplainedMatch[];
  /** The rule's condition with what became of each part; absent when it has none. */
  condition?: ConditionTrace;
  /** What counts of it in the text, as `scan` tells. */
  places: FindingSpan[];
  /** Where it was found in other messages; absent when that is nowhere. */
  elsewhere?: ElsewhereSpan[];
}

/** One reason why a match does not count. */
export type Suppression =
  | { kind: "speaker"; ruleSpeaker: Speaker; speaker: MessageSpeaker }
  | { kind: "boundary"; side: CutSide }
  | { kind: "exception"; exception: string; start: number; end: number };

/** A match that does not count. */
export interface SuppressedMatch {
  rule: Rule;
  match: ExplainedMatch;
  /** All that apply, at least one. */
  reasons: Suppression[];
}

export interface Explanation {
  /** The form of the text in which words were looked for. */
  folded: string;
  /** The same rules and spans, in the same order, as `scan` finds. */
  hits: ExplainedHit[];
  /** Rules of which something was found, but whose condition does not hold. */
  unmet: ExplainedHit[];
  /** By their place in the text; at most {@link matchesPerRule} of a rule. */
  suppressed: SuppressedMatch[];
}

function describeMatch(text: string, word: string, match: WordMatch): ExplainedMatch {
  const { start, end } = match;
  const quote = text.slice(start, end);
  const variantSteps = match.listSteps();
  return {
    word,
    quote,
    start,
    end,
    foldSteps: foldStepsOf(quote, word, variantSteps),
    variantSteps,
  };
}

/** Units of a disguised word do not stand beside those of the rule's, so only the quote can be asked. */
function foldStepsOf(quote: string, word: string, variants: readonly VariantStep[]): FoldStep[] {
  return variants.length === 0 ? foldStepsBetween(quote, word) : foldStepsWithin(quote);
}

/** Everything that stands against a match. */
function listSuppressions(match: WordMatch, rule: Rule, speaker: MessageSpeaker): Suppression[] {
  const reasons: Suppression[] = [];
  if (!concernsSpeaker(rule.speaker, speaker)) {
    reasons.push({ kind: "speaker", ruleSpeaker: rule.speaker, speaker });
  }
  const side = match.findCut();
  if (side !== undefined) reasons.push({ kind: "boundary", side });
  const shelter = match.findShelter();
  if (shelter !== undefined) reasons.push({ kind: "exception", ...shelter });
  return reasons;
}

/** Appends to the list at `key` unless it is full or has the same match. */
function addTo<T>(
  lists: Map<number, T[]>,
  key: number,
  { made, matchOf }: { made: T; matchOf: (one: T) => ExplainedMatch },
): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [made]);
  else if (
    list.length < matchesPerRule &&
    !list.some((one) => isSame(matchOf(one), matchOf(made)))
  ) {
    list.push(made);
  }
}

function isSame(a: ExplainedMatch, b: ExplainedMatch): boolean {
  return a.start === b.start && a.end === b.end && a.word === b.word;
}

/** Was something of it found? */
function isNearly({ matches, condition }: ExplainedHit): boolean {
  return matches.length > 0 || (condition !== undefined && hasPlaces(condition));
}

function hasPlaces({ places, of }: ConditionTrace): boolean {
  return places.length > 0 || of.some(hasPlaces);
}

/** Explains a text: the hits that `scan` finds, and the matches that something suppressed. */
export function explain(compiled: CompiledRules, text: string, options: ScanOptions): Explanation {
  const { speaker, before = [], after = [] } = options;
  const parts = partsOf(compiled);
  const message = new MessageMatch(parts, text, options);
  const counted = new Map<number, ExplainedMatch[]>();
  const suppressed = new Map<number, SuppressedMatch[]>();
  const found = new Map<number, FoundLeaf[]>();
  const visit = (match: WordMatch): void => {
    const rule = parts.rules[match.rule];
    if (rule === undefined) return;
    const reasons = listSuppressions(match, rule, speaker);
    const isCounted = reasons.length === 0;
    if ((isCounted ? counted : suppressed).get(match.rule)?.length === matchesPerRule) return;
    if (isCounted) {
      const leaf = parts.leafOfWord[match.word] ?? 0;
      const known = found.get(match.rule) ?? [];
      const word = parts.words.get(match.word);
      found.set(match.rule, [...known, { leaf, start: match.start, end: match.end, word }]);
    }
    const made = describeMatch(text, parts.words.get(match.word), match);
    if (isCounted) addTo(counted, match.rule, { made, matchOf: (one) => one });
    else {
      const found = { rule, match: made, reasons };
      addTo(suppressed, match.rule, { made: found, matchOf: (one) => one.match });
    }
  };
  const isFull = (rule: number): boolean =>
    counted.get(rule)?.length === matchesPerRule && suppressed.get(rule)?.length === matchesPerRule;
  visitMatches(parts, text, { visit, isFull });
  const expectant = new Set(listExpectant(parts, text, options));
  const hits: ExplainedHit[] = [];
  const unmet: ExplainedHit[] = [];
  for (const [index, rule] of parts.rules.entries()) {
    if (!counted.has(index) && !expectant.has(index)) continue;
    if (!concernsSpeaker(rule.speaker, speaker)) continue;
    const matches = (counted.get(index) ?? []).sort(byPlace);
    const { holds, condition, places } = message.trace(index, found.get(index) ?? []);
    const { spans, elsewhere } = spansOf(places, text, [...before, ...after]);
    const hit = {
      rule,
      matches,
      places: spans,
      ...(condition && { condition }),
      ...(elsewhere && { elsewhere }),
    };
    if (holds) hits.push(hit);
    else if (condition !== undefined && isNearly(hit)) unmet.push(hit);
  }
  return {
    folded: foldText(text).text,
    hits,
    unmet,
    suppressed: [...suppressed.values()].flat().sort((a, b) => byPlace(a.match, b.match)),
  };
}
