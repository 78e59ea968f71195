/**
 * The layer of the strength 强: words by their sound. Syllables that many people do not tell apart (zh and z,
 * ang and an) have one label; labels ascend with the spelling, so that all syllables that begin with a letter
 * are neighbours and an initial is a range of labels.
 */
import { foldText } from "./fold.ts";
import {
  addSpelling,
  buildLayer,
  packLayer,
  sectionsPerLayer,
  unpackLayer,
  type Layer,
  type Spellings,
} from "./layer.ts";
import type { Section } from "./packed.ts";
import { loadPhrases, packPhrases, sectionsPerPhrases } from "./phrases.ts";
import type { Sounds } from "./sound-table.ts";

export interface SoundLayer extends Layer {
  /**
   * Beside `words`: the two characters of a word of two sounds, (first << 16) | second, else 0. Such words are
   * like too much by sound, so one of the characters must stand in the text; here that is seen at once.
   */
  readonly twoUnits: Uint32Array;
  /** By rank, the usual one first: character (unit) → 1 + its syllable, 0 = none. */
  readonly readings: readonly Uint16Array[];
  /**
   * By rank as well: character or digit (unit) → the label of its sound, 0 = none. Of everyday characters, and of
   * readings that are not told apart, only the usual one.
   */
  readonly labelsOfUnit: readonly [usual: Uint16Array, second: Uint16Array, third: Uint16Array];
  /** Syllable → label. */
  readonly labelOf: Uint16Array;
  readonly syllables: ReadonlyMap<string, number>;
  /** Letter or digit (unit) → its own label, for words that have one. */
  readonly literalLabel: (unit: number) => number;
  /** Letter (unit) → the labels [first, end) of the syllables that begin with it. */
  readonly initialRange: (unit: number) => readonly [first: number, end: number];
  /** Usual words that sound like a word of the rules and mean what they say. */
  readonly innocents: ReadonlySet<string>;
  /** All usual words of two characters, as {@link pairOf} names them. */
  readonly commonPairs: ReadonlySet<number>;
  /** Word → the characters of it that are read; filled as words are met. */
  readonly unitsOfWord: Map<number, readonly number[]>;
}

/** zhang, zang, zan → zan: what is easily confused counts as one. */
export function mergedSyllable(syllable: string): string {
  return syllable.replace(/^([zcs])h/, "$1").replace(/([aei])ng$/, "$1n");
}

function labelsOf(syllables: readonly string[]): { labels: Uint16Array; merged: string[] } {
  const merged = [...new Set(syllables.map(mergedSyllable))].sort();
  const rank = new Map(merged.map((one, index) => [one, index + 1]));
  return {
    labels: Uint16Array.from(syllables, (one) => rank.get(mergedSyllable(one)) ?? 0),
    merged,
  };
}

const isLatin = (unit: number): boolean =>
  (unit >= 0x30 && unit <= 0x39) || (unit >= 0x61 && unit <= 0x7a);

function literalLabelFrom(mergedCount: number): (unit: number) => number {
  return (unit) => mergedCount + 1 + unit;
}

/** Characters of so many innocent uses that they are no disguise. */
export const everydayCharacters: ReadonlySet<string> = new Set(
  "的是了一二三四五六七八九十百千不在有我你您他她它这那去来到上下大小为和与也就都要会可能还没很再给个位只些点分年月日时元家们里外前后中",
);

/** Words of fewer sounds are too like everything; longer ones are cut off by the number of their readings. */
const fewestSounds = 2;
const mostReadings = 16;
/** Readings of one character. */
const readingRanks = 3;

/** Every way in which a folded word may be read, as strings of labels. */
function soundsOf(folded: string, readOne: (unit: number) => readonly number[]): string[] {
  let found = [""];
  for (let at = 0; at < folded.length; at++) {
    const labels = readOne(folded.charCodeAt(at));
    if (labels.length === 0) return [];
    const many = found.length * labels.length > mostReadings ? labels.slice(0, 1) : labels;
    found = found.flatMap((one) => many.map((label) => one + String.fromCharCode(label)));
  }
  return found;
}

/** A word's characters that are read: Chinese ones, letters and digits; symbols fall away. */
export function soundedUnits(word: string): number[] {
  const folded = foldText(word).text;
  return Array.from(folded, (character) => character.charCodeAt(0)).filter(
    (unit) => (unit >= 0x4e00 && unit <= 0x9fff) || isLatin(unit),
  );
}

function isSounded(word: string): boolean {
  return soundedUnits(word).filter((unit) => unit >= 0x4e00).length >= fewestSounds;
}

export const sectionsPerSoundLayer = sectionsPerLayer + 3 + readingRanks + 2 * sectionsPerPhrases;

/** `words` are the words of strong rules by their number. Empty without tables or words. */
export function buildSoundLayer(
  words: ReadonlyMap<number, string>,
  table: Sounds | undefined,
): Section[] {
  const isUsed = table !== undefined && words.size > 0;
  const syllables = isUsed ? table.syllables : [];
  const readings = isUsed ? table.readings : new Map<number, readonly number[]>();
  const { labels, merged } = labelsOf(syllables);
  const literal = literalLabelFrom(merged.length);
  const readOne = (unit: number): number[] => {
    if (isLatin(unit)) return [literal(unit)];
    return [...new Set((readings.get(unit) ?? []).map((one) => labels[one] ?? 0))];
  };
  const spellings: Spellings = new Map();
  for (const [word, text] of isUsed ? words : []) {
    if (!isSounded(text)) continue;
    const units = String.fromCharCode(...soundedUnits(text));
    for (const sound of soundsOf(units, readOne)) addSpelling(spellings, sound, word);
  }
  const innocents: string[] = [];
  const commonPairs: number[] = [];
  for (const word of isUsed ? table.commonWords() : []) {
    if (word.length === 2) commonPairs.push(pairOf(word.charCodeAt(0), word.charCodeAt(1)));
    if (soundsOf(word, readOne).some((sound) => spellings.has(sound))) innocents.push(word);
  }
  const characters = [...readings].sort(([a], [b]) => a - b);
  const identity = Uint16Array.from({ length: literal(0x80) }, (_, label) => label);
  const layer = buildLayer(spellings, { labelOf: identity, labelCount: identity.length });
  return [
    ...packLayer(layer),
    Uint32Array.from(layer.words, (word) => twoUnitsOf(soundedUnits(words.get(word) ?? ""))),
    Uint32Array.from(commonPairs),
    Uint16Array.from(characters, ([unit]) => unit),
    ...Array.from({ length: readingRanks }, (_, rank) =>
      Uint16Array.from(characters, ([, all]) => (all[rank] ?? -1) + 1),
    ),
    ...packPhrases(syllables),
    ...packPhrases(innocents),
  ];
}

/** Two units as one number; signed, as small numbers are what sets are fast with. */
export function pairOf(first: number, second: number): number {
  return (first << 16) | second;
}

function twoUnitsOf([first = 0, second = 0, third]: readonly number[]): number {
  return third === undefined ? pairOf(first, second) >>> 0 : 0;
}

/** By rank, with each reading once. Loops of numbers alone: a browser runs them cold, before it shows a page. */
function labelRows(
  { units, ranks }: { units: Uint16Array; ranks: readonly Uint16Array[] },
  labels: Uint16Array,
  literal: (unit: number) => number,
): SoundLayer["labelsOfUnit"] {
  const [usual, second, third] = [
    new Uint16Array(0x10000),
    new Uint16Array(0x10000),
    new Uint16Array(0x10000),
  ] as const;
  const [first, other, last] = ranks;
  const labelAt = (rank: Uint16Array | undefined, at: number): number => {
    const one = rank?.[at] ?? 0;
    return one === 0 ? 0 : (labels[one - 1] ?? 0);
  };
  for (let at = 0; at < units.length; at++) {
    const unit = units[at] ?? 0;
    const [a, b, c] = [labelAt(first, at), labelAt(other, at), labelAt(last, at)];
    usual[unit] = a;
    if (b !== a) second[unit] = b;
    if (c !== a && c !== b) third[unit] = c;
  }
  for (const character of everydayCharacters) {
    second[character.charCodeAt(0)] = 0;
    third[character.charCodeAt(0)] = 0;
  }
  for (let unit = 0x30; unit <= 0x39; unit++) usual[unit] = literal(unit);
  return [usual, second, third];
}

const noUnits = new Uint16Array();

export function loadSoundLayer(sections: readonly Section[]): SoundLayer {
  // buildSoundLayer is the only maker.
  const [twoUnits = new Uint32Array(), commonPairs = new Uint32Array()] = sections.slice(
    sectionsPerLayer,
  ) as Uint32Array<ArrayBuffer>[];
  const [units = noUnits, ...ranks] = sections.slice(
    sectionsPerLayer + 2,
    sectionsPerLayer + 3 + readingRanks,
  ) as Uint16Array<ArrayBuffer>[];
  const texts = sections.slice(sectionsPerLayer + 3 + readingRanks);
  const syllables = loadPhrases(texts).all();
  const innocents = loadPhrases(texts.slice(sectionsPerPhrases));
  let innocentWords: ReadonlySet<string> | undefined;
  const { labels, merged } = labelsOf(syllables);
  const literal = literalLabelFrom(merged.length);
  const readings = ranks.map((rank) => {
    const row = new Uint16Array(0x10000);
    for (let at = 0; at < units.length; at++) row[units[at] ?? 0] = rank[at] ?? 0;
    return row;
  });
  return {
    ...unpackLayer(sections),
    twoUnits,
    readings,
    labelsOfUnit: labelRows({ units, ranks }, labels, literal),
    labelOf: labels,
    syllables: new Map(syllables.map((one, index) => [one, index])),
    literalLabel: literal,
    initialRange: (unit) => {
      const letter = String.fromCharCode(unit);
      const first = merged.findIndex((one) => one.startsWith(letter));
      if (first < 0) return [0, 0];
      return [first + 1, 1 + merged.findLastIndex((one) => one.startsWith(letter)) + 1];
    },
    // Asked for when something sounds like a word.
    get innocents() {
      return (innocentWords ??= new Set(innocents.all()));
    },
    commonPairs: new Set(
      new Int32Array(commonPairs.buffer, commonPairs.byteOffset, commonPairs.length),
    ),
    unitsOfWord: new Map(),
  };
}

/** Does a word of two sounds have one of these characters where the text has it? Longer words always may. */
export function sharesUnit(
  layer: SoundLayer,
  spelling: number,
  first: number,
  second: number,
): boolean {
  const end = layer.firstWord[spelling + 1] ?? 0;
  for (let at = layer.firstWord[spelling] ?? 0; at < end; at++) {
    const two = layer.twoUnits[at] ?? 0;
    if (two === 0 || two >>> 16 === first || (two & 0xffff) === second) return true;
  }
  return false;
}
