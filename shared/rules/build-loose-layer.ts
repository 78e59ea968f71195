/** Builds the loose layer when rules are compiled; loading it is in loose-layer.ts. */
import { buildLayer, packLayer, type Spellings } from "./layer.ts";
import { firstLabel, labelsByUnit } from "./loose-layer.ts";
import { firstLooseUnit, looseUnits } from "./loose-units.ts";
import { isDigitUnit } from "./loose-word.ts";
import type { Section } from "./packed.ts";
import { canonicalPart, unitsOfPart } from "./split-parts.ts";
import { splitsOf } from "./splits.ts";

/** A part as the loose form has it: ⺙ is no letter, 攵 is; 一 is a digit. */
function seenPart(part: number): number {
  const unit = looseUnits[part] ?? 0;
  return unit >= firstLooseUnit ? unit : (looseUnits[canonicalPart(part)] ?? 0);
}

/** `extras` are units that no spelling has but that must be told apart, such as those of exceptions. */
export function buildLooseLayer(spellings: Spellings, extras: Iterable<number>): Section[] {
  const inWords = new Set<number>();
  for (const spelling of spellings.keys()) {
    for (let at = 0; at < spelling.length; at++) inWords.add(spelling.charCodeAt(at));
  }
  const units = new Set([...inWords, ...extras]);
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
  const layer = buildLayer(spellings, labelsByUnit(alphabet), firstLabel + alphabet.length);
  return [...packLayer(layer), alphabet, Uint16Array.from(splits)];
}
