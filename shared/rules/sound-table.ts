/**
 * How characters sound. Only compiling strong rules needs these tables (a hundred kilobytes), so whoever
 * compiles hands them in: `compileRules(rules, { sounds })`; a buffer carries what scanning needs.
 */
import { wordsOfThree, wordsOfTwo } from "./tables/common-words.ts";
import { readings } from "./tables/readings.ts";

export interface Sounds {
  /** Spellings without tones, ascending; a syllable is named by its place here. */
  readonly syllables: readonly string[];
  /** Character (unit) → syllables, the usual one first, at most three. */
  readonly readings: ReadonlyMap<number, readonly number[]>;
  /** The usual words of two and three characters. */
  readonly commonWords: () => Iterable<string>;
}

function readTable(): Map<number, number[]> {
  const byUnit = new Map<number, number[]>();
  for (const rank of [1, 2] as const) {
    for (const [syllable, entry] of readings.entries()) {
      for (const character of entry[rank]) {
        const unit = character.charCodeAt(0);
        byUnit.set(unit, [...(byUnit.get(unit) ?? []), syllable]);
      }
    }
  }
  return byUnit;
}

function* listWords(): Generator<string> {
  for (const [entries, headLength] of [[wordsOfTwo, 1] as const, [wordsOfThree, 2] as const]) {
    for (const entry of entries.split(" ")) {
      for (const end of entry.slice(headLength)) yield entry.slice(0, headLength) + end;
    }
  }
}

export const sounds: Sounds = {
  syllables: readings.map(([syllable]) => syllable),
  readings: readTable(),
  commonWords: listWords,
};
