import type { ConversationKind } from "./conversation.entity.ts";
import { marksFor } from "./known-messages.ts";

/** A condition with its values, in the order of its placeholders. */
export interface SqlCondition {
  sql: string;
  values: readonly (string | number)[];
}

/** Limits the messages of a conversation, and with them the conversations to those that have such. */
export interface MessageFilter {
  messageKind?: string | undefined;
  /** Sent at or after. */
  fromMs?: number | undefined;
  /** Sent before. */
  toMs?: number | undefined;
}

export interface ConversationSelection extends MessageFilter {
  /** Only conversations of these members. */
  memberIds: readonly string[];
  customerId?: string | undefined;
  roomId?: string | undefined;
  kind?: ConversationKind | undefined;
  /** What another feature knows, as a condition on `c.id`. */
  also?: SqlCondition | undefined;
}

/** What must hold for a row `c` of the table `conversation`. */
export function conversationCondition(selection: ConversationSelection): SqlCondition {
  const { memberIds, customerId, roomId, kind, also } = selection;
  const parts = [
    condition(`c.id IN (${conversationsOf(memberIds)})`, ...memberIds),
    ...(customerId === undefined
      ? []
      : [condition(`c.id IN (${conversationsOf([customerId])})`, customerId)]),
    ...(roomId === undefined ? [] : [condition("c.id = ?", `g:${roomId}`)]),
    ...(kind === undefined ? [] : [condition("c.kind = ?", kind)]),
    ...(also ? [also] : []),
  ];
  if (hasMessageFilter(selection)) {
    const message = messageCondition(selection);
    parts.push(
      condition(
        `EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = c.id AND ${message.sql})`,
        ...message.values,
      ),
    );
  }
  return allOf(parts);
}

export function hasMessageFilter({ messageKind, fromMs, toMs }: MessageFilter): boolean {
  return messageKind !== undefined || fromMs !== undefined || toMs !== undefined;
}

/** What must hold for a row `m` of the table `message`. */
export function messageCondition({ messageKind, fromMs, toMs }: MessageFilter): SqlCondition {
  return allOf([
    condition("m.action <> 'switch'"),
    ...(fromMs === undefined ? [] : [condition("m.sent_at_ms >= ?", fromMs)]),
    ...(toMs === undefined ? [] : [condition("m.sent_at_ms < ?", toMs)]),
    ...(messageKind === undefined ? [] : [condition("m.kind = ?", messageKind)]),
  ]);
}

/** Where a message stands in its conversation. */
export interface MessagePlace {
  sentAtMs: number;
  seq: number;
}

/**
 * For a row `m` on one side of a message, without the message. The first half lets the database begin at the place in
 * its index; "OR" alone would not.
 */
export function besides({ sentAtMs, seq }: MessagePlace, side: "older" | "newer"): SqlCondition {
  const sql =
    side === "older"
      ? "m.sent_at_ms <= ? AND (m.sent_at_ms < ? OR m.seq < ?)"
      : "m.sent_at_ms >= ? AND (m.sent_at_ms > ? OR m.seq > ?)";
  return condition(sql, sentAtMs, sentAtMs, seq);
}

export function allOf(parts: readonly SqlCondition[]): SqlCondition {
  return {
    sql: parts.map(({ sql }) => sql).join(" AND "),
    values: parts.flatMap(({ values }) => values),
  };
}

export function condition(sql: string, ...values: (string | number)[]): SqlCondition {
  return { sql, values };
}

function conversationsOf(partyIds: readonly string[]): string {
  return `SELECT p.conversation_id FROM conversation_party p WHERE p.party_id IN (${marksFor(partyIds)})`;
}
