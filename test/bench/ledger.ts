import { createHash } from "node:crypto";
import type { Database } from "../../server/src/platform/database/database.ts";
import { appendLeaves, openLedger } from "../../server/src/platform/ledger/ledger.ts";
import { hashLeaf, verifyInclusion } from "../../server/src/platform/ledger/merkle.ts";
import { onEachDatabase } from "./bench-database.ts";

/** Leaves a transaction, as many as a page has messages. */
const BATCH = 1000;
const PROOFS = 500;

/**
 * Leaves a second that join the ledger in transactions of a thousand, hashing included, and the time of one proof
 * in a ledger of that size, which reads what it needs from the database. (The large one on SQLite only.)
 */
export async function benchLedger(leaves = 10_000_000): Promise<void> {
  process.stdout.write(`Ledger\n`);
  await onEachDatabase([], async ({ name, database }) => {
    const count = database.dialect === "sqlite" ? leaves : Math.ceil(leaves / 20);
    const perSecond = await grow(database, count);
    const micros = await prove(database, count);
    process.stdout.write(
      `  ${name}: ${Math.round(perSecond)} leaves/s (at least 50000), a proof among ${count} leaves ${(micros / 1000).toFixed(2)} ms median (below 1)\n`,
    );
  });
}

const leafAt = (index: number): Buffer => hashLeaf(Buffer.from(`leaf ${index}`));

async function grow(database: Database, count: number): Promise<number> {
  const startedAt = performance.now();
  for (let from = 0; from < count; from += BATCH) {
    const leaves = Array.from({ length: BATCH }, (_, index) => leafAt(from + index));
    await database.write((tx) => {
      appendLeaves(tx, leaves, () => Promise.resolve());
      return Promise.resolve();
    });
  }
  return (count / (performance.now() - startedAt)) * 1000;
}

/** Microseconds of one proof, from the question to the list of hashes; each is verified, outside of the time. */
async function prove(database: Database, count: number): Promise<number> {
  const tree = await openLedger(database);
  const root = await tree.rootAt(count);
  const times: number[] = [];
  for (let turn = 0; turn < PROOFS; turn += 1) {
    // Spread over the whole ledger, the same in each run.
    const index = createHash("sha256").update(`${turn}`).digest().readUInt32BE() % count;
    const startedAt = performance.now();
    const proof = await (await openLedger(database)).inclusion(index, count);
    times.push((performance.now() - startedAt) * 1000);
    if (!verifyInclusion({ leaf: leafAt(index), index, size: count, root }, proof)) {
      throw new Error(`the proof of leaf ${index} is wrong`);
    }
  }
  return times.sort((a, b) => a - b)[PROOFS / 2] ?? 0;
}
