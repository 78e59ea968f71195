import type { EntityManager } from "typeorm";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { ColumnValue } from "../../platform/database/insert-new.ts";
import type { IdentifiedMessage } from "./archived-message.ts";
import type { ConversationKind } from "./conversation.entity.ts";
import { marksFor } from "./known-messages.ts";

interface Tally {
  id: string;
  kind: ConversationKind;
  customerId: string | null;
  roomId: string | null;
  messageCount: number;
  firstAtMs: number;
  lastAtMs: number;
}

/**
 * Counts new messages into their conversations, in the transaction that stores them; at most a page. Returns the
 * ordinal of each by its seq: the first message that a conversation ever had is 1, and none is given twice.
 */
export async function noteConversations(
  tx: EntityManager,
  messages: readonly IdentifiedMessage[],
): Promise<Map<number, number>> {
  // That somebody changed corps in the client is said to nobody.
  const spoken = messages.filter(({ message }) => message.action !== "switch");
  if (spoken.length === 0) return new Map();
  // In one order everywhere, so that two writers do not wait for each other in a circle.
  const tallies = [...tally(spoken).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const values = tallies.flatMap((one): ColumnValue[] => [
    one.id,
    one.kind,
    one.customerId,
    one.roomId,
    one.messageCount,
    one.firstAtMs,
    one.lastAtMs,
  ]);
  const tuples = tallies.map(() => "(?, ?, ?, ?, ?, ?, ?)").join(", ");
  await tx.query(
    `INSERT INTO conversation
       (id, kind, customer_id, room_id, message_count, first_at_ms, last_at_ms)
     VALUES ${tuples} ${addToKnown(tx)}`,
    values,
  );
  const ordinals = await numberThem(tx, spoken, tallies);
  // A member and a customer among themselves are both known with their first message.
  const joining = spoken.filter(
    ({ seq, parties }) => kindOf(parties.conversationId) !== "single" || ordinals.get(seq) === 1,
  );
  await insertNew(tx, "conversation_party", "is_member", partiesOf(joining));
  return ordinals;
}

/** After they have been counted: whoever else counts there waits for this transaction. */
async function numberThem(
  tx: EntityManager,
  spoken: readonly IdentifiedMessage[],
  tallies: readonly Tally[],
): Promise<Map<number, number>> {
  const ids = tallies.map(({ id }) => id);
  const rows = await tx.query<{ id: string; ever: string | number }[]>(
    `SELECT id, message_count + expired_count AS ever FROM conversation WHERE id IN (${marksFor(ids)})`,
    ids,
  );
  const added = new Map(tallies.map(({ id, messageCount }) => [id, messageCount]));
  const next = new Map(rows.map(({ id, ever }) => [id, Number(ever) - (added.get(id) ?? 0)]));
  return new Map(
    spoken.map(({ seq, parties: { conversationId } }) => {
      const ordinal = (next.get(conversationId) ?? 0) + 1;
      next.set(conversationId, ordinal);
      return [seq, ordinal];
    }),
  );
}

/** What a message leaves when it is destroyed. */
export interface Leaving {
  seq: number;
  conversationId: string;
  action: string;
  sentAtMs: number;
}

/**
 * Takes destroyed messages out of their conversations, after they have been deleted and in the same transaction. Of a
 * conversation with none left nothing remains; returns the customers who have no other one.
 */
export async function leaveConversations(
  tx: EntityManager,
  destroyed: readonly Leaving[],
): Promise<string[]> {
  const spoken = destroyed.filter(({ action }) => action !== "switch");
  const ids = [...new Set(spoken.map(({ conversationId }) => conversationId))].sort();
  for (const id of ids) {
    const gone = spoken.filter(({ conversationId }) => conversationId === id);
    const newestMs = Math.max(...gone.map(({ sentAtMs }) => sentAtMs));
    await tx.query(
      `UPDATE conversation SET message_count = message_count - ?, expired_count = expired_count + ?,
         expired_to_ms = CASE WHEN expired_to_ms > ? THEN expired_to_ms ELSE ? END,
         first_at_ms = COALESCE((SELECT MIN(m.sent_at_ms) FROM message m
           WHERE m.conversation_id = ? AND m.action <> 'switch'), first_at_ms)
       WHERE id = ?`,
      [gone.length, gone.length, newestMs, newestMs, id, id],
    );
  }
  return await removeEmpty(tx, ids);
}

async function removeEmpty(tx: EntityManager, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await tx.query<{ id: string }[]>(
    `SELECT id FROM conversation WHERE id IN (${marksFor(ids)}) AND message_count <= 0`,
    [...ids],
  );
  const empty = rows.map(({ id }) => id);
  if (empty.length === 0) return [];
  const ofEmpty = `conversation_id IN (${marksFor(empty)})`;
  const customers = await tx.query<{ id: string }[]>(
    `SELECT DISTINCT party_id AS id FROM conversation_party WHERE ${ofEmpty} AND is_member = 0`,
    empty,
  );
  await tx.query(`DELETE FROM conversation WHERE id IN (${marksFor(empty)})`, empty);
  await tx.query(`DELETE FROM conversation_party WHERE ${ofEmpty}`, empty);
  const customerIds = customers.map(({ id }) => id);
  if (customerIds.length === 0) return [];
  const others = await tx.query<{ id: string }[]>(
    `SELECT DISTINCT party_id AS id FROM conversation_party WHERE party_id IN (${marksFor(customerIds)})`,
    customerIds,
  );
  const remaining = new Set(others.map(({ id }) => id));
  return customerIds.filter((id) => !remaining.has(id));
}

function addToKnown(tx: EntityManager): string {
  return tx.dataSource.options.type === "mysql"
    ? `ON DUPLICATE KEY UPDATE message_count = message_count + VALUES(message_count),
         first_at_ms = LEAST(first_at_ms, VALUES(first_at_ms)),
         last_at_ms = GREATEST(last_at_ms, VALUES(last_at_ms))`
    : `ON CONFLICT (id) DO UPDATE SET message_count = message_count + excluded.message_count,
         first_at_ms = MIN(first_at_ms, excluded.first_at_ms),
         last_at_ms = MAX(last_at_ms, excluded.last_at_ms)`;
}

function tally(messages: readonly IdentifiedMessage[]): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const { message, parties } of messages) {
    const { sentAtMs, roomId } = message;
    const { conversationId: id, customerId } = parties;
    const known = tallies.get(id);
    tallies.set(id, {
      id,
      kind: kindOf(id),
      customerId: roomId === null ? customerId : null,
      roomId,
      messageCount: (known?.messageCount ?? 0) + 1,
      firstAtMs: Math.min(known?.firstAtMs ?? sentAtMs, sentAtMs),
      lastAtMs: Math.max(known?.lastAtMs ?? sentAtMs, sentAtMs),
    });
  }
  return tallies;
}

function partiesOf(messages: readonly IdentifiedMessage[]): Record<string, ColumnValue>[] {
  const rows = new Map<string, Record<string, ColumnValue>>();
  for (const { parties } of messages) {
    const { conversationId, memberId, customerId } = parties;
    for (const [partyId, isMember] of [[memberId, 1] as const, [customerId, 0] as const]) {
      if (partyId === null) continue;
      rows.set(`${conversationId} ${partyId}`, {
        conversation_id: conversationId,
        party_id: partyId,
        is_member: isMember,
      });
    }
  }
  const byKey = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  return byKey.map(([, row]) => row);
}

function kindOf(conversationId: string): ConversationKind {
  if (conversationId.startsWith("s:")) return "single";
  return conversationId.startsWith("g:") ? "group" : "internal";
}
