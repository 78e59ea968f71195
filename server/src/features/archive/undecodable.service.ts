import type { UndecodableList, RetryResult } from "#shared/contract/health";
import type { EntityManager } from "typeorm";
import { In, IsNull } from "typeorm";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import { shanghaiDay } from "../../platform/shanghai-day.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import { readTimeOfId } from "../../wecom/archive-message.ts";
import type { ArchiveItem, OpenFailure } from "../../wecom/archive-source.ts";
import { Undecodable } from "./archive.entity.ts";
import type { DecryptPool } from "./decrypt-pool.ts";
import { leaveUnknown, toEntry } from "./delivery.ts";
import { enterIntoBooks, UNKNOWN_CONVERSATION } from "./archive-books.ts";
import type { BookEntry } from "./archive-books.ts";
import type { MessageStore } from "./message-store.ts";
import { placeOfItem } from "./sealed-places.ts";
import { sortOutcomes } from "./undecodable-items.ts";
import type { FailedItem } from "./undecodable-items.ts";

/** Items that could not be opened: what they are, and one more try. */
export interface UndecodableService {
  list(): Promise<UndecodableList>;
  /** Tries every one that waits once; what can be opened becomes a message with all that follows from it. */
  retryAll(): Promise<RetryResult>;
  countWaiting(): Promise<number>;
  /** How many wait, by reason and key version. */
  listWaiting(): Promise<WaitingItems[]>;
  /** The first that still waits; null when none does. */
  findOldest(): Promise<OldestItem | null>;
  /** Whether some wait for a key version that is here. */
  hasOpenable(): Promise<boolean>;
  /**
   * Ends the waiting for items that nobody will ever open; they stay as received. Returns for how many: one that
   * has been opened or excluded meanwhile is left out.
   */
  exclude(seqs: readonly number[], memberId: string): Promise<number>;
}

/** Items that wait for the same thing. */
export interface WaitingItems {
  reason: OpenFailure;
  /** 0 when the item names none. */
  keyVersion: number;
  count: number;
}

export interface OldestItem {
  seq: number;
  receivedAtMs: number;
  /** As its id tells; when it came, if the id does not. */
  sentAtMs: number;
}

export interface UndecodableServiceDeps {
  database: Database;
  vault: Vault;
  pool: DecryptPool;
  store: MessageStore;
  clock: Clock;
}

interface WaitingRow {
  reason: OpenFailure;
  key_version: number;
  waiting: string | number;
}

const BATCH = 500;
const LISTED = 100;

export function createUndecodableService(deps: UndecodableServiceDeps): UndecodableService {
  const { database, vault, pool, store, clock } = deps;

  const countOpen = (): Promise<number> =>
    database.read.countBy(Undecodable, { resolvedAtMs: IsNull() });

  async function openRow({ seq, item }: Undecodable): Promise<ArchiveItem> {
    return JSON.parse(await vault.openText(placeOfItem(seq), item)) as ArchiveItem;
  }

  async function retryBatch(rows: readonly Undecodable[]): Promise<number> {
    const items = await Promise.all(rows.map(openRow));
    const came = new Map(rows.map(({ seq, receivedAtMs }) => [seq, receivedAtMs]));
    const cameAtMs = (seq: number): number => came.get(seq) ?? clock.now();
    const { opened, failed } = sortOutcomes(items, await pool.open(items), cameAtMs);
    await database.write((tx) => noteAttempts(tx, failed));
    if (opened.length === 0) return 0;
    const seqs = opened.map(({ item }) => item.seq);
    try {
      await store.store({
        opened,
        isLate: true,
        claim: (tx) => markResolved(tx, seqs, clock.now()),
        account: (tx, fates) =>
          enterIntoBooks(
            tx,
            fates.flatMap((fate) => {
              const day = shanghaiDay(cameAtMs(fate.seq));
              return [leaveUnknown(day, "undecodable"), toEntry(day, fate)];
            }),
          ),
      });
      return opened.length;
    } catch (error) {
      // Somebody else's try was faster; its messages are stored.
      if (error instanceof AlreadyResolvedError) return 0;
      throw error;
    }
  }

  return {
    countWaiting: countOpen,

    async list() {
      const rows = await database.read.find(Undecodable, {
        where: { resolvedAtMs: IsNull() },
        order: { seq: "DESC" },
        take: LISTED,
      });
      return {
        total: await countOpen(),
        items: rows.map(({ seq, keyVersion, reason, attempts, receivedAtMs }) => ({
          seq,
          keyVersion,
          reason,
          attempts,
          receivedAtMs,
        })),
      };
    },

    async listWaiting() {
      const rows = await database.read.query<WaitingRow[]>(
        `SELECT reason, key_version, COUNT(*) AS waiting FROM undecodable
         WHERE resolved_at_ms IS NULL GROUP BY reason, key_version ORDER BY reason, key_version`,
      );
      return rows.map((row) => ({
        reason: row.reason,
        keyVersion: row.key_version,
        count: Number(row.waiting),
      }));
    },

    async findOldest() {
      const row = await database.read.findOne(Undecodable, {
        select: { seq: true, msgId: true, receivedAtMs: true },
        where: { resolvedAtMs: IsNull() },
        order: { seq: "ASC" },
      });
      if (!row) return null;
      const { seq, msgId, receivedAtMs } = row;
      return {
        seq,
        receivedAtMs,
        sentAtMs: Math.min(readTimeOfId(msgId) ?? receivedAtMs, receivedAtMs),
      };
    },

    async hasOpenable() {
      const versions = pool.versions();
      if (versions.length === 0) return false;
      return await database.read.existsBy(Undecodable, {
        resolvedAtMs: IsNull(),
        keyVersion: In(versions),
        reason: "unknown_key_version",
      });
    },

    exclude: (seqs, memberId) =>
      database.write((tx) => excludeIn(tx, seqs, { memberId, nowMs: clock.now() })),

    async retryAll() {
      pool.reload();
      let resolved = 0;
      let lastSeq = 0;
      for (;;) {
        const rows = await database.read
          .createQueryBuilder(Undecodable, "u")
          .where("u.resolvedAtMs IS NULL AND u.seq > :lastSeq", { lastSeq })
          .orderBy("u.seq")
          .limit(BATCH)
          .getMany();
        resolved += await retryBatch(rows);
        const last = rows.at(-1);
        if (!last) return { resolved, remaining: await countOpen() };
        lastSeq = last.seq;
      }
    },
  };
}

/** The books follow in the same transaction, row by row, since some may be resolved at this moment. */
async function excludeIn(
  tx: EntityManager,
  seqs: readonly number[],
  decision: { memberId: string; nowMs: number },
): Promise<number> {
  const rows = await tx.find(Undecodable, {
    where: { seq: In([...seqs]), resolvedAtMs: IsNull() },
    order: { seq: "ASC" },
  });
  const entries: BookEntry[] = [];
  const excluded: number[] = [];
  for (const { seq, receivedAtMs } of rows) {
    const { affected } = await tx.update(
      Undecodable,
      { seq, resolvedAtMs: IsNull() },
      { resolvedAtMs: decision.nowMs, excludedBy: decision.memberId },
    );
    if (affected !== 1) continue;
    const day = shanghaiDay(receivedAtMs);
    const place = { day, conversationId: UNKNOWN_CONVERSATION };
    entries.push({ ...place, undecodable: -1, excluded: 1 });
    excluded.push(seq);
  }
  await enterIntoBooks(tx, entries);
  if (excluded.length > 0) {
    recordEntry(tx, {
      kind: "archive.excluded",
      actorId: decision.memberId,
      objectId: "undecodable",
      atMs: decision.nowMs,
      details: { seqs: excluded },
    });
  }
  return excluded.length;
}

class AlreadyResolvedError extends Error {
  override name = "AlreadyResolvedError";
}

/** Takes the rows for this try alone; two tries at once cannot both store. */
async function markResolved(tx: EntityManager, seqs: number[], nowMs: number): Promise<void> {
  const { affected } = await tx
    .createQueryBuilder()
    .update(Undecodable)
    .set({ resolvedAtMs: nowMs, attempts: () => "attempts + 1" })
    .where("seq IN (:...seqs) AND resolved_at_ms IS NULL", { seqs })
    .execute();
  if (affected !== seqs.length) throw new AlreadyResolvedError();
}

/** The reason may have changed: with its key there, an item can turn out to be garbage. */
async function noteAttempts(tx: EntityManager, failed: readonly FailedItem[]): Promise<void> {
  for (const reason of new Set(failed.map((one) => one.reason))) {
    const seqs = failed.filter((one) => one.reason === reason).map(({ item }) => item.seq);
    await tx
      .createQueryBuilder()
      .update(Undecodable)
      .set({ reason, attempts: () => "attempts + 1" })
      .where("seq IN (:...seqs) AND resolved_at_ms IS NULL", { seqs })
      .execute();
  }
}
