/**
 * The quick question before a text is loosened: may any word stand in it in disguise? One pass without memory,
 * over neighbours with marks and fillers left out. Repeats are left standing, as two neighbours of the loosened
 * text are neighbours here, too. Where a character may have been split, only the loosened text can tell.
 */
import type { LooseLayer } from "./loose-layer.ts";
import { rareLabel } from "./loose-text.ts";
import { looseKind } from "./loose-units.ts";
import { childOf, mayFollow, type WordTrie } from "./word-trie.ts";

/** What the look says: no word; one may stand there; a character may be split, so that all is open. */
export const looseLook = { none: 0, some: 1, split: 2 } as const;
export type LooseLook = (typeof looseLook)[keyof typeof looseLook];

/** The label at `at`, or a kind that stands for none. */
function labelAt(layer: LooseLayer, text: string, at: number): number {
  const label = layer.labelOf[text.charCodeAt(at)] ?? 0;
  return label === looseKind.highSurrogate || label === looseKind.plus
    ? rareLabel(layer, text, at, label)
    : label;
}

/** May a word that has come as far as `node`, whose last label is `last`, end in what follows? */
function mayEnd(
  layer: LooseLayer,
  text: string,
  { node, last, from }: { node: number; last: number; from: number },
): boolean {
  const { trie } = layer;
  for (let at = from; at < text.length; at++) {
    if (trie.wordAt[node] !== 0) return true;
    const label = labelAt(layer, text, at);
    if (label <= looseKind.pause) continue;
    const child = childOf(trie, node, label);
    // What is repeated in the text may be once in the word; where it may be either, a closer look must tell.
    if (label === last) {
      if (child !== 0) return true;
      continue;
    }
    if (child === 0) return false;
    node = child;
    last = label;
  }
  return trie.wordAt[node] !== 0;
}

function isWord({ wordAt, rootChild }: WordTrie, label: number): boolean {
  return wordAt[rootChild[label] ?? 0] !== 0;
}

/** What two neighbours whose bit is set say of a text; `none` when they passed by chance. */
function lookAt(
  layer: LooseLayer,
  text: string,
  { previous, label, at }: { previous: number; label: number; at: number },
): LooseLook {
  const { trie, partOf, splitsByPair } = layer;
  if (splitsByPair.has(((partOf[previous] ?? 0) << 16) | (partOf[label] ?? 0)))
    return looseLook.split;
  if (previous === label && layer.doubles.has(label)) return looseLook.split;
  const first = trie.rootChild[previous] ?? 0;
  if (first === 0) return looseLook.none;
  if (isWord(trie, previous)) return looseLook.some;
  const node = childOf(trie, first, label);
  const isFound = node !== 0 && mayEnd(layer, text, { node, last: label, from: at + 1 });
  return isFound ? looseLook.some : looseLook.none;
}

/**
 * The first offset from `from` on whose label makes a pair with the one before it that has to be looked at, or which
 * is a rare one; the text's length when there is none. Nearly every text is over when this loop is.
 */
function findPair(layer: LooseLayer, text: string, from: number, before: number): number {
  const { labelOf, trie } = layer;
  const { followers } = trie;
  const { length } = text;
  let previous = before;
  for (let at = from; at < length; at++) {
    const label = labelOf[text.charCodeAt(at)] ?? 0;
    if (label <= looseKind.plus) {
      if (label <= looseKind.pause) continue;
      return at;
    }
    if (mayFollow(followers, previous, label)) return at;
    previous = label;
  }
  return length;
}

/** The last label in [from, to) of a text, 0 when there is none. */
function lastLabel(layer: LooseLayer, text: string, [from, to]: readonly [number, number]): number {
  for (let at = to - 1; at >= from; at--) {
    const label = layer.labelOf[text.charCodeAt(at)] ?? 0;
    if (label > looseKind.plus) return label;
  }
  return 0;
}

export function lookLoosely(layer: LooseLayer, text: string): LooseLook {
  const { length } = text;
  let previous = 0;
  let from = 0;
  for (;;) {
    const at = findPair(layer, text, from, previous);
    // What was passed over had no rare label.
    previous = lastLabel(layer, text, [from, at]) || previous;
    if (at === length) break;
    const label = labelAt(layer, text, at);
    if (label > looseKind.pause) {
      const look = lookAt(layer, text, { previous, label, at });
      if (look !== looseLook.none) return look;
      previous = label;
    }
    from = at + 1;
  }
  return layer.hasUnits && isWord(layer.trie, previous) ? looseLook.some : looseLook.none;
}
