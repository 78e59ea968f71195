import { In, LessThan, MoreThan } from "typeorm";
import type { EntityManager } from "typeorm";
import { ReadingRow, ReadingSubject } from "./reading.entity.ts";

/** Who read what; `memberIds` are those whose chats it concerned. */
export interface AgedReading {
  id: string;
  startedAtMs: number;
  readerId: string;
  conversationId: string | null;
  memberIds: string[];
}

/** Readings after `afterId` that began before `untilMs`. Their ids grow with the time. */
export async function listAgedReadings(
  manager: EntityManager,
  page: { afterId: string; untilMs: number; limit: number },
): Promise<AgedReading[]> {
  const rows = await manager.find(ReadingRow, {
    where: { id: MoreThan(page.afterId), startedAtMs: LessThan(page.untilMs) },
    order: { id: "ASC" },
    take: page.limit,
  });
  const subjects = await manager.findBy(ReadingSubject, {
    readingId: In(rows.map(({ id }) => id)),
  });
  return rows.map(({ id, startedAtMs, readerId, conversationId }) => ({
    id,
    startedAtMs,
    readerId,
    conversationId,
    memberIds: subjects.filter((one) => one.readingId === id).map(({ memberId }) => memberId),
  }));
}

export async function forgetReadings(
  tx: EntityManager,
  readings: readonly AgedReading[],
): Promise<void> {
  if (readings.length === 0) return;
  const ids = readings.map(({ id }) => id);
  await tx.delete(ReadingSubject, { readingId: In(ids) });
  await tx.delete(ReadingRow, { id: In(ids) });
}
