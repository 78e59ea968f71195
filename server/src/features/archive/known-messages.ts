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
  const seqs = messages.map(({ seq }) => seq);
  const ids = messages.map(({ msgId }) => msgId);
  const known = await manager.query<{ seq: string | number; msg_id: string }[]>(
    `SELECT seq, msg_id FROM message WHERE seq IN (${marksFor(seqs)})
     UNION ALL SELECT seq, msg_id FROM message WHERE msg_id IN (${marksFor(ids)})`,
    [...seqs, ...ids],
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
  const rows = await manager.query<{ seq: string | number }[]>(
    `SELECT seq FROM destroyed_message WHERE seq IN (${marksFor(seqs)})`,
    [...seqs],
  );
  return new Set(rows.map(({ seq }) => Number(seq)));
}

/** How many of these positions are in the table. */
export async function countStored(
  manager: EntityManager,
  messages: readonly MessageKey[],
): Promise<number> {
  const seqs = messages.map(({ seq }) => seq);
  const [row] = await manager.query<{ stored: string | number }[]>(
    `SELECT COUNT(*) AS stored FROM message WHERE seq IN (${marksFor(seqs)})`,
    seqs,
  );
  return Number(row?.stored);
}

/** The placeholders of a list; at most a page (1,000) stands in one. */
export function marksFor(values: readonly unknown[]): string {
  return values.map(() => "?").join(", ");
}
