import { In } from "typeorm";
import type { EntityManager } from "typeorm";
import { CaseCard, Hit, SupervisionCase } from "./case.entity.ts";

/** A message of which cases may need what was said around it. */
export interface MessageInTime {
  seq: number;
  conversationId: string;
  sentAtMs: number;
}

/** What a case is without the messages before and after it, nobody can judge. */
export const DAYS_AROUND_CASE = 7;
const AROUND_MS = DAYS_AROUND_CASE * 24 * 3600_000;

/**
 * Those of the messages that a case still needs: its own and those around it, as long as it is open, or was handled
 * and is not older than `handledSinceMs`. A false alarm needs none.
 */
export async function neededByCases(
  manager: EntityManager,
  messages: readonly MessageInTime[],
  handledSinceMs: number,
): Promise<Set<number>> {
  const needed = new Set<number>();
  if (messages.length === 0) return needed;
  const times = messages.map(({ sentAtMs }) => sentAtMs);
  const rows = await manager
    .createQueryBuilder(SupervisionCase, "c")
    .where("c.conversationId IN (:...ids)", {
      ids: [...new Set(messages.map(({ conversationId }) => conversationId))],
    })
    .andWhere("c.sentAtMs >= :from AND c.sentAtMs <= :to", {
      from: Math.min(...times) - AROUND_MS,
      to: Math.max(...times) + AROUND_MS,
    })
    .andWhere("(c.state = 'open' OR (c.state = 'handled' AND c.sentAtMs >= :handledSinceMs))", {
      handledSinceMs,
    })
    .getMany();
  for (const { seq, conversationId, sentAtMs } of messages) {
    const isNeeded = rows.some(
      (row) =>
        row.conversationId === conversationId && Math.abs(row.sentAtMs - sentAtMs) <= AROUND_MS,
    );
    if (isNeeded) needed.add(seq);
  }
  return needed;
}

/** Deletes the hits, cases and cards of messages that are being destroyed; returns the numbers of those with a case. */
export async function forgetCasesOf(tx: EntityManager, seqs: readonly number[]): Promise<number[]> {
  if (seqs.length === 0) return [];
  const ofMessages = { messageSeq: In([...seqs]) };
  await tx.delete(Hit, ofMessages);
  const cases = await tx.findBy(SupervisionCase, ofMessages);
  if (cases.length === 0) return [];
  const ids = cases.map(({ id }) => id);
  await tx.delete(CaseCard, { caseId: In(ids) });
  await tx.delete(SupervisionCase, { id: In(ids) });
  return cases.flatMap(({ messageSeq }) => messageSeq ?? []);
}

/** How many of these messages have a case. */
export async function countCasesOf(
  manager: EntityManager,
  seqs: readonly number[],
): Promise<number> {
  if (seqs.length === 0) return 0;
  return await manager.countBy(SupervisionCase, { messageSeq: In([...seqs]) });
}
