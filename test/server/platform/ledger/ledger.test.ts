import {
  hashLeaf,
  verifyConsistency,
  verifyInclusion,
} from "../../../../server/src/platform/ledger/merkle.ts";
import {
  appendLeaves,
  leafOf,
  openLedger,
  recordEntry,
} from "../../../../server/src/platform/ledger/ledger.ts";
import type { LedgerEntry } from "../../../../server/src/platform/ledger/ledger.ts";
import { forEachDatabase } from "../../../support/test-database.ts";

const entry = (n: number): LedgerEntry => ({
  kind: "rule.published",
  actorId: "liuyang",
  objectId: `rule-${n}`,
  atMs: 1_790_000_000_000 + n,
  details: { revision: n, by: ["a", "b"] },
});

const nowhere = () => Promise.resolve();

forEachDatabase("the ledger", (open) => {
  it("takes what a transaction records when it commits, and nothing of one that is undone", async () => {
    const database = await open([]);
    const before = (await openLedger(database)).size;
    await database.write(async (tx) => {
      recordEntry(tx, entry(1));
      expect((await openLedger(database)).size).toBe(before);
      recordEntry(tx, entry(2));
      await nowhere();
    });
    await expect(
      database.write((tx) => {
        recordEntry(tx, entry(3));
        return Promise.reject(new Error("undone"));
      }),
    ).rejects.toThrow("undone");
    const tree = await openLedger(database);
    expect(tree.size).toBe(before + 2);
    expect(await tree.leaves(before, before + 2)).toEqual([leafOf(entry(1)), leafOf(entry(2))]);
    const rows = await database.read.query<{ object_id: string }[]>(
      "SELECT object_id FROM ledger_entry ORDER BY position",
    );
    expect(rows.map((row) => row.object_id).slice(-2)).toEqual(["rule-1", "rule-2"]);
  });

  it("gives each its place while many write at once, and proves them all", async () => {
    const database = await open([]);
    const start = await openLedger(database);
    const oldRoot = await start.rootAt(start.size);
    const places = new Map<number, Buffer>();
    await Promise.all(
      Array.from({ length: 40 }, (_, writer) =>
        database.write((tx) => {
          const leaves = Array.from({ length: 1 + (writer % 25) }, (_leaf, n) =>
            hashLeaf(Buffer.from(`${writer} ${n}`)),
          );
          appendLeaves(tx, leaves, (_last, first) => {
            for (const [n, leaf] of leaves.entries()) places.set(first + n, leaf);
            return Promise.resolve();
          });
          return Promise.resolve();
        }),
      ),
    );
    const tree = await openLedger(database);
    expect(places.size).toBe(tree.size - start.size);
    const root = await tree.rootAt(tree.size);
    for (const [index, leaf] of places) {
      expect(
        verifyInclusion(
          { leaf, index, size: tree.size, root },
          await tree.inclusion(index, tree.size),
        ),
      ).toBe(true);
    }
    const claim = { oldSize: start.size, oldRoot, newSize: tree.size, newRoot: root };
    expect(verifyConsistency(claim, await tree.consistency(start.size, tree.size))).toBe(true);
  });
});
