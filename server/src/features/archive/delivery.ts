import type { EntityManager } from "typeorm";
import { Undecodable } from "./archive.entity.ts";
import { shanghaiDay } from "../../platform/shanghai-day.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import { enterIntoBooks, UNKNOWN_CONVERSATION } from "./archive-books.ts";
import type { BookEntry } from "./archive-books.ts";
import type { Fate } from "./message-store.ts";
import { RepeatedMessageError } from "./repeated-message.ts";
import { keepFailedItems } from "./undecodable-items.ts";
import type { FailedItem } from "./undecodable-items.ts";

/** What WeCom delivered in one page, after its messages were stored. */
export interface Delivery {
  fates: readonly Fate[];
  failed: readonly FailedItem[];
  receivedAtMs: number;
}

export interface DeliveryCounts {
  pulled: number;
  stored: number;
  duplicated: number;
  undecodable: number;
}

/**
 * Keeps what could not be opened and enters every item of a page into the books, in the transaction that stores
 * the page. Each item is counted once: stored, duplicate or undecodable.
 */
export async function bookDelivery(
  tx: EntityManager,
  vault: Vault,
  { fates, failed, receivedAtMs }: Delivery,
): Promise<DeliveryCounts> {
  const undecodable = await keepFailedItems(tx, vault, failed, receivedAtMs);
  const day = shanghaiDay(receivedAtMs);
  const duplicated = failed.length - undecodable;
  await enterIntoBooks(tx, [
    ...fates.map((fate) => toEntry(day, fate)),
    {
      day,
      conversationId: UNKNOWN_CONVERSATION,
      pulled: failed.length,
      undecodable,
      duplicated,
    },
    ...(await closeWaiting(tx, fates, receivedAtMs)),
  ]);
  const stored = fates.filter(({ isNew }) => isNew).length;
  return {
    pulled: fates.length + failed.length,
    stored,
    duplicated: duplicated + fates.length - stored,
    undecodable,
  };
}

/** The first half of a move: an item leaves the place where it waited. */
export function leaveUnknown(day: number, from: "undecodable" | "excluded"): BookEntry {
  return { day, conversationId: UNKNOWN_CONVERSATION, pulled: -1, [from]: -1 };
}

export function toEntry(day: number, { conversationId, isNew }: Fate): BookEntry {
  return { day, conversationId, pulled: 1, [isNew ? "stored" : "duplicated"]: 1 };
}

/**
 * An item that had come before, could not be opened then and has opened now: nobody waits for it any more, and its
 * first delivery turns out to be the same message as this one.
 */
async function closeWaiting(
  tx: EntityManager,
  fates: readonly Fate[],
  nowMs: number,
): Promise<BookEntry[]> {
  if (fates.length === 0) return [];
  const conversations = new Map(fates.map(({ seq, conversationId }) => [seq, conversationId]));
  // A page is one stretch of the archive, and few items wait in it.
  const seqs = fates.map(({ seq }) => seq);
  const [first, last] = [Math.min(...seqs), Math.max(...seqs)];
  const isOpen = "(resolved_at_ms IS NULL OR excluded_by IS NOT NULL)";
  const rows = await tx.query<
    { seq: string | number; received_at_ms: string | number; excluded_by: string | null }[]
  >(
    `SELECT seq, received_at_ms, excluded_by FROM undecodable WHERE seq >= ? AND seq <= ? AND ${isOpen}`,
    [first, last],
  );
  const entries: BookEntry[] = [];
  for (const row of rows) {
    const conversationId = conversations.get(Number(row.seq));
    if (conversationId === undefined) continue;
    const { affected } = await tx
      .createQueryBuilder()
      .update(Undecodable)
      .set({ resolvedAtMs: nowMs, excludedBy: null })
      .where(`seq = :seq AND ${isOpen}`, { seq: row.seq })
      .execute();
    // Another process has opened it a moment ago.
    if (affected !== 1) throw new RepeatedMessageError();
    const day = shanghaiDay(Number(row.received_at_ms));
    entries.push(leaveUnknown(day, row.excluded_by === null ? "undecodable" : "excluded"), {
      day,
      conversationId,
      pulled: 1,
      duplicated: 1,
    });
  }
  return entries;
}
