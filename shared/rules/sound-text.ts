/**
 * A text as it sounds: one token for a Chinese character, for a pinyin syllable in letters, or for a letter
 * that may be an initial. Made from the loose form, so that disguises and fillers are gone already.
 */
import { foldTable } from "./fold.ts";
import type { LooseText } from "./loose-text.ts";
import { firstLooseUnit, looseUnits } from "./loose-units.ts";
import { gapKind } from "./loose-word.ts";
import { sharesUnit, type SoundLayer } from "./sound-layer.ts";
import { hasWordInLabels } from "./word-trie.ts";

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

/** The cheapest parting of letters into syllables and single letters; the cost of a letter is above a syllable's. */
function partLetters(letters: string, syllables: ReadonlyMap<string, number>): number[] {
  const cost = new Float64Array(letters.length + 1);
  const step = new Uint8Array(letters.length + 1);
  for (let at = letters.length - 1; at >= 0; at--) {
    cost[at] = 1.5 + (cost[at + 1] ?? 0);
    step[at] = 1;
    for (let size = 1; size <= longestSyllable && at + size <= letters.length; size++) {
      const total = 1 + (cost[at + size] ?? 0);
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
const usualScratch = {
  labels: new Uint16Array(usualCapacity),
  units: new Uint16Array(usualCapacity),
};

/**
 * May the text sound like a word? Cheap, and right about nearly all texts: characters alone are compared, and
 * any letter is a reason to look closer.
 */
export function maySound(
  raw: string,
  text: LooseText,
  layer: SoundLayer,
  unitOf: Uint16Array,
): boolean {
  const { labels, units } =
    text.length <= usualCapacity
      ? usualScratch
      : { labels: new Uint16Array(text.length), units: new Uint16Array(text.length) };
  for (let at = 0; at < text.length; at++) {
    const meant = unitOf[text.labels[at] ?? 0] ?? 0;
    const folded = foldTable[raw.charCodeAt(text.starts[at] ?? 0)] ?? 0;
    const unit = meant >= 0x4e00 && meant <= 0x9fff ? meant : folded;
    const label = layer.labelOfUnit[unit] ?? 0;
    if (label === 0 && (isLetter(unit) || isLetter(meant) || isLetter(looseUnits[folded] ?? 0))) {
      return true;
    }
    labels[at] = label;
    units[at] = unit;
  }
  return hasWordInLabels(
    layer.trie,
    labels,
    text.length,
    (spelling, start, end) =>
      end - start > 2 || sharesUnit(layer, spelling, units[start] ?? 0, units[start + 1] ?? 0),
  );
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
    const syllable = layer.usual[unit] ?? 0;
    const label =
      syllable === 0 ? layer.literalLabel(unit & 0x7f) : (layer.labelOf[syllable - 1] ?? 0);
    const isRead = syllable !== 0 || (unit >= 0x30 && unit <= 0x39);
    tokens.push({
      kind: syllable === 0 ? "other" : "character",
      label: isRead ? label : 0,
      unit,
      syllable,
      from: at,
      to: at + 1,
      runFrom: at,
      runTo: at,
    });
    at++;
  }
  return tokens;
}
