/** The layer that every word is in: looked for as written, but for the plain fold. */
import { foldTable, removedUnit } from "./fold.ts";
import {
  alphabetOf,
  buildLayer,
  packLayer,
  sectionsPerLayer,
  unpackLayer,
  type Layer,
  type Spellings,
} from "./layer.ts";
import type { Section } from "./packed.ts";
import { hasUnits, labelsPerRow, type TextTrie } from "./word-trie.ts";

export interface PlainLayer extends Layer, TextTrie {}

/** No other label has its bit in a row of followers: it passes after each label, and none does by chance with it. */
const removedLabel = labelsPerRow - 1;

/** Ascending with the alphabet; 0 = in no word. The labels that share the bit of `removedLabel` are left out. */
function labelsOf(alphabet: Uint16Array): Uint16Array {
  const labels = new Uint16Array(0x10000);
  for (let rank = 0; rank < alphabet.length; rank++) labels[alphabet[rank] ?? 0] = labelAt(rank);
  return labels;
}

function labelAt(rank: number): number {
  return rank + 1 + Math.floor((rank + 1) / removedLabel);
}

export function buildPlainLayer(spellings: Spellings): Section[] {
  const alphabet = alphabetOf(spellings.keys());
  const labelCount = Math.max(removedLabel + 1, labelAt(alphabet.length));
  // Removed units pass wherever they stand, so that the search meets them without asking for them.
  const others = Array.from({ length: labelCount }, (_, label) => [label, removedLabel] as const);
  const layer = buildLayer(spellings, { labelOf: labelsOf(alphabet), labelCount, others });
  return [...packLayer(layer), alphabet];
}

export const sectionsPerPlainLayer = sectionsPerLayer + 1;

export function loadPlainLayer(sections: readonly Section[]): PlainLayer {
  // buildPlainLayer is the only maker.
  const alphabet = sections[sectionsPerLayer] as Uint16Array<ArrayBuffer>;
  const labels = labelsOf(alphabet);
  const labelOf = new Uint16Array(0x10000);
  for (let unit = 0; unit < labelOf.length; unit++) {
    const folded = foldTable[unit] ?? removedUnit;
    labelOf[unit] = folded === removedUnit ? removedLabel : (labels[folded] ?? 0);
  }
  const layer = unpackLayer(sections);
  return { ...layer, labelOf, removedLabel, hasUnits: hasUnits(layer.trie) };
}
