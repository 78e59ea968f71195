import { hash } from "node:crypto";

/**
 * The hashes of an RFC 6962 tree (section 2.1). A prefix keeps leaves and inner nodes apart, so that no inner node
 * can be passed off as a leaf.
 */
export const HASH_BYTES = 32;

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

export function hashLeaf(data: Buffer): Buffer {
  return sha256(LEAF, data);
}

export function hashNodes(left: Buffer, right: Buffer): Buffer {
  return sha256(NODE, left, right);
}

/** The root of the tree without leaves. */
export const EMPTY_ROOT: Buffer = sha256();

/** In one call: half the time of a hash object, and an append is hardly anything else. */
function sha256(...parts: readonly Buffer[]): Buffer {
  return hash("sha256", Buffer.concat(parts), "buffer");
}

/** The largest power of two below `size`, which is at least 2. */
export function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/**
 * Whether `leaf` stands at `index` in the tree of `size` leaves with this `root`; `proof` goes from the leaf up
 * (RFC 9162, section 2.1.3.2).
 */
export function verifyInclusion(
  claim: { leaf: Buffer; index: number; size: number; root: Buffer },
  proof: readonly Buffer[],
): boolean {
  const { leaf, index, size, root } = claim;
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  let [node, last, joined] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      joined = hashNodes(sibling, joined);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else joined = hashNodes(joined, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && joined.equals(root);
}

/** Whether the tree of `newSize` leaves begins with all those of the tree of `oldSize` (RFC 9162, section 2.1.4.2). */
export function verifyConsistency(
  claim: { oldSize: number; oldRoot: Buffer; newSize: number; newRoot: Buffer },
  proof: readonly Buffer[],
): boolean {
  const { oldSize, oldRoot, newSize, newRoot } = claim;
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize) return false;
  if (oldSize === 0) return proof.length === 0 && oldRoot.equals(EMPTY_ROOT);
  if (oldSize === newSize) return proof.length === 0 && oldRoot.equals(newRoot);
  // The old tree's own root is left out of the proof where it is a whole subtree of the new one.
  const path = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : [...proof];
  let [node, last] = [oldSize - 1, newSize - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  const first = path.shift();
  if (!first) return false;
  let [oldHash, newHash] = [first, first];
  for (const sibling of path) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      oldHash = hashNodes(sibling, oldHash);
      newHash = hashNodes(sibling, newHash);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else newHash = hashNodes(newHash, sibling);
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && oldHash.equals(oldRoot) && newHash.equals(newRoot);
}

/** Shifts would cut what is above 2^31. */
function half(value: number): number {
  return Math.floor(value / 2);
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value)) && 2 ** Math.log2(value) === value;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
