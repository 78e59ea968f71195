import type { EntityManager } from "typeorm";
import type { Clock } from "../clock.ts";
import type { Database } from "../database/database.ts";
import { insertNew } from "../database/insert-new.ts";
import { StampError } from "../time-stamp/stamp-error.ts";
import type { StampFailure } from "../time-stamp/stamp-error.ts";
import { sha256 } from "../time-stamp/time-stamp.ts";
import type { TimeStampAuthority } from "../time-stamp/authority.ts";
import type { Checkpoints } from "./checkpoints.ts";
import { recordEntry } from "./ledger.ts";

/** A stranger's word on when a published head was there: whoever holds our keys cannot date it back. */
export interface Stamps {
  isSet: boolean;
  /** Has the newest published head stamped, unless it is. A failure is kept, to be shown and tried again. */
  run(): Promise<((tx: EntityManager) => Promise<void>) | undefined>;
  /** Of the newest published head; null before there is one. */
  state(): Promise<StampState | null>;
}

export interface StampState {
  publishedAtMs: number;
  /** Null while it is not stamped. */
  stampedAtMs: number | null;
  authority: string | null;
  failure: { reason: StampFailure; atMs: number } | null;
}

interface StampRow {
  size: string | number;
  stamped_at_ms: string | number | null;
  authority: string | null;
  failed_at_ms: string | number | null;
  failure: StampFailure | null;
}

interface Deps {
  database: Database;
  clock: Clock;
  checkpoints: Pick<Checkpoints, "latestPublished">;
  /** Null: none is set. */
  authority: TimeStampAuthority | null;
}

export function createStamps({ database, clock, checkpoints, authority }: Deps): Stamps {
  async function find(size: number): Promise<StampRow | undefined> {
    const [row] = await database.read.query<StampRow[]>(
      "SELECT size, stamped_at_ms, authority, failed_at_ms, failure FROM ledger_stamp WHERE size = ?",
      [size],
    );
    return row;
  }

  async function begin(tx: EntityManager, size: number): Promise<void> {
    const empty = { answer: null, stamped_at_ms: null, authority: null };
    const row = { size, ...empty, failed_at_ms: null, failure: null };
    await insertNew(tx, "ledger_stamp", "size", [row]);
  }

  async function noteFailure(size: number, reason: StampFailure): Promise<void> {
    await database.write(async (tx) => {
      await begin(tx, size);
      await tx.query("UPDATE ledger_stamp SET failed_at_ms = ?, failure = ? WHERE size = ?", [
        clock.now(),
        reason,
        size,
      ]);
    });
  }

  return {
    isSet: authority !== null,

    async run() {
      const head = await checkpoints.latestPublished();
      if (!authority || !head) return undefined;
      const { size, note } = head;
      if ((await find(size))?.stamped_at_ms) return undefined;
      try {
        const stamp = await authority.stamp(sha256(note));
        return async (tx) => {
          await begin(tx, size);
          await tx.query(
            `UPDATE ledger_stamp SET answer = ?, stamped_at_ms = ?, authority = ?,
             failed_at_ms = NULL, failure = NULL WHERE size = ?`,
            [stamp.answer, stamp.atMs, stamp.authority.slice(0, 300), size],
          );
          recordEntry(tx, {
            kind: "ledger.stamped",
            actorId: "system",
            objectId: String(size),
            atMs: clock.now(),
            details: { sha256: sha256(stamp.answer).toString("hex") },
          });
        };
      } catch (error) {
        if (!(error instanceof StampError)) throw error;
        await noteFailure(size, error.reason);
        return undefined;
      }
    },

    async state() {
      const head = await checkpoints.latestPublished();
      if (!head || head.publishedAtMs === null) return null;
      const row = await find(head.size);
      return {
        publishedAtMs: head.publishedAtMs,
        stampedAtMs: row?.stamped_at_ms ? Number(row.stamped_at_ms) : null,
        authority: row?.authority ?? null,
        failure: row?.failure ? { reason: row.failure, atMs: Number(row.failed_at_ms) } : null,
      };
    },
  };
}
