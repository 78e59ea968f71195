import { IsNull } from "typeorm";
import type { EntityManager } from "typeorm";
import { LegalHold } from "./retention.entity.ts";

/** What must not be destroyed at this moment. */
export interface ActiveHolds {
  /** Members and customers: all conversations in which they take part. */
  personIds: ReadonlySet<string>;
  conversationIds: ReadonlySet<string>;
}

/** Read anew in each transaction that destroys something. */
export async function readHolds(manager: EntityManager): Promise<ActiveHolds> {
  const rows = await manager.find(LegalHold, {
    select: { id: true, targetId: true, conversationId: true },
    where: { releasedAtMs: IsNull() },
  });
  return {
    personIds: new Set(rows.flatMap((row) => (row.conversationId === null ? row.targetId : []))),
    conversationIds: new Set(rows.flatMap(({ conversationId }) => conversationId ?? [])),
  };
}

/** Those of the conversations that are held, for themselves or for somebody who takes part. */
export function findHeld(
  { personIds, conversationIds }: ActiveHolds,
  parties: ReadonlyMap<string, readonly string[]>,
): Set<string> {
  const held = [...parties].filter(
    ([id, people]) => conversationIds.has(id) || people.some((person) => personIds.has(person)),
  );
  return new Set(held.map(([id]) => id));
}

export function hasAny({ personIds, conversationIds }: ActiveHolds): boolean {
  return personIds.size > 0 || conversationIds.size > 0;
}
