/** The layer of the strengths 标准 and 强: spellings without disguise, with the splits of their characters. */
import { sectionsPerLayer, unpackLayer, type Layer } from "./layer.ts";
import { firstLooseUnit, looseUnits } from "./loose-units.ts";
import { isDigitUnit } from "./loose-word.ts";
import type { Section } from "./packed.ts";
import { canonicalPart, mayLookAlike, unitsOfPart } from "./split-parts.ts";
import { hasUnits } from "./word-trie.ts";

/** A character's label and the part numbers that it is split into. */
export interface LooseSplit {
  readonly whole: number;
  readonly parts: readonly number[];
  /** The labels of the parts as the table names them: 手戈 is 我, though 手 passes for 扌 as in 找. */
  readonly exact: readonly number[];
  /** For each part, whether a look-alike will do. */
  readonly isLoose: readonly boolean[];
}

export interface LooseLayer extends Layer {
  /** UTF-16 unit → kind of `looseKind`, one label for all units in no word, or the label of a unit of the alphabet. */
  readonly labelOf: Uint16Array;
  /** The first label of a unit in a word that is no digit. */
  readonly firstPlainLabel: number;
  /** Is any word one label long? */
  readonly hasUnits: boolean;
  readonly labelOfUnit: (unit: number) => number;
  /** Label → its unit, 0 when it is of none. */
  readonly unitOf: Uint16Array;
  /** Label → number of the part that it can be, 0 = none. */
  readonly partOf: Uint16Array;
  /** The last two part numbers of a split → splits, the ones with most parts first. */
  readonly splitsByPair: ReadonlyMap<number, readonly LooseSplit[]>;
  /** Labels of which a word has two and nothing else: 丽丽. */
  readonly doubles: ReadonlySet<number>;
  /** Bit table over the keys of `splitsByPair`. */
  readonly pairs: Uint32Array;
  readonly pairShift: number;
}

/** Labels below are the kinds of `looseKind`. */
const otherLabel = 5;
/** The label of the alphabet's first unit; those below are kinds and the one for all other units. */
export const firstLabel = otherLabel + 1;
const splitPairBits = 16;

/** The bit of a pair of part numbers in a table of 2^(32 - shift) bits. */
export function pairBit(first: number, second: number, shift: number): number {
  // Fibonacci hashing of both 16-bit numbers; the multiplication mixes, the high bits are kept.
  return Math.imul((first << 16) | second, 0x9e3779b1) >>> shift;
}

/** What the layer is made of, as it is packed. */
interface LooseParts {
  readonly layer: Layer;
  readonly alphabet: Uint16Array<ArrayBuffer>;
  /** For each split: the number of parts, the whole, the parts (as units). */
  readonly splits: Uint16Array<ArrayBuffer>;
}

export function labelsByUnit(alphabet: Uint16Array): Uint16Array {
  const labels = new Uint16Array(0x10000);
  for (let rank = 0; rank < alphabet.length; rank++)
    labels[alphabet[rank] ?? 0] = firstLabel + rank;
  return labels;
}

function unitsByLabel(alphabet: Uint16Array): Uint16Array {
  const units = new Uint16Array(firstLabel + alphabet.length);
  units.set(alphabet, firstLabel);
  return units;
}

export const sectionsPerLooseLayer = sectionsPerLayer + 3;

function numberParts({ splits }: LooseParts, byUnit: Uint16Array, labelCount: number) {
  const numbers = new Map<number, number>();
  const partOf = new Uint16Array(labelCount);
  const found: LooseSplit[] = [];
  const numberOf = (part: number): number => {
    let number = numbers.get(part);
    if (number === undefined) {
      number = numbers.size + 1;
      numbers.set(part, number);
      for (const unit of unitsOfPart(part)) {
        const label = byUnit[looseUnits[unit] ?? 0] ?? 0;
        if (label !== 0) partOf[label] = number;
      }
    }
    return number;
  };
  for (let at = 0; at < splits.length; at += 2 + (splits[at] ?? 0)) {
    const parts = [...splits.subarray(at + 2, at + 2 + (splits[at] ?? 0))];
    found.push({
      whole: byUnit[splits[at + 1] ?? 0] ?? 0,
      parts: parts.map((part) => numberOf(canonicalPart(part))),
      exact: parts.map((part) => byUnit[part] ?? 0),
      isLoose: parts.map(mayLookAlike),
    });
  }
  return { partOf, found };
}

export function loadLooseLayer(sections: readonly Section[]): LooseLayer {
  const layer = unpackLayer(sections);
  // buildLooseLayer is the only maker.
  const [alphabet, splits, doubles] = sections.slice(sectionsPerLayer) as [
    Uint16Array<ArrayBuffer>,
    Uint16Array<ArrayBuffer>,
    Uint16Array<ArrayBuffer>,
  ];
  const byUnit = labelsByUnit(alphabet);
  const labelOf = new Uint16Array(0x10000);
  for (let raw = 0; raw < labelOf.length; raw++) {
    const unit = looseUnits[raw] ?? 0;
    labelOf[raw] = unit < firstLooseUnit ? unit : byUnit[unit] || otherLabel;
  }
  const { partOf, found } = numberParts(
    { layer, alphabet, splits },
    byUnit,
    firstLabel + alphabet.length,
  );
  const pairShift = 32 - splitPairBits;
  const pairs = new Uint32Array(2 ** (splitPairBits - 5));
  const splitsByPair = new Map<number, LooseSplit[]>();
  for (const split of found) {
    const [before = 0, last = 0] = split.parts.slice(-2);
    const bit = pairBit(before, last, pairShift);
    pairs[bit >>> 5] = (pairs[bit >>> 5] ?? 0) | (1 << (bit & 31));
    const same = splitsByPair.get((before << 16) | last) ?? [];
    same.push(split);
    same.sort((a, b) => b.parts.length - a.parts.length);
    splitsByPair.set((before << 16) | last, same);
  }
  return {
    ...layer,
    labelOf,
    hasUnits: hasUnits(layer.trie),
    firstPlainLabel: firstLabel + alphabet.filter(isDigitUnit).length,
    unitOf: unitsByLabel(alphabet),
    labelOfUnit: (unit) => byUnit[unit] || otherLabel,
    partOf,
    splitsByPair,
    doubles: new Set(Array.from(doubles, (unit) => byUnit[unit] ?? 0)),
    pairs,
    pairShift,
  };
}
