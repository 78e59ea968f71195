/**
 * Words in disguise: found in the loose form of a text, then held to what the form forgot: how wide the gaps
 * are, whether a clause ends inside, and whether letters and digits stand together as in the word.
 */
import type { CompiledParts } from "./compiled-rules.ts";
import { foldText } from "./fold.ts";
import { firstLooseUnit } from "./loose-units.ts";
import type { LooseText } from "./loose-text.ts";
import { gapKind, isDigitUnit, loosenWord, looseAt, type LooseWord } from "./loose-word.ts";
import type { MatchVisitor, ShelterMatch } from "./word-match.ts";
import { listLooseSteps } from "./loose-steps.ts";
import { sheltersOf } from "./shelter.ts";
import { isOneRun, type CutSide } from "./word-edge.ts";
import { visitWordsInLabels } from "./word-trie.ts";

/** UTF-16 units of fillers between two characters of a word: an emoji family is eleven. */
const widestGap = 12;

function isLatin(unit: number): boolean {
  return isDigitUnit(unit) || (unit >= 0x61 && unit <= 0x7a);
}

interface Gaps {
  /** Gaps that the word itself does not have. */
  readonly fillers: number;
  readonly pauses: number;
  /** Gaps between two letters or digits, and how many of those there could be. */
  readonly latin: number;
  readonly latinPlaces: number;
}

/** `undefined` when a gap is wider than any filler, or one that makes another number is missing. */
function countGaps(text: LooseText, from: number, { units, gaps }: LooseWord): Gaps | undefined {
  let [fillers, pauses, latin, latinPlaces] = [0, 0, 0, 0];
  for (let at = 1; at < units.length; at++) {
    const here = from + at;
    if ((text.starts[here] ?? 0) - (text.ends[here - 1] ?? 0) > widestGap) return undefined;
    if (gaps[at] !== gapKind.none) {
      // 9.9 is not 99, though NO1 is NO.1.
      const isNumber = isDigitUnit(units.charCodeAt(at)) && isDigitUnit(units.charCodeAt(at - 1));
      if (isNumber && text.gaps[here] === gapKind.none) return undefined;
      continue;
    }
    const isLatinPlace = isLatin(units.charCodeAt(at)) && isLatin(units.charCodeAt(at - 1));
    if (isLatinPlace) latinPlaces++;
    const gap = text.gaps[here] ?? 0;
    if (gap === gapKind.none) continue;
    fillers++;
    if (gap === gapKind.pause) pauses++;
    if (isLatinPlace) latin++;
  }
  return { fillers, pauses, latin, latinPlaces };
}

/** Are the gaps those of someone who hides a word, or those of ordinary writing? */
function areGapsPlausible(gaps: Gaps, places: number): boolean {
  // A comma inside is ordinary; commas between all characters of a word of three are not.
  if (gaps.pauses > 0 && (places < 2 || gaps.fillers < places)) return false;
  // Letters that stand apart do so throughout: "T O P", not "to p".
  return gaps.latin === 0 || gaps.latin === gaps.latinPlaces;
}

function hasRuns(text: LooseText, from: number, { units, runs }: LooseWord): boolean {
  for (let at = 0; at < units.length; at++) {
    if ((text.runs[from + at] ?? 0) < (runs[at] ?? 1)) return false;
  }
  return true;
}

/** Does the plain layer find the word in the quote, too? At an edge of letters it may count as cut there. */
function isPlain(quote: string, word: string): boolean {
  const [folded, wanted] = [foldText(quote).text, foldText(word).text];
  if (folded.length === wanted.length || isLatin(wanted.charCodeAt(wanted.length - 1))) {
    return folded === wanted;
  }
  return folded.includes(wanted);
}

function accepts(
  { text, raw }: { text: LooseText; raw: string },
  [from, to]: readonly [number, number],
  { word, isAlias }: { word: string; isAlias: boolean },
): boolean {
  const shape = loosenWord(word);
  if (!hasRuns(text, from, shape)) return false;
  const gaps = countGaps(text, from, shape);
  if (gaps === undefined || !areGapsPlausible(gaps, shape.units.length - 1)) return false;
  return isAlias || !isPlain(raw.slice(text.starts[from], text.ends[to - 1]), word);
}

/** The unit for which a word's edge is judged: Chinese numerals are characters, not digits. */
function edgeUnit(raw: string, at: number): number {
  if (raw.charCodeAt(at) >= 0x2e80 && raw.charCodeAt(at) < 0xa000) return 0;
  const { unit } = looseAt(raw, at);
  return unit < firstLooseUnit ? 0 : unit;
}

function findCut(
  { text, raw }: { text: LooseText; raw: string },
  from: number,
  to: number,
): CutSide | undefined {
  const isCut = (at: number): boolean =>
    at > 0 &&
    at < text.length &&
    text.gaps[at] === gapKind.none &&
    isOneRun(edgeUnit(raw, text.starts[at - 1] ?? 0), edgeUnit(raw, text.starts[at] ?? 0));
  if (isCut(from)) return "before";
  return isCut(to) ? "after" : undefined;
}

/** Do the labels from `first` on spell `form`, within one clause? */
function spells(
  { text, labelOfUnit }: { text: LooseText; labelOfUnit: (unit: number) => number },
  first: number,
  form: string,
): boolean {
  if (first < 0 || first + form.length > text.length) return false;
  for (let at = 0; at < form.length; at++) {
    if (text.labels[first + at] !== labelOfUnit(form.charCodeAt(at))) return false;
    if (at > 0 && text.gaps[first + at] === gapKind.pause) return false;
  }
  return true;
}

/** The exception whose rest stands around the word, however the word itself [from, to) is spelled. */
export function findLooseShelter(
  parts: CompiledParts,
  text: LooseText,
  { word, from, to }: { word: number; from: number; to: number },
): ShelterMatch | undefined {
  const { labelOfUnit } = parts.loose;
  const shelters = sheltersOf(parts, word);
  for (const { exception, form, wordStart } of shelters.loose) {
    const after = form.slice(wordStart + shelters.looseLength);
    const first = from - wordStart;
    if (!spells({ text, labelOfUnit }, first, form.slice(0, wordStart))) continue;
    if (!spells({ text, labelOfUnit }, to, after)) continue;
    if (wordStart > 0 && text.gaps[from] === gapKind.pause) continue;
    if (after !== "" && text.gaps[to] === gapKind.pause) continue;
    const end = text.ends[to + after.length - 1] ?? 0;
    return { exception, start: text.starts[first] ?? 0, end };
  }
  return undefined;
}

/** Only matches that the plain layer does not find; good until the next text is loosened. */
export function visitLooseMatches(
  parts: CompiledParts,
  { raw, text }: { raw: string; text: LooseText },
  { visit, isFull }: MatchVisitor,
): void {
  const { loose, ruleOfWord, words } = parts;
  visitWordsInLabels(loose.trie, text.labels, text.length, (index, from, to) => {
    const last = loose.firstWord[index + 1] ?? 0;
    for (let at = loose.firstWord[index] ?? 0; at < last; at++) {
      const spelling = loose.words[at] ?? 0;
      const word = parts.wordMeantBy(spelling);
      const isAlias = word !== spelling;
      const rule = ruleOfWord[word] ?? 0;
      if (isFull(rule)) continue;
      const spelled = words.get(spelling);
      // As the rule spells it: the plain layer has it, and nothing needs to be worked out.
      const start = text.starts[from] ?? 0;
      const isAsWritten = start + spelled.length === text.ends[to - 1];
      if (!isAlias && isAsWritten && raw.startsWith(spelled, start)) continue;
      if (!accepts({ text, raw }, [from, to], { word: spelled, isAlias })) continue;
      visit({
        word,
        rule,
        start,
        end: text.ends[to - 1] ?? 0,
        findCut: () => findCut({ text, raw }, from, to),
        findShelter: () => findLooseShelter(parts, text, { word, from, to }),
        listSteps: () => {
          const steps = listLooseSteps({ text, raw }, from, spelled);
          return isAlias ? [...steps, "slang"] : steps;
        },
      });
    }
  });
}
