/**
 * One way of looking for words: a trie over spellings, and for each spelling the words that have it. The same
 * shape serves the plain fold, the loose fold and sounds; all of it lies in the compiled buffer.
 */
import type { Section } from "./packed.ts";
import { buildTrie, type Labels, type WordTrie } from "./word-trie.ts";

export interface Layer {
  readonly trie: WordTrie;
  /** The words of spelling i are `words[firstWord[i]]` … `words[firstWord[i + 1] - 1]`, ascending. */
  readonly firstWord: Uint32Array<ArrayBuffer>;
  readonly words: Uint32Array<ArrayBuffer>;
}

/** A spelling of a word that is being compiled. */
export type Spellings = Map<string, number[]>;

export function addSpelling(spellings: Spellings, spelling: string, word: number): void {
  const known = spellings.get(spelling);
  if (known === undefined) spellings.set(spelling, [word]);
  else if (known.at(-1) !== word) known.push(word);
}

/** Units of all spellings, ascending: the alphabet, whose ranks are labels that sort as the units do. */
export function alphabetOf(spellings: Iterable<string>): Uint16Array<ArrayBuffer> {
  const used = new Uint8Array(0x10000);
  let count = 0;
  for (const spelling of spellings) {
    for (let at = 0; at < spelling.length; at++) {
      const unit = spelling.charCodeAt(at);
      if (used[unit] === 0) count++;
      used[unit] = 1;
    }
  }
  const alphabet = new Uint16Array(count);
  for (let unit = 0, at = 0; unit < used.length; unit++)
    if (used[unit] === 1) alphabet[at++] = unit;
  return alphabet;
}

/** `labelOf` must ascend with the units of the spellings; labels are below `labelCount`. */
export function buildLayer(spellings: Spellings, labels: Labels): Layer {
  const sorted = [...spellings.keys()].sort();
  const firstWord = new Uint32Array(sorted.length + 1);
  const words: number[] = [];
  for (const [index, spelling] of sorted.entries()) {
    for (const word of spellings.get(spelling) ?? []) words.push(word);
    firstWord[index + 1] = words.length;
  }
  return {
    trie: buildTrie(sorted, labels),
    firstWord,
    words: Uint32Array.from(words),
  };
}

/** As many as {@link packLayer} gives. */
export const sectionsPerLayer = 7;

export function packLayer({ trie, firstWord, words }: Layer): Section[] {
  const { followers, rootChild, firstChild, label, wordAt } = trie;
  return [followers, rootChild, firstChild, label, wordAt, firstWord, words];
}

export function unpackLayer(sections: readonly Section[]): Layer {
  // packLayer is the only maker; the buffer's checksum and version vouch for it.
  const [followers, rootChild, firstChild, label, wordAt, firstWord, words] = sections as [
    Uint32Array<ArrayBuffer>,
    Uint32Array<ArrayBuffer>,
    Uint32Array<ArrayBuffer>,
    Uint16Array<ArrayBuffer>,
    Uint32Array<ArrayBuffer>,
    Uint32Array<ArrayBuffer>,
    Uint32Array<ArrayBuffer>,
  ];
  return { trie: { followers, rootChild, firstChild, label, wordAt }, firstWord, words };
}
