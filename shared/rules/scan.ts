/** Checks a text against compiled rules. */
import { partsOf, type CompiledParts, type CompiledRules } from "./compiled-rules.ts";
import { byPlace, isExcused, matchesPerRule, mayMatch, visitMatches } from "./match.ts";
import type { WordMatch } from "./word-match.ts";
import { traceCondition } from "./condition-match.ts";
import { concernsSpeaker, ruleLevels, type MessageSpeaker, type RuleLevel } from "./rule.ts";

/** A word found; [start, end) in UTF-16 units of the original text. */
export interface FindingSpan {
  start: number;
  end: number;
  /** The word as the rule spells it, which need not be how the text does. */
  word: string;
}

/** One rule that a text hits. */
export interface Finding {
  ruleId: string;
  ruleRevision: number;
  level: RuleLevel;
  /** At least one, at most {@link matchesPerRule}; by start, then end; they may overlap. */
  spans: FindingSpan[];
}

export interface ScanOptions {
  readonly speaker: MessageSpeaker;
}

/** A word of two readings, or with two ways to spell it, is found twice in one place. */
function isSame(a: FindingSpan, b: FindingSpan): boolean {
  return a.start === b.start && a.end === b.end && a.word === b.word;
}

/**
 * The rules that `text` hits, in the order in which they were compiled. Any string is fine, lone
 * surrogates included. A text without words of the rules costs one pass a layer and no memory.
 */
export function scan(compiled: CompiledRules, text: string, { speaker }: ScanOptions): Finding[] {
  const parts = partsOf(compiled);
  return mayMatch(parts, text) ? listFindings(parts, text, speaker) : [];
}

interface FoundSpan extends FindingSpan {
  readonly leaf: number;
}

/** What a rule's condition leaves of its words, with the values and patterns that belong to it. */
function spansThatCount(
  parts: CompiledParts,
  rule: number,
  { text, found }: { text: string; found: readonly FoundSpan[] },
): FindingSpan[] {
  const trace = traceCondition(parts, rule, { text, words: found });
  const spans: readonly FindingSpan[] =
    trace === undefined
      ? found
      : trace.places.map(({ start, end }) => {
          const word = found.find((one) => one.start === start && one.end === end)?.word;
          return { start, end, word: word ?? text.slice(start, end) };
        });
  return spans
    .map(({ start, end, word }) => ({ start, end, word }))
    .filter((span, at, all) => all.findIndex((other) => isSame(other, span)) === at)
    .sort(byPlace)
    .slice(0, matchesPerRule);
}

function listFindings(parts: CompiledParts, text: string, speaker: MessageSpeaker): Finding[] {
  const spansByRule = new Map<number, FoundSpan[]>();
  for (const { rule } of parts.watchful) spansByRule.set(rule, []);
  const isFull = (rule: number): boolean => (spansByRule.get(rule)?.length ?? 0) >= matchesPerRule;
  const visit = (match: WordMatch): void => {
    const rule = parts.rules[match.rule];
    if (rule === undefined || !concernsSpeaker(rule.speaker, speaker) || isExcused(match)) return;
    const { start, end, word } = match;
    const leaf = parts.leafOfWord[word] ?? 0;
    const span = { start, end, word: parts.words.get(word), leaf };
    const spans = spansByRule.get(match.rule);
    if (spans === undefined) spansByRule.set(match.rule, [span]);
    else spans.push(span);
  };
  visitMatches(parts, text, { visit, isFull });
  if (spansByRule.size === 0) return [];
  return parts.rules.flatMap((rule, index) => {
    const found = spansByRule.get(index);
    if (found === undefined || !concernsSpeaker(rule.speaker, speaker)) return [];
    const spans = spansThatCount(parts, index, { text, found });
    if (spans.length === 0) return [];
    return [{ ruleId: rule.id, ruleRevision: rule.revision, level: rule.level, spans }];
  });
}

/** The gravest level among findings (or anything else with a level); undefined when there are none. */
export function worstLevel(
  findings: Iterable<{ readonly level: RuleLevel }>,
): RuleLevel | undefined {
  let worst = -1;
  for (const { level } of findings) worst = Math.max(worst, ruleLevels.indexOf(level));
  return ruleLevels[worst];
}
