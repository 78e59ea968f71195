/** Words that stand in a text as written, but for the plain fold. */
import type { CompiledParts } from "./compiled-rules.ts";
import { foldTable, foldText, originalRange, removedUnit, type FoldedText } from "./fold.ts";
import type { MatchVisitor, ShelterMatch } from "./word-match.ts";
import { sheltersOf } from "./shelter.ts";
import { isOneRun, type CutSide } from "./word-edge.ts";
import { findStart, noStart, visitWordsAt } from "./word-trie.ts";

/** Do the neighbours at `at - 1` and `at` belong to one run of letters or of digits? */
function isInsideRun(text: string, at: number): boolean {
  if (at <= 0 || at >= text.length) return false;
  const [before, after] = [foldTable[text.charCodeAt(at - 1)], foldTable[text.charCodeAt(at)]];
  return isOneRun(before ?? removedUnit, after ?? removedUnit);
}

/** Offsets are of the searched text. */
function findCut(text: string, start: number, end: number): CutSide | undefined {
  if (isInsideRun(text, start)) return "before";
  return isInsideRun(text, end) ? "after" : undefined;
}

function findShelter(
  parts: CompiledParts,
  { word, start, fold }: { word: number; start: number; fold: () => string },
): ShelterMatch | undefined {
  const found = sheltersOf(parts, word).plain.find(
    // startsWith would take a negative position for 0.
    ({ form, wordStart }) => start >= wordStart && fold().startsWith(form, start - wordStart),
  );
  if (found === undefined) return undefined;
  const from = start - found.wordStart;
  return { exception: found.exception, start: from, end: from + found.form.length };
}

/** What is searched: the text itself, unless folding removes something of it. */
function sourceOf(text: string): FoldedText {
  for (let at = 0; at < text.length; at++) {
    if (foldTable[text.charCodeAt(at)] === removedUnit) return foldText(text);
  }
  return { text, offsets: undefined };
}

/** By start, then length, then rule. */
export function visitPlainMatches(
  parts: CompiledParts,
  text: string,
  { visit, isFull }: MatchVisitor,
): void {
  const { plain, ruleOfWord } = parts;
  if (findStart(plain, text, 0) === noStart) return;
  const source = sourceOf(text);
  const searched = source.text;
  let folded: string | undefined;
  // Nothing that is searched is removed by folding, so the offsets agree.
  const fold = (): string => (folded ??= foldText(searched).text);
  const report = (spelling: number, start: number, end: number): void => {
    const last = plain.firstWord[spelling + 1] ?? 0;
    for (let at = plain.firstWord[spelling] ?? 0; at < last; at++) {
      const word = plain.words[at] ?? 0;
      const rule = ruleOfWord[word] ?? 0;
      if (isFull(rule)) continue;
      visit({
        word,
        rule,
        ...originalRange(source, start, end),
        findCut: () => findCut(searched, start, end),
        findShelter: () => {
          const found = findShelter(parts, { word, start, fold });
          return found && { ...found, ...originalRange(source, found.start, found.end) };
        },
        listSteps: () => [],
      });
    }
  };
  let start = findStart(plain, searched, 0);
  while (start >= 0) {
    const from = start;
    visitWordsAt(plain, searched, from, (spelling, end) => report(spelling, from, end));
    start = findStart(plain, searched, from + 1);
  }
}
