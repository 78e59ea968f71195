/**
 * A text as it sounds: one token for a Chinese character, for a pinyin syllable in letters, or for a letter
 * that may be an initial. Made from the loose form, so that disguises and fillers are gone already.
 */
import { foldTable } from "./fold.ts";
import type { LooseText } from "./loose-text.ts";
import { firstLooseUnit, looseUnits } from "./loose-units.ts";
import { gapKind } from "./loose-word.ts";
import { pairOf, sharesUnit, type SoundLayer } from "./sound-layer.ts";
import { hasWordInReadings, type ReadingRows } from "./sound-search.ts";

export interface SoundToken {
  readonly kind: "character" | "pinyin" | "letter" | "other";
  /** The label, or 0; of a letter the one for words that have the letter itself. */
  readonly label: number;
  /** A Chinese character's or a letter's unit; 0 of a syllable. */
  readonly unit: number;
  /** 1 + the syllable, 0 = none. */
  readonly syllable: number;
  /** Loose labels [from, to). */
  readonly from: number;
  readonly to: number;
  /** The run of letters it stands in: loose labels [runFrom, runTo); empty outside of letters. */
  readonly runFrom: number;
  readonly runTo: number;
}

const longestSyllable = 6;
/** A longer run of letters is no word in pinyin: a link, a code. */
const longestRun = 40;

const isLetter = (unit: number): boolean => unit >= 0x61 && unit <= 0x7a;

/** What a syllable costs; one that begins with a vowel seldom follows another without a mark: fan xian gei ni. */
function costOf(letters: string, at: number): number {
  return at > 0 && "aeo".includes(letters.charAt(at)) ? 1.25 : 1;
}

/** The cheapest parting of letters into syllables and single letters; the cost of a letter is above a syllable's. */
function partLetters(letters: string, syllables: ReadonlyMap<string, number>): number[] {
  const cost = new Float64Array(letters.length + 1);
  const step = new Uint8Array(letters.length + 1);
  for (let at = letters.length - 1; at >= 0; at--) {
    cost[at] = 1.5 + (cost[at + 1] ?? 0);
    step[at] = 1;
    for (let size = 1; size <= longestSyllable && at + size <= letters.length; size++) {
      const total = costOf(letters, at) + (cost[at + size] ?? 0);
      // A lone letter is no syllable here: o, e and a are initials more often.
      if (size < 2 || total > (cost[at] ?? 0) || !syllables.has(letters.slice(at, at + size)))
        continue;
      cost[at] = total;
      step[at] = size;
    }
  }
  const sizes: number[] = [];
  for (let at = 0; at < letters.length; at += step[at] ?? 1) sizes.push(step[at] ?? 1);
  return sizes;
}

/** The unit that a loose label is read by: what was put together from parts, or the character as folded. */
function soundedUnit(raw: string, text: LooseText, at: number, unitOf: Uint16Array) {
  const folded = foldTable[raw.charCodeAt(text.starts[at] ?? 0)] ?? 0;
  const meant = unitOf[text.labels[at] ?? 0] ?? 0;
  if (meant >= 0x4e00 && meant <= 0x9fff) return meant;
  if (folded >= 0x4e00 && folded <= 0x9fff) return folded;
  const loose = looseUnits[folded] ?? 0;
  return meant !== 0 ? meant : loose >= firstLooseUnit ? loose : 0;
}

/** A run of letters: each with the loose label it comes from, one label several times when it is repeated. */
interface LetterRun {
  readonly units: number[];
  readonly places: number[];
}

function letterTokens({ units, places }: LetterRun, layer: SoundLayer): SoundToken[] {
  const letters = String.fromCharCode(...units);
  const run = { runFrom: places[0] ?? 0, runTo: (places.at(-1) ?? 0) + 1 };
  const sizes = units.length > longestRun ? [] : partLetters(letters, layer.syllables);
  let at = 0;
  return sizes.map((size) => {
    const start = at;
    at += size;
    const place = { from: places[start] ?? 0, to: (places[at - 1] ?? 0) + 1, ...run };
    if (size === 1) {
      const unit = units[start] ?? 0;
      return { kind: "letter", label: layer.literalLabel(unit), unit, syllable: 0, ...place };
    }
    const syllable = layer.syllables.get(letters.slice(start, at)) ?? 0;
    const label = layer.labelOf[syllable] ?? 0;
    return { kind: "pinyin", label, unit: 0, syllable: syllable + 1, ...place };
  });
}

/** Repeats count again: jj may be the initials of two characters. */
const mostRepeats = 3;

function readRun(
  { raw, text, unitOf }: { raw: string; text: LooseText; unitOf: Uint16Array },
  first: number,
): LetterRun {
  const run: LetterRun = { units: [], places: [] };
  for (let at = first; at < text.length && run.units.length <= longestRun; at++) {
    const unit = soundedUnit(raw, text, at, unitOf);
    if (!isLetter(unit) || (at > first && text.gaps[at] !== gapKind.none)) break;
    for (let count = Math.min(mostRepeats, text.runs[at] ?? 1); count > 0; count--) {
      run.units.push(unit);
      run.places.push(at);
    }
  }
  return run;
}

const usualCapacity = 4096;
const usualScratch = createScratch(usualCapacity);

/** A text's characters and how they are read; good until the next text is read. */
export interface ReadText {
  readonly units: Uint16Array;
  readonly rows: ReadingRows;
  length: number;
  /** Letters may be pinyin or initials: tokens tell. */
  hasLetters: boolean;
}

function createScratch(capacity: number): ReadText {
  const row = (): Uint16Array => new Uint16Array(capacity);
  return { units: row(), rows: [row(), row(), row()], length: 0, hasLetters: false };
}

/** Reads the characters of a text; what is after the first letter is left out. */
export function readCharacters(
  { raw, text }: { raw: string; text: LooseText },
  layer: SoundLayer,
  unitOf: Uint16Array,
): ReadText {
  const scratch = text.length <= usualCapacity ? usualScratch : createScratch(text.length);
  const { units, rows } = scratch;
  const [usual, second, third] = rows;
  const [usualOf, secondOf, thirdOf] = layer.labelsOfUnit;
  scratch.length = text.length;
  scratch.hasLetters = false;
  for (let at = 0; at < text.length; at++) {
    const meant = unitOf[text.labels[at] ?? 0] ?? 0;
    const folded = foldTable[raw.charCodeAt(text.starts[at] ?? 0)] ?? 0;
    const unit = meant >= 0x4e00 && meant <= 0x9fff ? meant : folded;
    const label = usualOf[unit] ?? 0;
    if (label === 0 && (isLetter(unit) || isLetter(meant) || isLetter(looseUnits[folded] ?? 0))) {
      scratch.hasLetters = true;
      return scratch;
    }
    usual[at] = label;
    second[at] = secondOf[unit] ?? 0;
    third[at] = thirdOf[unit] ?? 0;
    units[at] = unit;
  }
  return scratch;
}

/** The words that a text without letters may sound like, one after the other, until `take` says yes to one. */
export function findSound(
  layer: SoundLayer,
  { units, rows, length }: ReadText,
  take: (spelling: number, start: number, end: number) => boolean,
): boolean {
  const pairAt = (start: number) => [units[start] ?? 0, units[start + 1] ?? 0] as const;
  return hasWordInReadings(layer.trie, rows, length, {
    isMeant: (spelling, start, end) =>
      (end - start > 2 || sharesUnit(layer, spelling, ...pairAt(start))) &&
      take(spelling, start, end),
    mayHaveOther: (start) => !layer.commonPairs.has(pairOf(...pairAt(start))),
  });
}

/**
 * May the text sound like a word? Cheap, and right about nearly all texts: characters alone are compared, and
 * any letter is a reason to look closer.
 */
export function maySound(
  source: { raw: string; text: LooseText },
  layer: SoundLayer,
  unitOf: Uint16Array,
): boolean {
  const read = readCharacters(source, layer, unitOf);
  return read.hasLetters || findSound(layer, read, () => true);
}

/** The token of a character, of a digit, or of what is read in no way. */
export function characterToken(layer: SoundLayer, unit: number, at: number): SoundToken {
  const syllable = layer.readings[0]?.[unit] ?? 0;
  const isDigit = unit >= 0x30 && unit <= 0x39;
  const label =
    syllable === 0 ? (isDigit ? layer.literalLabel(unit) : 0) : (layer.labelOf[syllable - 1] ?? 0);
  return {
    kind: syllable === 0 ? "other" : "character",
    label,
    unit,
    syllable,
    from: at,
    to: at + 1,
    runFrom: at,
    runTo: at,
  };
}

export function soundTokens(
  raw: string,
  text: LooseText,
  layer: SoundLayer,
  unitOf: Uint16Array,
): SoundToken[] {
  const tokens: SoundToken[] = [];
  for (let at = 0; at < text.length;) {
    const unit = soundedUnit(raw, text, at, unitOf);
    if (isLetter(unit)) {
      const run = readRun({ raw, text, unitOf }, at);
      tokens.push(...letterTokens(run, layer));
      at = (run.places.at(-1) ?? at) + 1;
      continue;
    }
    tokens.push(characterToken(layer, unit, at));
    at++;
  }
  return tokens;
}
