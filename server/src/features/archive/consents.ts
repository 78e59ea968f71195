import type { EntityManager } from "typeorm";
import { In, IsNull, Not } from "typeorm";
import type { Database } from "../../platform/database/database.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { IdentifiedMessage } from "./archived-message.ts";
import { ConsentEvent } from "./consent.entity.ts";

/** What a customer said last about being archived in the chat with one member. */
export interface SaidConsent {
  state: ConsentEvent["state"];
  atMs: number;
}

/** Links messages of consent to whom they concern, in the transaction that stores them. */
export async function noteConsents(
  tx: EntityManager,
  messages: readonly IdentifiedMessage[],
): Promise<void> {
  const rows = messages.flatMap(({ seq, message, parties }) => {
    const { consent, roomId, sentAtMs } = message;
    const customerId = consent?.customerId ?? parties.customerId;
    if (!consent || customerId === null) return [];
    return [
      {
        seq,
        customer_id: customerId,
        member_id: roomId === null ? parties.memberId : null,
        room_id: roomId,
        state: consent.state,
        at_ms: consent.atMs ?? sentAtMs,
      },
    ];
  });
  await insertNew(tx, "consent_event", "seq", rows);
}

/** All that was said in messages about being archived in one conversation, oldest first. */
export async function listConsentsIn(
  database: Database,
  { customerId, roomId, memberIds }: ConsentScope,
): Promise<ConsentEvent[]> {
  const where =
    roomId === null ? { customerId: customerId ?? "", memberId: In([...memberIds]) } : { roomId };
  return await database.read.find(ConsentEvent, { where, order: { atMs: "ASC", seq: "ASC" } });
}

/** A group, or a customer's chats with these members. */
export interface ConsentScope {
  customerId: string | null;
  roomId: string | null;
  memberIds: readonly string[];
}

/** By member; what was said in groups is about the group and not in here. */
export async function readSaidConsents(
  database: Database,
  customerId: string,
): Promise<Map<string, SaidConsent>> {
  const events = await database.read.find(ConsentEvent, {
    where: { customerId, memberId: Not(IsNull()) },
    order: { atMs: "ASC", seq: "ASC" },
  });
  return new Map(events.map(({ memberId, state, atMs }) => [memberId ?? "", { state, atMs }]));
}
