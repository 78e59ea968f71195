import { In, IsNull } from "typeorm";
import type { EntityManager } from "typeorm";
import { CaseCard, Hit, SupervisionCase } from "./case.entity.ts";

/**
 * Cases of acts without a message. Those of messages go with their message; these have their own time: a false alarm
 * that of a conversation with a customer, a handled one that of cases as well, an open one none.
 */
export interface ActCase {
  id: string;
  eventId: string | null;
  conversationId: string;
  memberId: string;
  customerId: string | null;
  sentAtMs: number;
}

/** Those whose time is over, by id. */
export async function listAgedActs(
  manager: EntityManager,
  page: { afterId: string; limit: number; untilMs: number; handledUntilMs: number },
): Promise<ActCase[]> {
  return await manager
    .createQueryBuilder(SupervisionCase, "c")
    .where("c.messageSeq IS NULL AND c.id > :afterId AND c.sentAtMs < :untilMs", page)
    .andWhere(
      "(c.state = 'false_alarm' OR (c.state = 'handled' AND c.sentAtMs < :handledUntilMs))",
      page,
    )
    .orderBy("c.id")
    .take(page.limit)
    .getMany();
}

/** All that are kept of a customer. */
export async function listActsOf(manager: EntityManager, customerId: string): Promise<ActCase[]> {
  return await manager.findBy(SupervisionCase, { messageSeq: IsNull(), customerId });
}

/** With their hits and cards. */
export async function forgetActs(tx: EntityManager, acts: readonly ActCase[]): Promise<void> {
  if (acts.length === 0) return;
  const ids = acts.map(({ id }) => id);
  await tx.delete(Hit, { eventId: In(acts.flatMap(({ eventId }) => eventId ?? [])) });
  await tx.delete(CaseCard, { caseId: In(ids) });
  await tx.delete(SupervisionCase, { id: In(ids) });
}
