/**
 * Finds the words of all rules in a text, in every layer that a rule asks for, and says what stands against
 * each: a word boundary that it cuts, or an exception phrase around it. `scan` and `explain` stand on the same
 * functions, so that an explanation never disagrees with a verdict.
 */
import type { CompiledParts } from "./compiled-rules.ts";
import { lookLoosely, looseLook } from "./loose-filter.ts";
import { visitLooseMatches } from "./loose-match.ts";
import { loosenText } from "./loose-text.ts";
import { maySoundAsWritten } from "./sound-filter.ts";
import { visitSoundMatches } from "./sound-match.ts";
import { visitPlainMatches } from "./plain-match.ts";
import { maySound } from "./sound-text.ts";
import type { MatchVisitor, WordMatch } from "./word-match.ts";
import { findStart, hasWordInLabels, noStart } from "./word-trie.ts";

/** Most matches of one rule that are reported for one text, so that a hostile text has a bounded answer. */
export const matchesPerRule = 100;

/** Rules with values or patterns look for them; nearly all texts have none. */
function mayHaveValue(watchful: CompiledParts["watchful"], text: string): boolean {
  return watchful.some(({ leaves }) => leaves.some(({ find }) => find(text).length > 0));
}

/**
 * Might any word stand in the text? A `false` is certain, and it is the answer for nearly every message; it
 * costs a pass a layer and no memory.
 */
export function mayMatch(parts: CompiledParts, text: string): boolean {
  if (parts.hasStrict && findStart(parts.strict, text, 0) !== noStart) return true;
  return !parts.isStrictAlone && mayMatchOtherwise(parts, text);
}

function mayMatchOtherwise(parts: CompiledParts, text: string): boolean {
  const { loose, sound, watchful, rawReadings } = parts;
  if (loose.words.length > 0) {
    const look = lookLoosely(loose, text);
    if (look === looseLook.some) return true;
    const may =
      look === looseLook.split
        ? undefined
        : rawReadings !== undefined && maySoundAsWritten({ loose, sound, raw: rawReadings }, text);
    if (may ?? mayMatchLoosened(parts, text)) return true;
  }
  return watchful.length > 0 && mayHaveValue(watchful, text);
}

function mayMatchLoosened({ plain, loose, sound }: CompiledParts, text: string): boolean {
  const loosened = loosenText(loose, text);
  if (hasWordInLabels(loose.trie, loosened.labels, loosened.length)) return true;
  // What is put together from parts may have stood there as it was.
  if (findStart(plain, text, 0) !== noStart) return true;
  return sound.words.length > 0 && maySound({ raw: text, text: loosened }, sound, loose.unitOf);
}

/**
 * Calls `visit` for each word of each rule in a text: first those that stand there plainly, then the disguised
 * ones, each by start and length.
 */
export function visitMatches(parts: CompiledParts, text: string, visitor: MatchVisitor): void {
  visitPlainMatches(parts, text, visitor);
  if (parts.loose.words.length === 0) return;
  const source = { raw: text, text: loosenText(parts.loose, text) };
  visitLooseMatches(parts, source, visitor);
  visitSoundMatches(parts, source, visitor);
}

/** Does anything stand against the match? */
export function isExcused(match: WordMatch): boolean {
  return match.findCut() !== undefined || match.findShelter() !== undefined;
}

/** Compares by start, then end. */
export function byPlace(
  a: { readonly start: number; readonly end: number },
  b: { readonly start: number; readonly end: number },
): number {
  return a.start - b.start || a.end - b.end;
}
