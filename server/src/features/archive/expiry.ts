import type { EntityManager } from "typeorm";
import { insertNew } from "../../platform/database/insert-new.ts";
import { shanghaiDay, startOfShanghaiDay } from "../../platform/shanghai-day.ts";
import { Message, Undecodable } from "./archive.entity.ts";
import { Conversation, ConversationParty } from "./conversation.entity.ts";
import type { ConversationKind } from "./conversation.entity.ts";
import { leaveConversations } from "./conversation-upkeep.ts";
import { marksFor } from "./known-messages.ts";
import { enterIntoBooks, EXPIRED_CONVERSATION, UNKNOWN_CONVERSATION } from "./archive-books.ts";
import type { BookEntry } from "./archive-books.ts";

/** What must be known of a message to decide whether its time is over. */
export interface AgedMessage {
  seq: number;
  conversationId: string;
  kind: ConversationKind;
  action: string;
  sentAtMs: number;
  receivedAtMs: number;
}

/** Where a walk through messages stands: everything up to here has been looked at. */
export interface AgedPlace {
  receivedAtMs: number;
  seq: number;
}

/** An item as it was received that has not become a message. */
export interface AgedItem {
  seq: number;
  receivedAtMs: number;
  /** An administrator waits for it no longer. */
  isExcluded: boolean;
}

/**
 * Finding and destroying what the archive has kept long enough. The age of a message is that of its delivery, which
 * WeCom makes within five days of its sending. Whether its time is over is the caller's matter.
 */
export interface ArchiveExpiry {
  hasConversation(manager: EntityManager, id: string): Promise<boolean>;
  /** Whether a customer takes part in any conversation. */
  hasParty(manager: EntityManager, id: string): Promise<boolean>;
  /** The first day from `from` on and before `until` on which something came; null when there is none. */
  findDay(manager: EntityManager, from: number, until: number): Promise<number | null>;
  /** Messages of these kinds of conversations that came on that day, in the order of places. */
  listDay(
    manager: EntityManager,
    page: {
      day: number;
      kinds: readonly ConversationKind[];
      after: AgedPlace | undefined;
      limit: number;
    },
  ): Promise<AgedMessage[]>;
  /** Conversation → who has spoken there or was written to, whatever they are. */
  partiesOf(
    manager: EntityManager,
    conversationIds: readonly string[],
  ): Promise<Map<string, string[]>>;
  /**
   * What is kept under a person's keys, by seq: of a customer the single chats, both sides, and what they said in
   * groups; of a member what they said elsewhere than in single chats with customers.
   */
  listOfPerson(
    manager: EntityManager,
    page: { personId: string; kind: "customer" | "member"; afterSeq: number; limit: number },
  ): Promise<AgedMessage[]>;
  /**
   * Destroys messages with all that the archive keeps of them but their numbers; returns customers of whom no
   * conversation is left. Throws when one of them is not there any more.
   */
  destroy(tx: EntityManager, messages: readonly AgedMessage[]): Promise<string[]>;
  /** Items that are no messages, by seq. */
  listItems(manager: EntityManager, afterSeq: number, limit: number): Promise<AgedItem[]>;
  destroyItems(tx: EntityManager, items: readonly AgedItem[]): Promise<void>;
  /**
   * Takes the names out of books in which nothing is left but what came again. Returns how many places it took;
   * fewer than `limit` means that there are no more.
   */
  foldBooks(
    tx: EntityManager,
    before: Readonly<Record<ConversationKind, number>>,
    limit: number,
  ): Promise<number>;
}

/** What was to be destroyed has changed meanwhile; what was begun is undone. */
export class ChangedMeanwhileError extends Error {
  override name = "ChangedMeanwhileError";
}

const PREFIXES: Record<ConversationKind, string> = { single: "s:", group: "g:", internal: "i:" };

export const archiveExpiry: ArchiveExpiry = {
  hasConversation: (manager, id) => manager.existsBy(Conversation, { id }),

  hasParty: (manager, id) => manager.existsBy(ConversationParty, { partyId: id }),

  async findDay(manager, from, until) {
    const [row] = await manager.query<{ at: string | number | null }[]>(
      "SELECT MIN(received_at_ms) AS at FROM message WHERE received_at_ms >= ? AND received_at_ms < ?",
      [startOfShanghaiDay(from), startOfShanghaiDay(until)],
    );
    return row?.at === null || row?.at === undefined ? null : shanghaiDay(Number(row.at));
  },

  async listDay(manager, { day, kinds, after, limit }) {
    const from = after ?? { receivedAtMs: startOfShanghaiDay(day), seq: -1 };
    const isOfKind = kinds.map(() => "conversation_id LIKE ?").join(" OR ");
    const rows = await manager.query<AgedRow[]>(
      `SELECT seq, conversation_id, action, sent_at_ms, received_at_ms FROM message
       WHERE received_at_ms >= ? AND received_at_ms < ? AND (received_at_ms > ? OR seq > ?) AND (${isOfKind})
       ORDER BY received_at_ms, seq LIMIT ${limit}`,
      [
        from.receivedAtMs,
        startOfShanghaiDay(day + 1),
        from.receivedAtMs,
        from.seq,
        ...kinds.map((kind) => `${PREFIXES[kind]}%`),
      ],
    );
    return rows.map(toAged);
  },

  async listOfPerson(manager, { personId, kind, afterSeq, limit }) {
    const [isTheirs, values] =
      kind === "customer"
        ? ["((customer_id = ? AND room_id IS NULL) OR sender_id = ?)", [personId, personId]]
        : ["sender_id = ? AND (room_id IS NOT NULL OR customer_id IS NULL)", [personId]];
    const rows = await manager.query<AgedRow[]>(
      `SELECT seq, conversation_id, action, sent_at_ms, received_at_ms FROM message
       WHERE seq > ? AND ${isTheirs} ORDER BY seq LIMIT ${limit}`,
      [afterSeq, ...values],
    );
    return rows.map(toAged);
  },

  async partiesOf(manager, conversationIds) {
    const parties = new Map(conversationIds.map((id) => [id, id.split(":").slice(1)]));
    if (conversationIds.length === 0) return parties;
    const rows = await manager.query<{ conversation_id: string; party_id: string }[]>(
      `SELECT conversation_id, party_id FROM conversation_party
       WHERE conversation_id IN (${marksFor(conversationIds)})`,
      [...conversationIds],
    );
    for (const row of rows) parties.get(row.conversation_id)?.push(row.party_id);
    return parties;
  },

  async destroy(tx, messages) {
    if (messages.length === 0) return [];
    const seqs = messages.map(({ seq }) => seq);
    await deleteSeqs(tx, Message, seqs);
    // As received, from before it could be opened: the same message once more.
    await tx.query(`DELETE FROM undecodable WHERE seq IN (${marksFor(seqs)})`, seqs);
    await remember(tx, seqs);
    await enterIntoBooks(
      tx,
      messages.flatMap(({ receivedAtMs, conversationId }) =>
        move(shanghaiDay(receivedAtMs), conversationId, "stored"),
      ),
    );
    return await leaveConversations(tx, messages);
  },

  async listItems(manager, afterSeq, limit) {
    const rows = await manager.query<
      { seq: string | number; received_at_ms: string | number; excluded_by: string | null }[]
    >(
      `SELECT seq, received_at_ms, excluded_by FROM undecodable
       WHERE seq > ? AND (resolved_at_ms IS NULL OR excluded_by IS NOT NULL)
       ORDER BY seq LIMIT ${limit}`,
      [afterSeq],
    );
    return rows.map((row) => ({
      seq: Number(row.seq),
      receivedAtMs: Number(row.received_at_ms),
      isExcluded: row.excluded_by !== null,
    }));
  },

  async destroyItems(tx, items) {
    if (items.length === 0) return;
    for (const isExcluded of [false, true]) {
      const seqs = items.filter((one) => one.isExcluded === isExcluded).map(({ seq }) => seq);
      const state = isExcluded ? "excluded_by IS NOT NULL" : "resolved_at_ms IS NULL";
      await deleteSeqs(tx, Undecodable, seqs, state);
      await remember(tx, seqs);
    }
    await enterIntoBooks(
      tx,
      items.flatMap(({ receivedAtMs, isExcluded }) => {
        const counter = isExcluded ? "excluded" : "undecodable";
        return move(shanghaiDay(receivedAtMs), UNKNOWN_CONVERSATION, counter);
      }),
    );
  },

  async foldBooks(tx, before, limit) {
    const kinds = Object.keys(before) as ConversationKind[];
    const isOver = kinds.map(() => "(conversation_id LIKE ? AND day < ?)").join(" OR ");
    const rows = await tx.query<
      { day: number; conversation_id: string; duplicated: string | number }[]
    >(
      `SELECT day, conversation_id, duplicated FROM archive_books
       WHERE stored = 0 AND undecodable = 0 AND excluded = 0 AND (${isOver})
       ORDER BY day, conversation_id LIMIT ${limit}`,
      kinds.flatMap((kind) => [`${PREFIXES[kind]}%`, before[kind]]),
    );
    await enterIntoBooks(
      tx,
      rows.flatMap((row): BookEntry[] => {
        const duplicated = Number(row.duplicated);
        const { day, conversation_id: conversationId } = row;
        return [
          { day, conversationId, pulled: -duplicated, duplicated: -duplicated },
          { day, conversationId: EXPIRED_CONVERSATION, pulled: duplicated, duplicated },
        ];
      }),
    );
    for (const row of rows) {
      await tx.query(
        `DELETE FROM archive_books WHERE day = ? AND conversation_id = ?
         AND pulled = 0 AND stored = 0 AND duplicated = 0 AND undecodable = 0 AND excluded = 0`,
        [row.day, row.conversation_id],
      );
    }
    return rows.length;
  },
};

interface AgedRow {
  seq: string | number;
  conversation_id: string;
  action: string;
  sent_at_ms: string | number;
  received_at_ms: string | number;
}

function toAged(row: AgedRow): AgedMessage {
  return {
    seq: Number(row.seq),
    conversationId: row.conversation_id,
    kind: kindOf(row.conversation_id),
    action: row.action,
    sentAtMs: Number(row.sent_at_ms),
    receivedAtMs: Number(row.received_at_ms),
  };
}

function kindOf(conversationId: string): ConversationKind {
  if (conversationId.startsWith(PREFIXES.single)) return "single";
  return conversationId.startsWith(PREFIXES.group) ? "group" : "internal";
}

/** What was counted under its conversation is destroyed, and names nobody any more. */
function move(
  day: number,
  conversationId: string,
  from: "stored" | "undecodable" | "excluded",
): BookEntry[] {
  return [
    { day, conversationId, pulled: -1, [from]: -1 },
    { day, conversationId: EXPIRED_CONVERSATION, pulled: 1, expired: 1 },
  ];
}

async function remember(tx: EntityManager, seqs: readonly number[]): Promise<void> {
  await insertNew(
    tx,
    "destroyed_message",
    "seq",
    seqs.map((seq) => ({ seq })),
  );
}

async function deleteSeqs(
  tx: EntityManager,
  table: typeof Message | typeof Undecodable,
  seqs: readonly number[],
  state = "1 = 1",
): Promise<void> {
  if (seqs.length === 0) return;
  const { affected } = await tx
    .createQueryBuilder()
    .delete()
    .from(table)
    .where(`seq IN (:...seqs) AND ${state}`, { seqs })
    .execute();
  if (affected !== seqs.length) throw new ChangedMeanwhileError();
}
