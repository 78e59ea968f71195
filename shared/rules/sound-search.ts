/**
 * The search of the sound layer. A position of a text may be read in several ways, and in a long word one
 * syllable may be another: people do not all know the same readings of a character, and a phrase of six that
 * agrees in five sounds is no chance. What the words then prove is weighed in sound-match.ts.
 */
import { childOf, mayFollow, type WordTrie } from "./word-trie.ts";

/** Sounds that must agree before one that does not, and in all of such a word. */
const soundsBeforeOther = 2;
const fewestWithOther = 4;

/** For each position of a text the label of its usual reading, and of two further ones (0 = none). */
export type ReadingRows = readonly [usual: Uint16Array, second: Uint16Array, third: Uint16Array];

export interface Guards {
  /** Says no to a word, or takes note of it and says no to find the next. */
  readonly isMeant: (word: number, start: number, end: number) => boolean;
  /** May a word that begins here have another syllable? Asked where the first sounds agree. */
  readonly mayHaveOther: (start: number) => boolean;
}

/** May a word begin with one of the readings here and one of the next? Of the usual ones it is known. */
function mayStartOtherwise(
  { followers }: WordTrie,
  [usual, second, third]: ReadingRows,
  start: number,
): boolean {
  const [a1 = 0, a2 = 0, a3 = 0] = [usual[start], second[start], third[start]];
  const [b1 = 0, b2 = 0, b3 = 0] = [usual[start + 1], second[start + 1], third[start + 1]];
  if (b2 !== 0 && mayFollow(followers, a1, b2)) return true;
  if (b3 !== 0 && mayFollow(followers, a1, b3)) return true;
  for (const first of [a2, a3]) {
    if (first === 0) continue;
    if (mayFollow(followers, first, b1)) return true;
    if (b2 !== 0 && mayFollow(followers, first, b2)) return true;
    if (b3 !== 0 && mayFollow(followers, first, b3)) return true;
  }
  return false;
}

interface Walk {
  readonly trie: WordTrie;
  readonly rows: ReadingRows;
  readonly length: number;
  readonly guards: Guards;
  /** Where the word begins. */
  start: number;
}

function childAlong(trie: WordTrie, node: number, label: number): number {
  return node === 0 ? (trie.rootChild[label] ?? 0) : childOf(trie, node, label);
}

/** Does a word end at or below `node`, which stands for the positions before `at`? */
function leadsToWord(walk: Walk, node: number, at: number, hasOther: boolean): boolean {
  const { trie, rows, length, guards, start } = walk;
  const word = trie.wordAt[node] ?? 0;
  const isLong = !hasOther || at - start >= fewestWithOther;
  if (word !== 0 && isLong && guards.isMeant(word - 1, start, at)) return true;
  if (at >= length) return false;
  const child = trie.firstChild[node] ?? 0;
  const last = trie.firstChild[node + 1] ?? 0;
  if (child === last) return false;
  const [usual, second, third] = rows;
  const [a = 0, b = 0, c = 0] = [usual[at], second[at], third[at]];
  const alongA = a === 0 ? 0 : childAlong(trie, node, a);
  if (alongA !== 0 && leadsToWord(walk, alongA, at + 1, hasOther)) return true;
  const alongB = b === 0 ? 0 : childAlong(trie, node, b);
  if (alongB !== 0 && leadsToWord(walk, alongB, at + 1, hasOther)) return true;
  const alongC = c === 0 ? 0 : childAlong(trie, node, c);
  if (alongC !== 0 && leadsToWord(walk, alongC, at + 1, hasOther)) return true;
  if (hasOther || at - start < soundsBeforeOther) return false;
  return guards.mayHaveOther(start) && leadsOtherwise(walk, node, at);
}

/** The same when the syllable at `at` is another than the word's. */
function leadsOtherwise(walk: Walk, node: number, at: number): boolean {
  const { trie, rows, length, start } = walk;
  // The shortest such word needs as many positions.
  if (start + fewestWithOther > length) return false;
  const [usual, second, third] = rows;
  const [a = 0, b = 0, c = 0] = [usual[at], second[at], third[at]];
  const last = trie.firstChild[node + 1] ?? 0;
  for (let child = trie.firstChild[node] ?? 0; child < last; child++) {
    const label = trie.label[child] ?? 0;
    if (label === a || label === b || label === c) continue;
    if (leadsToWord(walk, child, at + 1, true)) return true;
  }
  return false;
}

/** Does any word that the guards allow sound in the first `length` positions? Asks for each by start. */
export function hasWordInReadings(
  trie: WordTrie,
  rows: ReadingRows,
  length: number,
  guards: Guards,
): boolean {
  const [usual, second] = rows;
  const walk: Walk = { trie, rows, length, guards, start: 0 };
  for (let start = 0; start + 1 < length; start++) {
    const isUsual = mayFollow(trie.followers, usual[start] ?? 0, usual[start + 1] ?? 0);
    const mayDiffer = second[start] !== 0 || second[start + 1] !== 0;
    if (!isUsual && !(mayDiffer && mayStartOtherwise(trie, rows, start))) continue;
    walk.start = start;
    if (leadsToWord(walk, 0, start, false)) return true;
  }
  return false;
}

/** The labels [first, end) that a position may have. */
export type LabelRange = readonly [first: number, end: number];

/**
 * Calls `visit(word, start, end)` for every word that the positions may spell, where each position stands for
 * several ranges of labels. The search takes at most `mostSteps` steps in all.
 */
export function visitLabelRanges(
  trie: WordTrie,
  positions: readonly (readonly LabelRange[])[],
  mostSteps: number,
  visit: (word: number, start: number, end: number) => void,
): void {
  let steps = mostSteps;
  const walk = (node: number, start: number, at: number, hasOther: boolean): void => {
    const word = trie.wordAt[node] ?? 0;
    if (word !== 0 && (!hasOther || at - start >= fewestWithOther)) visit(word - 1, start, at);
    const ranges = positions[at];
    if (ranges === undefined) return;
    for (const [first, end] of ranges) {
      if (--steps <= 0) return;
      if (end === first + 1) {
        const child = childOf(trie, node, first);
        if (child !== 0) walk(child, start, at + 1, hasOther);
        continue;
      }
      const last = trie.firstChild[node + 1] ?? 0;
      for (let child = firstChildFrom(trie, node, first); child < last; child++) {
        if ((trie.label[child] ?? 0) >= end || --steps <= 0) break;
        walk(child, start, at + 1, hasOther);
      }
    }
    if (hasOther || at - start < soundsBeforeOther || !ranges.every(isOne)) return;
    const last = trie.firstChild[node + 1] ?? 0;
    for (let child = trie.firstChild[node] ?? 0; child < last; child++) {
      const label = trie.label[child] ?? 0;
      if (ranges.some(([first]) => first === label)) continue;
      if (--steps <= 0) return;
      walk(child, start, at + 1, true);
    }
  };
  const mayStartRanges = (start: number): boolean => {
    const [here, next] = [positions[start] ?? [], positions[start + 1] ?? []];
    return here.some((one) =>
      next.some((two) => {
        if (one[0] === 0 || two[0] === 0) return false;
        if (!isOne(one) || !isOne(two)) return true;
        return mayFollow(trie.followers, one[0], two[0]);
      }),
    );
  };
  for (let start = 0; start < positions.length; start++) {
    if (mayStartRanges(start)) walk(0, start, start, false);
  }
}

function isOne([first, end]: LabelRange): boolean {
  return end === first + 1;
}

/** The first child of `node` whose label is not below `label`. */
function firstChildFrom(trie: WordTrie, node: number, label: number): number {
  let low = trie.firstChild[node] ?? 0;
  let high = trie.firstChild[node + 1] ?? 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((trie.label[middle] ?? 0) < label) low = middle + 1;
    else high = middle;
  }
  return low;
}
