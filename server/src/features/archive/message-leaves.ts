import type { EntityManager } from "typeorm";
import type { Database } from "../../platform/database/database.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import { appendLeaves } from "../../platform/ledger/ledger.ts";
import { leafOfSecret } from "../../platform/ledger/secret-leaf.ts";
import type { Tree } from "../../platform/ledger/tree.ts";

/** What the ledger vouches for: the message as decrypted, and what it came with. */
export interface LedgerMessage {
  seq: number;
  msgId: string;
  keyVersion: number;
  receivedAtMs: number;
  json: string;
}

export function leafOfMessage(message: LedgerMessage, salt: Buffer): Buffer {
  const { seq, msgId, keyVersion, receivedAtMs, json } = message;
  return leafOfSecret("message", salt, { seq, msgId, keyVersion, receivedAtMs, json });
}

/** Puts messages that are stored together side by side into the ledger, in the transaction that stores them. */
export function recordMessages(
  tx: EntityManager,
  messages: readonly LedgerMessage[],
  saltOf: (message: LedgerMessage) => Buffer,
): void {
  const seqs = messages.map(({ seq }) => seq);
  const leaves = messages.map((message) => leafOfMessage(message, saltOf(message)));
  appendLeaves(tx, leaves, async (last, first) => {
    const range = { first_seq: Math.min(...seqs), last_seq: Math.max(...seqs) };
    await insertNew(last, "message_run", "first_position", [
      { first_position: first, ...range, messages: leaves.length },
    ]);
  });
}

/** Where a message's leaf stands in the ledger; undefined when it is not the message that was recorded. */
export async function findLeaf(
  database: Database,
  tree: Tree,
  seq: number,
  leaf: Buffer,
): Promise<number | undefined> {
  const runs = await database.read.query<{ first: string | number; messages: number }[]>(
    "SELECT first_position AS first, messages FROM message_run WHERE last_seq >= ? AND first_seq <= ?",
    [seq, seq],
  );
  for (const run of runs) {
    const first = Number(run.first);
    const offset = (await tree.leaves(first, first + run.messages)).findIndex((one) =>
      one?.equals(leaf),
    );
    if (offset >= 0) return first + offset;
  }
  return undefined;
}
