import { foldText } from "#shared/rules/fold";

/** A word where it stands in a message. */
export interface Occurrence {
  caseId: string;
  conversationId: string;
  text: string;
  start: number;
  end: number;
}

export interface RecurringPhrase {
  phrase: string;
  /** The occurrences that stand in it. */
  within: readonly Occurrence[];
}

/** So far a phrase reaches beyond the word on each side; an exception takes 32 units. */
const REACH = 8;
const LONGEST = 32;
/** What one person wrote once, or sent to one customer again and again, is no way of speaking. */
const FEWEST_CASES = 3;
const FEWEST_CONVERSATIONS = 2;
const MOST_PHRASES = 3;

const speaking = /[\p{L}\p{N}]/u;

/**
 * The phrases round a word that recur in false alarms and in nothing that was rightly found: what an exception could
 * be. Of those that excuse the same the longest, since it excuses nothing else. Pure.
 */
export function findRecurringPhrases(
  falseAlarms: readonly Occurrence[],
  handled: readonly Occurrence[],
): RecurringPhrase[] {
  const right = handled.map(({ text }) => foldText(text).text);
  const phrases: RecurringPhrase[] = [];
  let rest = falseAlarms;
  while (phrases.length < MOST_PHRASES) {
    const best = commonestPhrase(rest, right);
    if (!best) break;
    phrases.push(best);
    const covered = new Set(best.within);
    rest = rest.filter((one) => !covered.has(one));
  }
  return phrases;
}

function commonestPhrase(
  occurrences: readonly Occurrence[],
  right: readonly string[],
): RecurringPhrase | undefined {
  const byPhrase = new Map<string, { phrase: string; within: Occurrence[] }>();
  for (const one of occurrences) {
    for (const phrase of phrasesRound(one)) {
      const key = foldText(phrase).text;
      const known = byPhrase.get(key) ?? { phrase, within: [] };
      known.within.push(one);
      byPhrase.set(key, known);
    }
  }
  const recurring = [...byPhrase].filter(([, { within }]) => isRecurring(within));
  recurring.sort(
    ([a, { within: m }], [b, { within: n }]) =>
      countCases(n) - countCases(m) || b.length - a.length || (a < b ? -1 : 1),
  );
  return recurring.find(([key]) => !right.some((text) => text.includes(key)))?.[1];
}

/** All that hold the word and more, as long as nothing but letters and digits is in between. */
function phrasesRound({ text, start, end }: Occurrence): Set<string> {
  let [first, last] = [start, end];
  while (first > 0 && start - first < REACH && isSpeaking(text, first - 1)) first--;
  while (last < text.length && last - end < REACH && isSpeaking(text, last)) last++;
  const phrases = new Set<string>();
  for (let from = first; from <= start; from++) {
    for (let to = end; to <= last; to++) {
      const isLonger = from < start || to > end;
      if (isLonger && to - from <= LONGEST) phrases.add(text.slice(from, to));
    }
  }
  return phrases;
}

/** Letters outside the basic plane take two units, which must not be torn apart: they end a phrase. */
function isSpeaking(text: string, at: number): boolean {
  return speaking.test(text.charAt(at));
}

function isRecurring(within: readonly Occurrence[]): boolean {
  const conversations = new Set(within.map(({ conversationId }) => conversationId));
  return countCases(within) >= FEWEST_CASES && conversations.size >= FEWEST_CONVERSATIONS;
}

function countCases(within: readonly Occurrence[]): number {
  return new Set(within.map(({ caseId }) => caseId)).size;
}
