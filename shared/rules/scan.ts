/** Checks a text against compiled rules. */
import { partsOf, type CompiledParts, type CompiledRules } from "./compiled-rules.ts";
import { MessageMatch, type FoundLeaf } from "./condition-match.ts";
import type { Place } from "./condition.ts";
import type { MessageFacts } from "./facts.ts";
import { byPlace, isExcused, matchesPerRule, mayMatch, visitMatches } from "./match.ts";
import type { WordMatch } from "./word-match.ts";
import { concernsSpeaker, ruleLevels, type RuleLevel } from "./rule.ts";
import type { ScanOptions } from "./scan-options.ts";
import type { Sibling } from "./window.ts";

export type { ScanOptions } from "./scan-options.ts";

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
  /**
   * In the text, at most {@link matchesPerRule}; by start, then end; they may overlap. None where facts alone make
   * the rule's condition hold.
   */
  spans: FindingSpan[];
  /** In other messages of the speaker, when the rule looks beyond one; absent when there are none. */
  elsewhere?: ElsewhereSpan[];
}

/** A part of a hit in another message. */
export interface ElsewhereSpan extends FindingSpan {
  /** The `id` of a {@link Sibling}. */
  message: number;
}

/** A word of two readings, or with two ways to spell it, is found twice in one place. */
function isSame(a: Place, b: Place): boolean {
  return a.start === b.start && a.end === b.end && a.word === b.word && a.message === b.message;
}

/**
 * The rules that `text` hits, in the order in which they were compiled. Any string is fine, lone
 * surrogates included. A text without words of the rules costs one pass a layer and no memory.
 */
export function scan(compiled: CompiledRules, text: string, options: ScanOptions): Finding[] {
  const parts = partsOf(compiled);
  return mayMatch(parts, text) || mayHitOtherwise(parts, text, options)
    ? listFindings(parts, text, options)
    : [];
}

function mayHitOtherwise(parts: CompiledParts, text: string, options: ScanOptions): boolean {
  const { facts, before, after } = options;
  if (hasAny(listByFacts(parts, facts))) return true;
  if (before === undefined && after === undefined) return false;
  return (before?.length ?? 0) + (after?.length ?? 0) > 0 && mayHitJoined(parts, text, options);
}

/** Might a message with this text hit when nothing is known of others around it? A `false` is certain and cheap. */
export function mayHitAlone(compiled: CompiledRules, text: string): boolean {
  const parts = partsOf(compiled);
  return parts.unprompted.length > 0 || mayMatch(parts, text);
}

function mayHitJoined(parts: CompiledParts, text: string, options: ScanOptions): boolean {
  const joined = new MessageMatch(parts, text, options).joinedTexts();
  return joined.some((one) => mayMatch(parts, one));
}

/** The places that count, as words where a word was looked for, else as written. */
export function spansOf(
  places: readonly Place[],
  text: string,
  siblings: readonly Sibling[],
): Pick<Finding, "spans" | "elsewhere"> {
  const [only] = places;
  // As nearly all findings are.
  if (only?.word !== undefined && only.message === undefined && places.length === 1) {
    return { spans: [{ start: only.start, end: only.end, word: only.word }] };
  }
  const named = places
    .map(({ start, end, word, message }) => {
      const where =
        message === undefined ? text : (siblings.find(({ id }) => id === message)?.text ?? "");
      return { start, end, word: word ?? where.slice(start, end), message };
    })
    .filter((span, at, all) => all.findIndex((other) => isSame(other, span)) === at)
    .sort(byPlace);
  const spans: FindingSpan[] = [];
  const elsewhere: ElsewhereSpan[] = [];
  for (const { message, ...span } of named) {
    if (message === undefined) spans.push(span);
    else elsewhere.push({ ...span, message });
  }
  const orderOf = new Map(siblings.map(({ id }, order) => [id, order]));
  const order = ({ message }: ElsewhereSpan): number => orderOf.get(message) ?? 0;
  elsewhere.sort((a, b) => order(a) - order(b));
  return {
    spans: spans.slice(0, matchesPerRule),
    ...(elsewhere.length > 0 && { elsewhere: elsewhere.slice(0, matchesPerRule) }),
  };
}

/** The rules that may hit by facts alone: of an act other ones than of a message. */
function listByFacts(parts: CompiledParts, facts: MessageFacts | undefined): Iterable<number> {
  if (facts === undefined) return [];
  return facts.isRemoval === true ? parts.reach.removals : parts.unprompted;
}

function hasAny(list: Iterable<number>): boolean {
  return list[Symbol.iterator]().next().done !== true;
}

/** The rules that may hit though none of their words stands in the text. */
export function listExpectant(
  parts: CompiledParts,
  text: string,
  { facts, before, after }: ScanOptions,
): number[] {
  const isAlone = (before?.length ?? 0) + (after?.length ?? 0) === 0;
  const watchful = parts.watchful.filter(({ leaves }) =>
    leaves.some(({ find }) => find(text).length > 0),
  );
  return [
    ...watchful.map(({ rule }) => rule),
    ...listByFacts(parts, facts),
    ...(isAlone ? [] : [...parts.reach.windowed, ...parts.reach.split]),
  ];
}

/**
 * The rules that a removal hits: those that hold because one side has deleted the other, and would not hold for a
 * message without words at the same moment.
 */
export function scanRemoval(
  scanEmpty: (options: ScanOptions) => Finding[],
  options: ScanOptions & { readonly facts: MessageFacts },
): Finding[] {
  const anyway = new Set(scanEmpty(options).map(({ ruleId }) => ruleId));
  return scanEmpty(asRemoval(options)).filter(({ ruleId }) => !anyway.has(ruleId));
}

export function asRemoval(options: ScanOptions): ScanOptions {
  return { ...options, facts: { ...options.facts, isRemoval: true } };
}

function listFindings(parts: CompiledParts, text: string, options: ScanOptions): Finding[] {
  const { speaker } = options;
  const found = new Map<number, FoundLeaf[]>();
  for (const rule of listExpectant(parts, text, options)) found.set(rule, []);
  const isFull = (rule: number): boolean => (found.get(rule)?.length ?? 0) >= matchesPerRule;
  const visit = (match: WordMatch): void => {
    const rule = parts.rules[match.rule];
    if (rule === undefined || !concernsSpeaker(rule.speaker, speaker) || isExcused(match)) return;
    const { start, end, word } = match;
    const leaf = { leaf: parts.leafOfWord[word] ?? 0, start, end, word: parts.words.get(word) };
    const known = found.get(match.rule);
    if (known === undefined) found.set(match.rule, [leaf]);
    else known.push(leaf);
  };
  visitMatches(parts, text, { visit, isFull });
  if (found.size === 0) return [];
  const siblings = [...(options.before ?? []), ...(options.after ?? [])];
  // A rule of words alone, over one message, has nothing more to ask.
  let message: MessageMatch | undefined;
  const findings: Finding[] = [];
  for (const index of [...found.keys()].sort((a, b) => a - b)) {
    const rule = parts.rules[index];
    if (rule === undefined || !concernsSpeaker(rule.speaker, speaker)) continue;
    const words = found.get(index) ?? [];
    const { holds, places } =
      rule.condition === undefined && siblings.length === 0
        ? { holds: words.length > 0, places: words }
        : (message ??= new MessageMatch(parts, text, options)).trace(index, words);
    if (!holds) continue;
    const { id: ruleId, revision: ruleRevision, level } = rule;
    findings.push({ ruleId, ruleRevision, level, ...spansOf(places, text, siblings) });
  }
  return findings;
}

/** The gravest level among findings (or anything else with a level); undefined when there are none. */
export function worstLevel(
  findings: Iterable<{ readonly level: RuleLevel }>,
): RuleLevel | undefined {
  let worst = -1;
  for (const { level } of findings) worst = Math.max(worst, ruleLevels.indexOf(level));
  return ruleLevels[worst];
}
