/** Builds the loose layer when rules are compiled; loading it is in loose-layer.ts. */
import { buildLayer, packLayer, type Spellings } from "./layer.ts";
import { firstLabel, labelsByUnit } from "./loose-layer.ts";
import { firstLooseUnit, looseUnits } from "./loose-units.ts";
import { isDigitUnit } from "./loose-word.ts";
import type { Section } from "./packed.ts";
import { canonicalPart, unitsOfPart } from "./split-parts.ts";
import { splitsOf } from "./splits.ts";
import type { LabelPair } from "./word-trie.ts";

/** A part as the loose form has it: ⺙ is no letter, 攵 is; 一 is a digit. */
function seenPart(part: number): number {
  const unit = looseUnits[part] ?? 0;
  return unit >= firstLooseUnit ? unit : (looseUnits[canonicalPart(part)] ?? 0);
}

function labelsOfPart(part: number, labelOf: Uint16Array): number[] {
  return unitsOfPart(canonicalPart(part))
    .map((unit) => labelOf[looseUnits[unit] ?? 0] ?? 0)
    .filter((label) => label !== 0);
}

/** The last two parts of each split, as labels: where they stand side by side a character may have been split. */
function listLastParts(splits: readonly number[], labelOf: Uint16Array): LabelPair[] {
  const pairs = new Map<number, LabelPair>();
  for (let at = 0; at < splits.length; at += 2 + (splits[at] ?? 0)) {
    const [before = 0, last = 0] = splits.slice(at + 2, at + 2 + (splits[at] ?? 0)).slice(-2);
    for (const first of labelsOfPart(before, labelOf)) {
      for (const second of labelsOfPart(last, labelOf)) {
        pairs.set((first << 16) | second, [first, second]);
      }
    }
  }
  return [...pairs.values()];
}

function listDoubles(doubles: Uint16Array, labelOf: Uint16Array): LabelPair[] {
  return Array.from(doubles, (unit) => [labelOf[unit] ?? 0, labelOf[unit] ?? 0]);
}

export interface LooseExtras {
  /** Units that no spelling has but that must be told apart, such as those of exceptions. */
  readonly units: Iterable<number>;
  /** Units of which a word has several and nothing else, so that one is left of it loosely. */
  readonly doubles: Iterable<number>;
}

export function buildLooseLayer(spellings: Spellings, extras: LooseExtras): Section[] {
  const inWords = new Set<number>();
  for (const spelling of spellings.keys()) {
    for (let at = 0; at < spelling.length; at++) inWords.add(spelling.charCodeAt(at));
  }
  const doubles = Uint16Array.from(extras.doubles);
  const units = new Set([...inWords, ...extras.units, ...doubles]);
  const splits: number[] = [];
  for (const { whole, parts } of splitsOf(inWords)) {
    const seen = parts.map(seenPart);
    // Numerals are digits here, and digits are no parts: 第1口 is not to become a character.
    if (seen.some((part) => part < firstLooseUnit || isDigitUnit(part))) continue;
    splits.push(seen.length, whole, ...seen);
    units.add(whole);
    for (const part of parts) {
      for (const unit of unitsOfPart(canonicalPart(part))) units.add(looseUnits[unit] ?? 0);
    }
  }
  const known = [...units].filter((unit) => unit >= firstLooseUnit).sort((a, b) => a - b);
  const alphabet = Uint16Array.from(known);
  const labelOf = labelsByUnit(alphabet);
  const layer = buildLayer(spellings, {
    labelOf,
    labelCount: firstLabel + alphabet.length,
    others: [...listLastParts(splits, labelOf), ...listDoubles(doubles, labelOf)],
  });
  return [...packLayer(layer), alphabet, Uint16Array.from(splits), doubles];
}
