import type { EntityManager } from "typeorm";
import { startOfShanghaiDay } from "../../platform/shanghai-day.ts";
import { marksFor } from "./known-messages.ts";
import type { Fate } from "./message-store.ts";

/**
 * When a range is pulled again, a message may come that the books have as stored and the table has lost. It goes back
 * to the day on which it was counted, so that the day's books hold again, and its coming now is a repetition.
 * Returns the fates as the books must see them; belongs into the transaction that has stored the messages.
 */
export async function putBackReturned(tx: EntityManager, fates: readonly Fate[]): Promise<Fate[]> {
  const isBack = new Set<number>();
  for (const [day, places] of await groupByDay(tx, fates)) {
    for (const [conversationId, seqs] of places) {
      const missing = await countMissing(tx, { day, conversationId, seqs });
      const returned = seqs.slice(0, missing);
      if (returned.length === 0) continue;
      await backdate(tx, day, returned);
      for (const seq of returned) isBack.add(seq);
    }
  }
  return fates.map((fate) => (isBack.has(fate.seq) ? { ...fate, isNew: false } : fate));
}

type SeqsByConversation = Map<string, number[]>;

/** New messages by the day on which the cursor passed them first. */
async function groupByDay(
  tx: EntityManager,
  fates: readonly Fate[],
): Promise<Map<number, SeqsByConversation>> {
  const days = new Map<number, SeqsByConversation>();
  for (const { seq, conversationId, isNew } of fates) {
    if (!isNew) continue;
    const [row] = await tx.query<{ day: number }[]>(
      "SELECT day FROM archive_day WHERE first_seq <= ? AND last_seq >= ? ORDER BY day LIMIT 1",
      [seq, seq],
    );
    if (!row) continue;
    const places = days.get(row.day) ?? new Map<string, number[]>();
    places.set(conversationId, [...(places.get(conversationId) ?? []), seq]);
    days.set(row.day, places);
  }
  return days;
}

/** How many the books have of that place beyond what lies in the table, without `seqs` themselves. */
async function countMissing(
  tx: EntityManager,
  place: { day: number; conversationId: string; seqs: readonly number[] },
): Promise<number> {
  const { day, conversationId, seqs } = place;
  const [booked] = await tx.query<{ stored: string | number }[]>(
    "SELECT stored FROM archive_books WHERE day = ? AND conversation_id = ?",
    [day, conversationId],
  );
  const [there] = await tx.query<{ stored: string | number }[]>(
    `SELECT COUNT(*) AS stored FROM message
     WHERE received_at_ms >= ? AND received_at_ms < ? AND conversation_id = ? AND seq NOT IN (${marksFor(seqs)})`,
    [startOfShanghaiDay(day), startOfShanghaiDay(day + 1), conversationId, ...seqs],
  );
  return Math.max(0, Number(booked?.stored ?? 0) - Number(there?.stored));
}

/** The hour is lost; that of sending is the nearest, where it lies within the day. */
async function backdate(tx: EntityManager, day: number, seqs: readonly number[]): Promise<void> {
  const [from, until] = [startOfShanghaiDay(day), startOfShanghaiDay(day + 1)];
  await tx.query(
    `UPDATE message
     SET received_at_ms = CASE WHEN sent_at_ms >= ? AND sent_at_ms < ? THEN sent_at_ms ELSE ? END
     WHERE seq IN (${marksFor(seqs)})`,
    [from, until, from, ...seqs],
  );
}
