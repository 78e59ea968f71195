/**
 * A trie of words in typed arrays, and the search for words in a text. Two things make it fast: every UTF-16
 * unit is first mapped to its label (its rank in the dictionary's alphabet, folding included, so that a raw
 * text needs no folded copy), and a bit table of the words' first two labels sends nearly every position of an
 * ordinary text on after one look-up. A label's part of that table is one line of a processor's cache, and the few
 * labels that texts are made of keep theirs near. Only where a pair passes is the trie walked. All overlapping words are
 * found; the worst case is text length × longest word.
 */

/** The arrays of a trie; they lie in the compiled buffer. */
export interface WordTrie {
  /** For each label a row of bits: with which labels may a word that begins with it go on? Asked by {@link mayFollow}. */
  readonly followers: Uint32Array<ArrayBuffer>;
  /** Label → the root's child, 0 = none. Node 0 is the root. */
  readonly rootChild: Uint32Array<ArrayBuffer>;
  /** The children of node n are the nodes firstChild[n] … firstChild[n + 1] - 1, ascending by label. */
  readonly firstChild: Uint32Array<ArrayBuffer>;
  /** The label on the edge that leads to a node. */
  readonly label: Uint16Array<ArrayBuffer>;
  /** Node → 1 + index of the word that ends there, 0 = none. */
  readonly wordAt: Uint32Array<ArrayBuffer>;
}

/** A trie that is searched for in raw and in folded text alike. */
export interface TextTrie {
  readonly trie: WordTrie;
  /** UTF-16 unit (raw or folded) → label; 0 = in no word, `removedLabel` = removed by folding. */
  readonly labelOf: Uint16Array;
  readonly removedLabel: number;
  /** Is any word one unit long? */
  readonly hasUnits: boolean;
}

/** {@link findStart} found no further word. */
export const noStart = -1;
/** {@link findStart} met a unit that folding removes: the text has to be folded before it is searched. */
export const needsFolding = -2;

/** Words of a row of `followers`, as a power of two: 512 bits. */
const rowShift = 4;
const rowMask = (1 << rowShift) - 1;

/**
 * Labels as many apart share a bit. The alphabets of rules are rarely many times as large, so that few pairs pass by
 * chance.
 */
export const labelsPerRow = 32 << rowShift;

/** May a word begin with this pair of labels? A `false` is certain. */
export function mayFollow(followers: Uint32Array, first: number, second: number): boolean {
  // A shift takes no more than the lowest five bits of `second`.
  return ((followers[(first << rowShift) | ((second >>> 5) & rowMask)] ?? 0) & (1 << second)) !== 0;
}

/** The labels of a trie that is built. */
export interface Labels {
  readonly labelOf: Uint16Array;
  readonly labelCount: number;
  readonly others?: readonly LabelPair[];
}

export type LabelPair = readonly [first: number, second: number];

type Nodes = Pick<WordTrie, "firstChild" | "label" | "wordAt">;

/** Numbers the nodes breadth-first: the children of a node are then neighbours, and need no list. */
function buildNodes(sorted: readonly string[], labelOf: Uint16Array): Nodes {
  const capacity = sorted.reduce((sum, word) => sum + word.length, 1);
  const firstChild = new Uint32Array(capacity + 1);
  const label = new Uint16Array(capacity);
  const wordAt = new Uint32Array(capacity);
  // The words below a node are sorted[low] … sorted[high - 1]; they share `depth` units.
  const low = new Uint32Array(capacity);
  const high = new Uint32Array(capacity);
  const depth = new Uint8Array(capacity);
  high[0] = sorted.length;
  let count = 1;
  for (let node = 0; node < count; node++) {
    firstChild[node] = count;
    const shared = depth[node] ?? 0;
    const end = high[node] ?? 0;
    let at = low[node] ?? 0;
    if (at < end && sorted[at]?.length === shared) wordAt[node] = ++at;
    while (at < end) {
      const unit = sorted[at]?.charCodeAt(shared) ?? 0;
      low[count] = at;
      do at++;
      while (at < end && sorted[at]?.charCodeAt(shared) === unit);
      high[count] = at;
      depth[count] = shared + 1;
      label[count] = labelOf[unit] ?? 0;
      count++;
    }
  }
  firstChild[count] = count;
  return {
    firstChild: firstChild.slice(0, count + 1),
    label: label.slice(0, count),
    wordAt: wordAt.slice(0, count),
  };
}

function buildFollowers(
  { firstChild, label, wordAt }: Nodes,
  labelCount: number,
  others: readonly LabelPair[],
): Uint32Array<ArrayBuffer> {
  const followers = new Uint32Array(labelCount << rowShift);
  const add = (first: number, second: number): void => {
    const at = (first << rowShift) | ((second >>> 5) & rowMask);
    followers[at] = (followers[at] ?? 0) | (1 << second);
  };
  const rootEnd = firstChild[1] ?? 1;
  for (let node = 1; node < rootEnd; node++) {
    const first = label[node] ?? 0;
    // A word of one unit is a word whatever follows it.
    if (wordAt[node] !== 0) followers.fill(~0, first << rowShift, (first + 1) << rowShift);
    const end = firstChild[node + 1] ?? 0;
    for (let child = firstChild[node] ?? 0; child < end; child++) add(first, label[child] ?? 0);
  }
  for (const [first, second] of others) add(first, second);
  return followers;
}

/**
 * Builds the trie. `sorted` holds words, distinct, none empty, each at most 255 units long, ascending by their
 * units and by the labels of these alike; labels are below `labelCount`. Word i is reported as i. `others` are
 * to pass as well.
 */
export function buildTrie(
  sorted: readonly string[],
  { labelOf, labelCount, others = [] }: Labels,
): WordTrie {
  const nodes = buildNodes(sorted, labelOf);
  const rootChild = new Uint32Array(labelCount);
  const rootEnd = nodes.firstChild[1] ?? 1;
  for (let node = 1; node < rootEnd; node++) rootChild[nodes.label[node] ?? 0] = node;
  return { followers: buildFollowers(nodes, labelCount, others), rootChild, ...nodes };
}

/** Is any word one unit long? */
export function hasUnits({ firstChild, wordAt }: WordTrie): boolean {
  for (let node = 1; node < (firstChild[1] ?? 1); node++) if (wordAt[node] !== 0) return true;
  return false;
}

/** The child of `node` along `unitClass`, 0 = none. */
export function childOf(trie: WordTrie, node: number, wanted: number): number {
  const { firstChild, label } = trie;
  let low = firstChild[node] ?? 0;
  let high = firstChild[node + 1] ?? 0;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = label[middle] ?? 0;
    if (found === wanted) return middle;
    if (found < wanted) low = middle + 1;
    else high = middle;
  }
  return 0;
}

/** Does any word begin at `start`? */
function startsWord({ trie, labelOf }: TextTrie, text: string, start: number): boolean {
  let node = trie.rootChild[labelOf[text.charCodeAt(start)] ?? 0] ?? 0;
  for (let at = start + 1; node !== 0; at++) {
    if (trie.wordAt[node] !== 0) return true;
    if (at >= text.length) return false;
    node = childOf(trie, node, labelOf[text.charCodeAt(at)] ?? 0);
  }
  return false;
}

/**
 * The first offset from `from` on whose label makes, with the one before it, a pair that a word may begin with or
 * that folding would change; the text's length when there is none. Nearly every text is over when this loop is, so
 * it does nothing else.
 */
function findPair({ labelOf, trie }: TextTrie, text: string, from: number, before: number): number {
  const { followers } = trie;
  const { length } = text;
  let previous = before;
  for (let at = from; at < length; at++) {
    const next = labelOf[text.charCodeAt(at)] ?? 0;
    if (mayFollow(followers, previous, next)) return at;
    previous = next;
  }
  return length;
}

function confirmStart(words: TextTrie, text: string, from: number, first: number): number {
  const { labelOf, removedLabel } = words;
  const { length } = text;
  for (let at = first; at < length;) {
    const label = labelOf[text.charCodeAt(at)] ?? 0;
    if (label === removedLabel) return needsFolding;
    if (at > from && startsWord(words, text, at - 1)) return at - 1;
    at = findPair(words, text, at + 1, label);
  }
  // A word of one unit at the end has no pair.
  return startsWord(words, text, length - 1) ? length - 1 : noStart;
}

/**
 * The first offset from `from` on at which a word begins, {@link noStart} or {@link needsFolding}. Works
 * on raw and on folded text alike and allocates nothing.
 */
export function findStart(words: TextTrie, text: string, from: number): number {
  // Label 0 is in no word.
  const first = findPair(words, text, from, 0);
  const isOver = first === text.length && !(words.hasUnits && first > from);
  return isOver ? noStart : confirmStart(words, text, from, first);
}

/** Calls `visit(word, end)` for every word that begins at `start` of a folded text, shortest first. */
export function visitWordsAt(
  { trie, labelOf }: TextTrie,
  folded: string,
  start: number,
  visit: (word: number, end: number) => void,
): void {
  let node = trie.rootChild[labelOf[folded.charCodeAt(start)] ?? 0] ?? 0;
  for (let at = start + 1; node !== 0; at++) {
    const word = trie.wordAt[node] ?? 0;
    if (word !== 0) visit(word - 1, at);
    if (at >= folded.length) return;
    node = childOf(trie, node, labelOf[folded.charCodeAt(at)] ?? 0);
  }
}

/**
 * Does any word stand in the first `length` labels? The cheap question before {@link visitWordsInLabels}.
 * `isMeant` may say no to a word.
 */
export function hasWordInLabels(
  trie: WordTrie,
  labels: Uint16Array,
  length: number,
  isMeant?: (word: number, start: number, end: number) => boolean,
): boolean {
  const { followers, rootChild, wordAt } = trie;
  let previous = labels[0] ?? 0;
  for (let start = 0; start < length; start++) {
    // Past the end there is no label; 0 passes for words of one unit alone.
    const next = start + 1 < length ? (labels[start + 1] ?? 0) : 0;
    if (mayFollow(followers, previous, next)) {
      let node = rootChild[previous] ?? 0;
      for (let at = start + 1; node !== 0; at++) {
        const word = wordAt[node] ?? 0;
        if (word !== 0 && (isMeant === undefined || isMeant(word - 1, start, at))) return true;
        if (at >= length) break;
        node = childOf(trie, node, labels[at] ?? 0);
      }
    }
    previous = next;
  }
  return false;
}

/** Calls `visit(word, start, end)` for every word in the first `length` labels, by start, then length. */
export function visitWordsInLabels(
  trie: WordTrie,
  labels: Uint16Array,
  length: number,
  visit: (word: number, start: number, end: number) => void,
): void {
  const { followers, rootChild, wordAt } = trie;
  let previous = labels[0] ?? 0;
  for (let start = 0; start < length; start++) {
    const next = start + 1 < length ? (labels[start + 1] ?? 0) : 0;
    if (mayFollow(followers, previous, next)) {
      let node = rootChild[previous] ?? 0;
      for (let at = start + 1; node !== 0; at++) {
        const word = wordAt[node] ?? 0;
        if (word !== 0) visit(word - 1, start, at);
        if (at >= length) break;
        node = childOf(trie, node, labels[at] ?? 0);
      }
    }
    previous = next;
  }
}
