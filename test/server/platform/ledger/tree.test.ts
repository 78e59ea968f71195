import {
  EMPTY_ROOT,
  hashLeaf,
  hashNodes,
  verifyConsistency,
  verifyInclusion,
} from "../../../../server/src/platform/ledger/merkle.ts";
import {
  append,
  EMPTY_HEAD,
  openTree,
  tileName,
  toBytes,
  toHead,
} from "../../../../server/src/platform/ledger/tree.ts";
import type { TreeHead } from "../../../../server/src/platform/ledger/tree.ts";

/** The eight leaves and their roots that Certificate Transparency's reference implementations are tested with. */
const knownLeaves = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const knownRoots = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** MTH as RFC 6962 writes it down. */
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return EMPTY_ROOT;
  if (leaves.length === 1) return leaves[0]!;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return hashNodes(naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)));
}

/** A log that was written in batches of these sizes, its head put away and taken out again between them. */
function write(leaves: readonly Buffer[], batches: readonly number[]) {
  const tiles = new Map<string, Buffer>();
  let head: TreeHead = EMPTY_HEAD;
  let from = 0;
  for (let turn = 0; from < leaves.length; turn += 1) {
    const to = from + batches[turn % batches.length]!;
    const result = append(toHead(head.size, toBytes(head)), leaves.slice(from, to));
    head = result.head;
    for (const tile of result.filled) {
      expect(tiles.has(tileName(tile))).toBe(false);
      tiles.set(tileName(tile), tile.hashes);
    }
    from = to;
  }
  return { head, tiles, tree: openTree(head, () => Promise.resolve(tiles)) };
}

const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, n) => hashLeaf(Buffer.from(`leaf ${n}`)));

it("has the roots that everybody has", async () => {
  const leaves = knownLeaves.map((hex) => hashLeaf(Buffer.from(hex, "hex")));
  const { tree } = write(leaves, [3]);
  expect((await tree.rootAt(0)).toString("hex")).toBe(
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
  for (const [index, root] of knownRoots.entries()) {
    expect((await tree.rootAt(index + 1)).toString("hex")).toBe(root);
  }
});

it.each([[[1]], [[16]], [[5, 40, 1]], [[700]]])(
  "proves every leaf and every growth, written in batches of %j",
  async (batches) => {
    const leaves = leavesOf(530);
    const { tree } = write(leaves, batches);
    const sizes = [1, 2, 3, 15, 16, 17, 31, 32, 255, 256, 257, 271, 272, 273, 511, 512, 513, 530];
    const roots = new Map(sizes.map((size) => [size, naiveRoot(leaves.slice(0, size))]));
    for (const size of sizes) {
      const root = roots.get(size)!;
      expect(await tree.rootAt(size)).toEqual(root);
      for (let index = 0; index < size; index += index < 40 ? 1 : 37) {
        const proof = await tree.inclusion(index, size);
        const claim = { leaf: leaves[index]!, index, size, root };
        expect(verifyInclusion(claim, proof)).toBe(true);
        expect(verifyInclusion({ ...claim, leaf: leaves[(index + 1) % 530]! }, proof)).toBe(false);
        if (size > 1)
          expect(verifyInclusion({ ...claim, index: (index + 1) % size }, proof)).toBe(false);
        expect(verifyInclusion(claim, [...proof, root])).toBe(false);
        expect(verifyInclusion(claim, proof.slice(1))).toBe(size === 1);
      }
      for (const oldSize of sizes.filter((one) => one <= size)) {
        const proof = await tree.consistency(oldSize, size);
        const claim = { oldSize, oldRoot: roots.get(oldSize)!, newSize: size, newRoot: root };
        expect(verifyConsistency(claim, proof)).toBe(true);
        if (oldSize === size) continue;
        expect(
          verifyConsistency(
            { ...claim, oldRoot: leaves[0]!.map((byte) => byte ^ 1) as Buffer },
            proof,
          ),
        ).toBe(false);
        expect(verifyConsistency({ ...claim, newRoot: leaves[1]! }, proof)).toBe(false);
        expect(verifyConsistency(claim, proof.slice(0, -1))).toBe(false);
      }
    }
    expect(await tree.leaves(10, 300)).toEqual(leaves.slice(10, 300));
  },
);

it("refuses what lies beyond its end, and says which tile is gone", async () => {
  const { head, tree } = write(leavesOf(40), [40]);
  await expect(tree.rootAt(41)).rejects.toThrow("40 leaves, not 41");
  await expect(tree.inclusion(40, 40)).rejects.toThrow("no leaf 40 among 40");
  await expect(tree.consistency(30, 20)).rejects.toThrow("older");
  const empty = openTree(head, () => Promise.resolve(new Map<string, Buffer>()));
  await expect(empty.rootAt(20)).rejects.toThrow("lacks tile 0/1");
  await expect(empty.inclusion(3, 40)).rejects.toThrow("lacks tile 0/0");
});
