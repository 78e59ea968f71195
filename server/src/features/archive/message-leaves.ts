import type { EntityManager } from "typeorm";
import type { Database } from "../../platform/database/database.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import { appendLeaves } from "../../platform/ledger/ledger.ts";
import { leafOfSecret } from "../../platform/ledger/secret-leaf.ts";
import type { SecretRecord } from "../../platform/ledger/secret-leaf.ts";
import type { Tree } from "../../platform/ledger/tree.ts";

/** What the ledger vouches for: the message as decrypted, what it came with, and where it stands in its conversation. */
export interface LedgerMessage {
  seq: number;
  msgId: string;
  keyVersion: number;
  receivedAtMs: number;
  json: string;
  conversationId: string;
  /** Counts the messages of its conversation, so that nobody can leave one out unseen. 0: said to nobody. */
  ordinal: number;
  sentAtMs: number;
}

export function recordOf(message: LedgerMessage): SecretRecord {
  const { seq, msgId, keyVersion, receivedAtMs, json, conversationId, ordinal, sentAtMs } = message;
  return {
    outline: { conversation: conversationId, ordinal, sentAtMs },
    content: { seq, msgId, keyVersion, receivedAtMs, json },
  };
}

export function leafOfMessage(message: LedgerMessage, salt: Buffer): Buffer {
  return leafOfSecret("message", salt, recordOf(message));
}

/** Puts messages that are stored together side by side into the ledger, in the transaction that stores them. */
export function recordMessages(
  tx: EntityManager,
  messages: readonly { seq: number; leaf: Buffer }[],
): void {
  const seqs = messages.map(({ seq }) => seq);
  const leaves = messages.map(({ leaf }) => leaf);
  appendLeaves(tx, leaves, async (last, first) => {
    const range = { first_seq: Math.min(...seqs), last_seq: Math.max(...seqs) };
    await insertNew(last, "message_run", "first_position", [
      { first_position: first, ...range, messages: leaves.length },
    ]);
  });
}

interface Run {
  first: number;
  messages: number;
}

/** Where messages' leaves stand in the ledger; those that are not what was recorded are left out. */
export async function findLeaves(
  database: Database,
  tree: Tree,
  wanted: readonly { seq: number; leaf: Buffer }[],
): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  /** Neighbours in a conversation often came together. */
  let known: { run: Run; leaves: (Buffer | null)[] }[] = [];
  for (const { seq, leaf } of wanted) {
    const runs = await runsWith(database, seq);
    known = known.filter(({ run }) => runs.some(({ first }) => first === run.first));
    for (const run of runs) {
      let here = known.find((one) => one.run.first === run.first);
      if (!here) {
        here = { run, leaves: await tree.leaves(run.first, run.first + run.messages) };
        known.push(here);
      }
      const offset = here.leaves.findIndex((one) => one?.equals(leaf));
      if (offset >= 0) found.set(seq, run.first + offset);
    }
  }
  return found;
}

async function runsWith(database: Database, seq: number): Promise<Run[]> {
  const runs = await database.read.query<{ first: string | number; messages: number }[]>(
    "SELECT first_position AS first, messages FROM message_run WHERE last_seq >= ? AND first_seq <= ?",
    [seq, seq],
  );
  return runs.map(({ first, messages }) => ({ first: Number(first), messages }));
}
