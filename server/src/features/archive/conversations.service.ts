import type { Database } from "../../platform/database/database.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import {
  allOf,
  besides,
  condition,
  conversationCondition,
  hasMessageFilter,
  messageCondition,
} from "./conversation-query.ts";
import type { ConversationSelection, MessagePlace, SqlCondition } from "./conversation-query.ts";
import type { ConversationKind } from "./conversation.entity.ts";
import { marksFor } from "./known-messages.ts";
import { messageColumns, openStored } from "./stored-message.ts";
import type { MessageRow, OpenedMessage, SealedRow } from "./stored-message.ts";

export type { ConversationSelection, MessagePlace, SqlCondition } from "./conversation-query.ts";
export type { OpenedMessage, StoredMessage } from "./stored-message.ts";

export interface ArchivedConversation {
  id: string;
  kind: ConversationKind;
  /** Of the company, who have spoken there; in a single chat with a customer also who was only written to. */
  memberIds: string[];
  /** Of a single chat. */
  customerId: string | null;
  roomId: string | null;
  messageCount: number;
  firstAtMs: number;
  lastAtMs: number;
  /** Its older part, destroyed when its time was over; null when there is none. */
  expired: { count: number; toMs: number } | null;
}

/** Where a conversation stands in the list of all, newest first. */
export interface ConversationPlace {
  lastAtMs: number;
  id: string;
}

/** Looking through what the archive keeps, conversation by conversation. Who may read what is the caller's matter. */
export interface Conversations {
  /** Newest first, those after `after`. */
  list(
    selection: ConversationSelection,
    page: { after?: ConversationPlace | undefined; limit: number },
  ): Promise<ArchivedConversation[]>;
  find(ids: readonly string[]): Promise<ArchivedConversation[]>;
  /** All of a selection with the number of messages that the selection leaves of each, newest first. */
  count(selection: ConversationSelection): Promise<{ id: string; messageCount: number }[]>;
  /** How many messages of a selection's conversations were destroyed when their time was over. */
  countExpired(selection: ConversationSelection): Promise<number>;
  /** The `limit` messages next to a place on its older or newer side, the oldest first; from the end without a place. */
  messages(
    conversationId: string,
    page: { side: "older" | "newer"; place?: MessagePlace | undefined; limit: number },
  ): Promise<OpenedMessage[]>;
  /** Undefined when there is no such message in the conversation. */
  placeOf(conversationId: string, seq: number): Promise<MessagePlace | undefined>;
}

interface ConversationSqlRow {
  id: string;
  kind: ConversationKind;
  customer_id: string | null;
  room_id: string | null;
  message_count: string | number;
  first_at_ms: string | number;
  last_at_ms: string | number;
  expired_count: string | number;
  expired_to_ms: string | number | null;
}

const COLUMNS = `c.id, c.kind, c.customer_id, c.room_id, c.message_count, c.first_at_ms, c.last_at_ms,
  c.expired_count, c.expired_to_ms`;

export function createConversations({
  database,
  vault,
}: {
  database: Database;
  vault: Vault;
}): Conversations {
  async function query<Row>(sql: string, values: readonly (string | number)[]): Promise<Row[]> {
    return await database.read.query<Row[]>(sql, [...values]);
  }

  async function membersIn(ids: readonly string[]): Promise<Map<string, string[]>> {
    const found = new Map<string, string[]>();
    if (ids.length === 0) return found;
    const rows = await query<{ conversation_id: string; party_id: string }>(
      `SELECT conversation_id, party_id FROM conversation_party
       WHERE conversation_id IN (${marksFor(ids)}) AND is_member = 1 ORDER BY party_id`,
      ids,
    );
    for (const { conversation_id: id, party_id: memberId } of rows) {
      const members = found.get(id);
      if (members) members.push(memberId);
      else found.set(id, [memberId]);
    }
    return found;
  }

  async function withMembers(rows: ConversationSqlRow[]): Promise<ArchivedConversation[]> {
    const members = await membersIn(rows.map(({ id }) => id));
    return rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      memberIds: members.get(row.id) ?? [],
      customerId: row.customer_id,
      roomId: row.room_id,
      messageCount: Number(row.message_count),
      firstAtMs: Number(row.first_at_ms),
      lastAtMs: Number(row.last_at_ms),
      expired:
        row.expired_to_ms === null
          ? null
          : { count: Number(row.expired_count), toMs: Number(row.expired_to_ms) },
    }));
  }

  return {
    async list(selection, { after, limit }) {
      if (selection.memberIds.length === 0) return [];
      const where = allOf([conversationCondition(selection), ...(after ? [follows(after)] : [])]);
      return await withMembers(
        await query<ConversationSqlRow>(
          `SELECT ${COLUMNS} FROM conversation c WHERE ${where.sql}
           ORDER BY c.last_at_ms DESC, c.id DESC LIMIT ${limit}`,
          where.values,
        ),
      );
    },

    async find(ids) {
      if (ids.length === 0) return [];
      const sql = `SELECT ${COLUMNS} FROM conversation c WHERE c.id IN (${marksFor(ids)})`;
      return await withMembers(await query<ConversationSqlRow>(sql, ids));
    },

    async count(selection) {
      if (selection.memberIds.length === 0) return [];
      const where = conversationCondition(selection);
      const message = messageCondition(selection);
      const rows = hasMessageFilter(selection)
        ? await query<{ id: string; n: string | number }>(
            `SELECT c.id, COUNT(*) AS n FROM conversation c JOIN message m ON m.conversation_id = c.id
             WHERE ${where.sql} AND ${message.sql} GROUP BY c.id, c.last_at_ms
             ORDER BY c.last_at_ms DESC, c.id DESC`,
            [...where.values, ...message.values],
          )
        : await query<{ id: string; n: string | number }>(
            `SELECT c.id, c.message_count AS n FROM conversation c WHERE ${where.sql}
             ORDER BY c.last_at_ms DESC, c.id DESC`,
            where.values,
          );
      return rows.map(({ id, n }) => ({ id, messageCount: Number(n) }));
    },

    async countExpired(selection) {
      if (selection.memberIds.length === 0) return 0;
      // Of what is gone nobody knows the kind; of a day after it nothing can be missing.
      const { fromMs } = selection;
      const anyTime = { messageKind: undefined, fromMs: undefined, toMs: undefined };
      const where = allOf([
        conversationCondition({ ...selection, ...anyTime }),
        condition("c.expired_to_ms >= ?", fromMs ?? 0),
      ]);
      const [row] = await query<{ n: string | number | null }>(
        `SELECT SUM(c.expired_count) AS n FROM conversation c WHERE ${where.sql}`,
        where.values,
      );
      return Number(row?.n ?? 0);
    },

    async messages(conversationId, { side, place, limit }) {
      const where = allOf([
        condition("m.conversation_id = ? AND m.action <> 'switch'", conversationId),
        ...(place ? [besides(place, side)] : []),
      ]);
      const order = side === "older" ? "DESC" : "ASC";
      const rows = await query<MessageRow & SealedRow>(
        `SELECT ${messageColumns}, m.body FROM message m WHERE ${where.sql}
         ORDER BY m.sent_at_ms ${order}, m.seq ${order} LIMIT ${limit}`,
        where.values,
      );
      if (side === "older") rows.reverse();
      return await Promise.all(rows.map((row) => openStored(vault, row)));
    },

    async placeOf(conversationId, seq) {
      const [row] = await query<{ sent_at_ms: string | number }>(
        "SELECT sent_at_ms FROM message WHERE seq = ? AND conversation_id = ?",
        [seq, conversationId],
      );
      return row && { sentAtMs: Number(row.sent_at_ms), seq };
    },
  };
}

/** The first half lets the database begin at the place in its index; "OR" alone would not. */
function follows({ lastAtMs, id }: ConversationPlace): SqlCondition {
  const sql = "c.last_at_ms <= ? AND (c.last_at_ms < ? OR c.id < ?)";
  return condition(sql, lastAtMs, lastAtMs, id);
}
