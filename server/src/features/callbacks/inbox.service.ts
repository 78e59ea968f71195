import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import type { CallbackReceiver } from "../../config.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { createGroupCommit } from "../../platform/database/group-commit.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import { opaqueTokens } from "../../platform/opaque-tokens.ts";
import type { Place, Vault } from "../../platform/vault/vault.ts";
import { InboxRow } from "./inbox.entity.ts";

/** The job that acts on one row of the inbox. */
export const PROCESS_CALLBACK = "callbacks.process";

export interface StoredCallback {
  dedupe: string;
  /** The decrypted XML. */
  xml: string;
  isProcessed: boolean;
}

export interface ReceiverStatus {
  receiver: CallbackReceiver;
  /** Newest of the latest 5,000 callbacks. */
  lastReceivedAtMs: number;
}

export interface Inbox {
  /**
   * Settles once the event is durably stored together with the job that acts on it, at the price of one
   * commit for all that arrive together. An event that is known already changes nothing.
   */
  receive(receiver: CallbackReceiver, xml: string): Promise<void>;
  /** Undefined when it has been removed after its time. */
  find(dedupe: string): Promise<StoredCallback | undefined>;
  /** False when another run has marked it already: then its effect must not happen again. */
  markProcessed(tx: EntityManager, dedupe: string): Promise<boolean>;
  /** Removes what was processed more than 30 days ago; returns how many. */
  prune(): Promise<number>;
  /** When each receiver heard from WeCom last, for the health page. */
  status(): Promise<ReceiverStatus[]>;
}

export interface InboxDeps {
  database: Database;
  vault: Vault;
  jobs: Jobs;
  clock: Clock;
}

interface Arrival {
  id: string;
  receiver: CallbackReceiver;
  dedupe: string;
  xml: string;
}

const KEEP_MS = 30 * 24 * 3600_000;
const PRUNE_BATCH = 1000;
const STATUS_ROWS = 5000;
const SUBJECT = "corp";

export function createInbox({ database, vault, jobs, clock }: InboxDeps): Inbox {
  const commit = createGroupCommit<Arrival>(database, async (tx, arrivals) => {
    const sealer = await vault.sealerFor(tx, [SUBJECT]);
    const receivedAtMs = clock.now();
    await insertNew(
      tx,
      "inbox",
      "dedupe",
      arrivals.map(({ id, receiver, dedupe, xml }) => ({
        id,
        receiver,
        dedupe,
        payload: sealer.seal(SUBJECT, placeOf(id), xml),
        received_at_ms: receivedAtMs,
        processed_at_ms: null,
      })),
    );
    await jobs.enqueueAll(
      tx,
      arrivals.map(({ dedupe }) => ({
        kind: PROCESS_CALLBACK,
        payload: { dedupe },
        options: { dedupe: `callback:${dedupe}` },
      })),
    );
  });

  async function removeOldest(before: number): Promise<number> {
    return await database.write(async (tx) => {
      const old = await tx
        .createQueryBuilder(InboxRow, "i")
        .select("i.id", "id")
        // The id begins with its time, which makes this a walk over old rows only.
        .where("i.id < :until AND i.processedAtMs < :before", { until: idAt(before), before })
        .orderBy("i.id")
        .limit(PRUNE_BATCH)
        .getRawMany<{ id: string }>();
      if (old.length > 0) {
        await tx.delete(
          InboxRow,
          old.map(({ id }) => id),
        );
      }
      return old.length;
    });
  }

  return {
    receive: (receiver, xml) =>
      commit({ id: uuidv7(), receiver, dedupe: nameEvent(receiver, xml), xml }),

    async find(dedupe) {
      const row = await database.read.findOneBy(InboxRow, { dedupe });
      if (!row) return undefined;
      const xml = await vault.openText(placeOf(row.id), row.payload);
      return { dedupe, xml, isProcessed: row.processedAtMs !== null };
    },

    async markProcessed(tx, dedupe) {
      const { affected } = await tx
        .createQueryBuilder()
        .update(InboxRow)
        .set({ processedAtMs: clock.now() })
        .where("dedupe = :dedupe AND processed_at_ms IS NULL", { dedupe })
        .execute();
      return affected === 1;
    },

    async prune() {
      const before = clock.now() - KEEP_MS;
      let removed = 0;
      for (;;) {
        const count = await removeOldest(before);
        removed += count;
        if (count < PRUNE_BATCH) return removed;
      }
    },

    async status() {
      const rows = await database.read.query<
        { receiver: CallbackReceiver; last_ms: string | number }[]
      >(
        `SELECT receiver, MAX(received_at_ms) AS last_ms FROM
           (SELECT receiver, received_at_ms FROM inbox ORDER BY id DESC LIMIT ${STATUS_ROWS}) AS latest
         GROUP BY receiver`,
      );
      return rows.map((row) => ({ receiver: row.receiver, lastReceivedAtMs: Number(row.last_ms) }));
    },
  };
}

function placeOf(rowId: string): Place {
  return { table: "inbox", column: "payload", rowId };
}

/**
 * WeCom delivers an event again under a new timestamp, nonce and signature, so only what was inside tells
 * that it is the same. Hashed at once and not in a thread, so that requests read together commit together.
 */
export function nameEvent(receiver: CallbackReceiver, xml: string): string {
  return opaqueTokens.hash(`${receiver}\n${xml}`);
}

/** The smallest id of that millisecond. */
function idAt(ms: number): string {
  return uuidv7({ msecs: ms, seq: 0, random: new Uint8Array(16) });
}
