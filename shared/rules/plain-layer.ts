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
import { hasUnits, type TextTrie } from "./word-trie.ts";

export interface PlainLayer extends Layer, TextTrie {}

/** Rank in the alphabet + 1, by unit; 0 = in no word. */
function ranksOf(alphabet: Uint16Array): Uint16Array {
  const ranks = new Uint16Array(0x10000);
  for (let rank = 0; rank < alphabet.length; rank++) ranks[alphabet[rank] ?? 0] = rank + 1;
  return ranks;
}

export function buildPlainLayer(spellings: Spellings): Section[] {
  const alphabet = alphabetOf(spellings.keys());
  // Labels: 0 in no word, then the alphabet, then the removed ones.
  const labelCount = alphabet.length + 2;
  const removedLabel = labelCount - 1;
  // Removed units pass wherever they stand, so that the search meets them without asking for them.
  const others = Array.from({ length: labelCount }, (_, label) => [label, removedLabel] as const);
  const layer = buildLayer(spellings, { labelOf: ranksOf(alphabet), labelCount, others });
  return [...packLayer(layer), alphabet];
}

export const sectionsPerPlainLayer = sectionsPerLayer + 1;

export function loadPlainLayer(sections: readonly Section[]): PlainLayer {
  // buildPlainLayer is the only maker.
  const alphabet = sections[sectionsPerLayer] as Uint16Array<ArrayBuffer>;
  const ranks = ranksOf(alphabet);
  const removedLabel = alphabet.length + 1;
  const labelOf = new Uint16Array(0x10000);
  for (let unit = 0; unit < labelOf.length; unit++) {
    const folded = foldTable[unit] ?? removedUnit;
    labelOf[unit] = folded === removedUnit ? removedLabel : (ranks[folded] ?? 0);
  }
  const layer = unpackLayer(sections);
  return { ...layer, labelOf, removedLabel, hasUnits: hasUnits(layer.trie) };
}
