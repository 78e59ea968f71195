import { EMPTY_ROOT, HASH_BYTES, hashNodes, splitOf } from "./merkle.ts";

/**
 * A tree kept in tiles: a tile is the 16 hashes of a run of whole subtrees of 16^level leaves each. Full tiles never
 * change, so they are written once; the unfinished one of each level stays with the head. A proof reads one tile a
 * level and hashes within it: seven of them in a log of a hundred million leaves.
 */
export const TILE_WIDTH = 16;

export interface Tile {
  level: number;
  index: number;
  /** 16 hashes. */
  hashes: Buffer;
}

/** Where the log ends: its size and, from level 0 up, the hashes of each level's unfinished tile. */
export interface TreeHead {
  size: number;
  unfinished: readonly (readonly Buffer[])[];
}

export const EMPTY_HEAD: TreeHead = { size: 0, unfinished: [] };

/** The head after `leaves` (hashes of leaves) and the tiles that they have filled. */
export function append(
  head: TreeHead,
  leaves: readonly Buffer[],
): { head: TreeHead; filled: Tile[] } {
  const unfinished = head.unfinished.map((hashes) => [...hashes]);
  const filled: Tile[] = [];
  let size = head.size;
  for (const leaf of leaves) {
    size += 1;
    let [level, hash, span] = [0, leaf, TILE_WIDTH];
    for (;;) {
      const hashes = (unfinished[level] ??= []);
      hashes.push(hash);
      if (hashes.length < TILE_WIDTH) break;
      filled.push({ level, index: size / span - 1, hashes: Buffer.concat(hashes) });
      hash = rootOf(hashes);
      unfinished[level] = [];
      level += 1;
      span *= TILE_WIDTH;
    }
  }
  return { head: { size, unfinished }, filled };
}

export function toBytes({ unfinished }: TreeHead): Buffer {
  return Buffer.concat(unfinished.flatMap((hashes) => [Buffer.from([hashes.length]), ...hashes]));
}

export function toHead(size: number, bytes: Buffer): TreeHead {
  const unfinished: Buffer[][] = [];
  for (let at = 0; at < bytes.length;) {
    const count = bytes.readUInt8(at);
    const end = at + 1 + count * HASH_BYTES;
    unfinished.push(hashesOf(bytes.subarray(at + 1, end)));
    at = end;
  }
  return { size, unfinished };
}

/** The tiles that the log has; the unfinished ones of the head are known without it. */
export type ReadTiles = (
  wanted: readonly Pick<Tile, "level" | "index">[],
) => Promise<Map<string, Buffer>>;

/** Names a tile in `ReadTiles`. */
export function tileName({ level, index }: Pick<Tile, "level" | "index">): string {
  return `${level}/${index}`;
}

/** One whole subtree: 2^height leaves, the `index`-th of that height. */
interface Subtree {
  height: number;
  index: number;
}

/** Answers about the log as it was at any size up to the head's. */
export interface Tree {
  readonly size: number;
  rootAt(size: number): Promise<Buffer>;
  /** For `verifyInclusion`. */
  inclusion(index: number, size: number): Promise<Buffer[]>;
  /** For `verifyConsistency`. */
  consistency(oldSize: number, newSize: number): Promise<Buffer[]>;
  /** The hashes of these leaves; null where the tile is gone. */
  leaves(from: number, to: number): Promise<(Buffer | null)[]>;
  leavesAt(indexes: readonly number[]): Promise<(Buffer | null)[]>;
  /** Which full tiles from `from` up to, not including, `to` are gone, or not what the level above says of them. */
  unequalTiles(level: number, from: number, to: number): Promise<number[]>;
}

export function openTree(head: TreeHead, readTiles: ReadTiles): Tree {
  const check = (size: number): void => {
    if (!Number.isSafeInteger(size) || size < 0 || size > head.size) {
      throw new RangeError(`the log has ${head.size} leaves, not ${size}`);
    }
  };

  /** Reads the tiles of all these subtrees at once, then gives the hash of each; null where its tile is gone. */
  async function hashesFor(
    subtrees: readonly Subtree[],
  ): Promise<(subtree: Subtree) => Buffer | null> {
    const places = subtrees.map(placeOf);
    const kept = places.filter(({ level, index }) => !isUnfinished(level, index));
    const tiles = await readTiles([...new Map(kept.map((one) => [tileName(one), one])).values()]);
    return (subtree) => {
      const place = placeOf(subtree);
      const hashes = isUnfinished(place.level, place.index)
        ? (head.unfinished[place.level] ?? [])
        : hashesOf(tiles.get(tileName(place)) ?? Buffer.alloc(0));
      const part = hashes.slice(place.from, place.from + place.count);
      return part.length === place.count ? rootOf(part) : null;
    };
  }

  const isUnfinished = (level: number, index: number): boolean =>
    index === Math.floor(head.size / TILE_WIDTH ** (level + 1));

  /** Hashes of ranges of leaves, each as RFC 6962 builds it from whole subtrees. */
  async function hashesOfRanges(ranges: readonly Range[]): Promise<Buffer[]> {
    const parts = ranges.map(({ from, to }) => wholeSubtrees(from, to));
    const hashOf = await hashesFor(parts.flat());
    return parts.map((subtrees) =>
      subtrees
        .map((subtree) => hashOf(subtree) ?? fail(subtree))
        .reduceRight((right, left) => hashNodes(left, right)),
    );
  }

  const tree: Tree = {
    size: head.size,
    async rootAt(size) {
      check(size);
      const [root = EMPTY_ROOT] = await hashesOfRanges(size === 0 ? [] : [{ from: 0, to: size }]);
      return root;
    },
    async inclusion(index, size) {
      check(size);
      if (!Number.isSafeInteger(index) || index < 0 || index >= size) {
        throw new RangeError(`no leaf ${index} among ${size}`);
      }
      return await hashesOfRanges(siblingsOf(index, { from: 0, to: size }));
    },
    async consistency(oldSize, newSize) {
      check(newSize);
      check(oldSize);
      if (oldSize > newSize) throw new RangeError("the older log cannot be the longer one");
      if (oldSize === 0 || oldSize === newSize) return [];
      return await hashesOfRanges(stepsBetween(oldSize, { from: 0, to: newSize }, true));
    },
    leaves: (from, to) => tree.leavesAt(indexesBetween(from, to)),
    async leavesAt(indexes) {
      const subtrees = indexes.map((index) => ({ height: 0, index }));
      const hashOf = await hashesFor(subtrees);
      return subtrees.map(hashOf);
    },
    async unequalTiles(level, from, to) {
      const indexes = indexesBetween(from, to);
      const tiles = await readTiles(indexes.map((index) => ({ level, index })));
      const said = await hashesFor(indexes.map((index) => ({ height: (level + 1) * 4, index })));
      return indexes.filter((index) => {
        const tile = tiles.get(tileName({ level, index })) ?? Buffer.alloc(0);
        if (tile.length !== TILE_WIDTH * HASH_BYTES) return true;
        // Where the tile above is gone, that is said of that one.
        const above = said({ height: (level + 1) * 4, index });
        return above !== null && !above.equals(rootOf(hashesOf(tile)));
      });
    },
  };
  return tree;
}

function fail(subtree: Subtree): never {
  throw new Error(`the log lacks tile ${tileName(placeOf(subtree))}`);
}

function indexesBetween(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, offset) => from + offset);
}

/** Leaves from `from` up to, not including, `to`. */
interface Range {
  from: number;
  to: number;
}

/** PATH of RFC 6962, section 2.1.1, from the leaf up. */
function siblingsOf(index: number, { from, to }: Range): Range[] {
  if (to - from === 1) return [];
  const middle = from + splitOf(to - from);
  const [left, right] = [
    { from, to: middle },
    { from: middle, to },
  ];
  return index < middle ? [...siblingsOf(index, left), right] : [...siblingsOf(index, right), left];
}

/** SUBPROOF of RFC 6962, section 2.1.2; `isKnown` while the range is the old tree itself, whose root is known. */
function stepsBetween(oldSize: number, { from, to }: Range, isKnown: boolean): Range[] {
  if (oldSize === to) return isKnown ? [] : [{ from, to }];
  const middle = from + splitOf(to - from);
  const [left, right] = [
    { from, to: middle },
    { from: middle, to },
  ];
  return oldSize <= middle
    ? [...stepsBetween(oldSize, left, isKnown), right]
    : [...stepsBetween(oldSize, right, false), left];
}

/** The whole subtrees that make up a range which begins at a multiple of its largest one's size. */
function wholeSubtrees(from: number, to: number): Subtree[] {
  const subtrees: Subtree[] = [];
  for (let at = from; at < to;) {
    let [height, span] = [0, 1];
    while (span * 2 <= to - at) [height, span] = [height + 1, span * 2];
    subtrees.push({ height, index: at / span });
    at += span;
  }
  return subtrees;
}

/** In which tile a subtree stands, and which of the tile's hashes it joins. */
function placeOf({ height, index }: Subtree) {
  const level = Math.floor(height / 4);
  const count = 2 ** (height % 4);
  const first = index * count;
  return { level, index: Math.floor(first / TILE_WIDTH), from: first % TILE_WIDTH, count };
}

function hashesOf(bytes: Buffer): Buffer[] {
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, index) =>
    bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  );
}

/** Of a power of two of hashes. */
function rootOf(hashes: readonly Buffer[]): Buffer {
  const [first, second] = hashes;
  if (!first || !second) return first ?? EMPTY_ROOT;
  const middle = hashes.length / 2;
  return hashNodes(rootOf(hashes.slice(0, middle)), rootOf(hashes.slice(middle)));
}
