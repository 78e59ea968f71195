import type { EntityManager } from "typeorm";

/** What makes two deliveries the same message: either of the two is enough. */
export interface MessageKey {
  seq: number;
  msgId: string;
}

/** Those of `messages` that are neither in the table nor earlier in the list, nor were destroyed in their time. */
export async function leaveOutKnown<T extends MessageKey>(
  manager: EntityManager,
  messages: readonly T[],
): Promise<T[]> {
  if (messages.length === 0) return [];
  const ids = messages.map(({ msgId }) => msgId);
  const seqs = messages.map(({ seq }) => seq);
  const within = await upToNewest(manager, "message", seqs);
  const find = "SELECT seq, msg_id FROM message WHERE";
  const bySeq = within.length > 0 ? `UNION ALL ${find} seq IN (${marksFor(within)})` : "";
  const known = await manager.query<{ seq: string | number; msg_id: string }[]>(
    `${find} msg_id IN (${marksFor(ids)}) ${bySeq}`,
    [...ids, ...within],
  );
  const seenSeqs = await findDestroyed(manager, seqs);
  for (const { seq } of known) seenSeqs.add(Number(seq));
  const seenIds = new Set(known.map(({ msg_id: msgId }) => msgId));
  return messages.filter(({ seq, msgId }) => {
    if (seenSeqs.has(seq) || seenIds.has(msgId)) return false;
    seenSeqs.add(seq);
    seenIds.add(msgId);
    return true;
  });
}

/** Those of these positions whose message was destroyed when its time was over: it must not come back. */
export async function findDestroyed(
  manager: EntityManager,
  seqs: readonly number[],
): Promise<Set<number>> {
  const within = await upToNewest(manager, "destroyed_message", seqs);
  if (within.length === 0) return new Set();
  const rows = await manager.query<{ seq: string | number }[]>(
    `SELECT seq FROM destroyed_message WHERE seq IN (${marksFor(within)})`,
    within,
  );
  return new Set(rows.map(({ seq }) => Number(seq)));
}

/** Those of these positions that may be in the table: what the cursor passes for the first time lies beyond. */
async function upToNewest(
  manager: EntityManager,
  table: "message" | "destroyed_message",
  seqs: readonly number[],
): Promise<number[]> {
  const [row] = await manager.query<{ newest: string | number | null }[]>(
    `SELECT MAX(seq) AS newest FROM ${table}`,
  );
  const newest = Number(row?.newest ?? 0);
  return seqs.filter((seq) => seq <= newest);
}

/** The placeholders of a list; at most a page (1,000) stands in one. */
export function marksFor(values: readonly unknown[]): string {
  return values.map(() => "?").join(", ");
}
