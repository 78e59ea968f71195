/** Words that stand in a text as written, but for the plain fold. */
import type { CompiledParts } from "./compiled-rules.ts";
import { foldText, originalRange, type FoldedText } from "./fold.ts";
import type { MatchVisitor, ShelterMatch } from "./word-match.ts";
import { sheltersOf } from "./shelter.ts";
import { isInsideRun, type CutSide } from "./word-edge.ts";
import { findStart, noStart, visitWordsAt } from "./word-trie.ts";

/** Offsets are of the folded text. */
function findCut(folded: string, start: number, end: number): CutSide | undefined {
  if (isInsideRun(folded, start)) return "before";
  return isInsideRun(folded, end) ? "after" : undefined;
}

function findShelter(
  parts: CompiledParts,
  folded: FoldedText,
  { word, start }: { word: number; start: number },
): ShelterMatch | undefined {
  const found = sheltersOf(parts, word).plain.find(
    // startsWith would take a negative position for 0.
    ({ form, wordStart }) => start >= wordStart && folded.text.startsWith(form, start - wordStart),
  );
  if (found === undefined) return undefined;
  const from = start - found.wordStart;
  return { exception: found.exception, ...originalRange(folded, from, from + found.form.length) };
}

/** By start, then length, then rule. */
export function visitPlainMatches(
  parts: CompiledParts,
  text: string,
  { visit, isFull }: MatchVisitor,
): void {
  const { plain, ruleOfWord } = parts;
  const first = findStart(plain, text, 0);
  if (first === noStart) return;
  const folded = foldText(text);
  const report = (spelling: number, start: number, end: number): void => {
    const last = plain.firstWord[spelling + 1] ?? 0;
    for (let at = plain.firstWord[spelling] ?? 0; at < last; at++) {
      const word = plain.words[at] ?? 0;
      const rule = ruleOfWord[word] ?? 0;
      if (isFull(rule)) continue;
      visit({
        word,
        rule,
        ...originalRange(folded, start, end),
        findCut: () => findCut(folded.text, start, end),
        findShelter: () => findShelter(parts, folded, { word, start }),
        listSteps: () => [],
      });
    }
  };
  // Where nothing was removed, the raw text begins its words where the folded one does.
  let start = folded.offsets === undefined ? first : findStart(plain, folded.text, 0);
  while (start >= 0) {
    const from = start;
    visitWordsAt(plain, folded.text, from, (spelling, end) => report(spelling, from, end));
    start = findStart(plain, folded.text, from + 1);
  }
}
