/**
 * The quick question of the sound layer, for a text in which nothing stands loosely and no character is split: may
 * it sound like a word? One pass reads the characters as the loosened text would have them, without making it.
 */
import { foldTable } from "./fold.ts";
import type { LooseLayer } from "./loose-layer.ts";
import { rareLabel, widestRepeatGap, isDoublePart } from "./loose-text.ts";
import { firstLooseUnit, looseKind, looseUnits } from "./loose-units.ts";
import type { SoundLayer } from "./sound-layer.ts";
import { findSound, type ReadText } from "./sound-text.ts";

/** What is read of a unit of a text as it stands; letters are a reason to look closer. */
export interface RawReadings {
  /** Raw unit → the unit that is read, 0 for a letter. */
  readonly unitOf: Uint16Array;
  /** Raw unit → 1 when its character has more than one reading. */
  readonly hasMore: Uint8Array;
}

const isLetter = (unit: number): boolean => unit >= 0x61 && unit <= 0x7a;
const isCharacter = (unit: number): boolean => unit >= 0x4e00 && unit <= 0x9fff;

export function readRawUnits(loose: LooseLayer, sound: SoundLayer): RawReadings {
  const [usualOf, secondOf, thirdOf] = sound.labelsOfUnit;
  const unitOf = new Uint16Array(0x10000);
  const hasMore = new Uint8Array(0x10000);
  for (let raw = 0; raw < unitOf.length; raw++) {
    const meant = loose.unitOf[loose.labelOf[raw] ?? 0] ?? 0;
    const folded = foldTable[raw] ?? 0;
    const unit = isCharacter(meant) ? meant : folded;
    if (usualOf[unit] === 0) {
      const asLoose = looseUnits[folded] ?? 0;
      if (isLetter(unit) || isLetter(meant) || isLetter(asLoose)) continue;
    }
    // Nothing that is read is NUL, nor what is read in no way.
    unitOf[raw] = unit || firstLooseUnit;
    hasMore[raw] = secondOf[unit] !== 0 || thirdOf[unit] !== 0 ? 1 : 0;
  }
  return { unitOf, hasMore };
}

const usualCapacity = 4096;
const scratch: ReadText = {
  units: new Uint16Array(usualCapacity),
  rows: [
    new Uint16Array(usualCapacity),
    new Uint16Array(usualCapacity),
    new Uint16Array(usualCapacity),
  ],
  length: 0,
  hasLetters: false,
};

/** Reads the text into `scratch`; `false` when it cannot tell. */
function readAsWritten(
  { loose, sound, raw }: { loose: LooseLayer; sound: SoundLayer; raw: RawReadings },
  text: string,
): boolean {
  const { labelOf, firstPlainLabel } = loose;
  const { units, rows } = scratch;
  const [usual, second, third] = rows;
  const [usualOf, secondOf, thirdOf] = sound.labelsOfUnit;
  let [length, previous, end, hasPause] = [0, 0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const label = labelOf[code] ?? 0;
    if (label <= looseKind.plus) {
      if (label === looseKind.pause) hasPause = true;
      if (label <= looseKind.pause) continue;
      // Emoji are fillers; a letter or a rare character beyond the basic plane is not read here.
      if (rareLabel(loose, text, at, label) > looseKind.pause) return false;
      if (label === looseKind.highSurrogate && isLowSurrogate(text.charCodeAt(at + 1))) at++;
      continue;
    }
    const isRepeat =
      label === previous &&
      label >= firstPlainLabel &&
      !hasPause &&
      at - end <= widestRepeatGap &&
      !isDoublePart(loose, label);
    previous = label;
    hasPause = false;
    end = at + 1;
    if (isRepeat) continue;
    const unit = raw.unitOf[code] ?? 0;
    if (unit === 0) return false;
    units[length] = unit;
    usual[length] = usualOf[unit] ?? 0;
    const isMany = raw.hasMore[code] === 1;
    second[length] = isMany ? (secondOf[unit] ?? 0) : 0;
    third[length] = isMany ? (thirdOf[unit] ?? 0) : 0;
    length++;
  }
  scratch.length = length;
  return true;
}

function isLowSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}

/** `undefined`: only the loosened text can tell. */
export function maySoundAsWritten(
  layers: { loose: LooseLayer; sound: SoundLayer; raw: RawReadings },
  text: string,
): boolean | undefined {
  if (text.length > usualCapacity || !readAsWritten(layers, text)) return undefined;
  return findSound(layers.sound, scratch, () => true);
}
