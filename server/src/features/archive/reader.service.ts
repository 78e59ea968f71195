import { In, IsNull, LessThan, MoreThan, Not } from "typeorm";
import type { Database } from "../../platform/database/database.ts";
import { DestroyedKeyError } from "../../platform/vault/vault.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import { readArchiveMessage } from "../../wecom/archive-message.ts";
import type { ArchiveMessage } from "../../wecom/archive-message.ts";
import { ArchiveCursor, Message } from "./archive.entity.ts";
import { ArchiveDay } from "./archive-books.entity.ts";
import { Conversation } from "./conversation.entity.ts";
import { describeMessage, speakerOf } from "./archived-message.ts";
import type { ArchivedMessage } from "./archived-message.ts";
import { parsePullFailure } from "./pull-failure.ts";
import type { PullFailure } from "./pull-failure.ts";
import { placeOfBody } from "./sealed-places.ts";

export interface ArchiveStatus {
  messageCount: number;
  /** The last seq that was passed; 0 before the first page. */
  seq: number;
  /** When WeCom answered last; null before the first time. */
  pulledAtMs: number | null;
  /** When the newest message was sent. */
  newestSentAtMs: number | null;
  /** How long the newest message took from being sent to being stored. */
  lagMs: number | null;
  /** When WeCom last had something for us. */
  lastPageAtMs: number | null;
  /** Since when, and why, nothing can be pulled; null when the last pull went well. */
  failure: (PullFailure & { atMs: number }) | null;
}

/** Reading what the archive keeps. Who may read what is the caller's matter. */
export interface ArchiveReader {
  /** In the order of `seqs`; left out is what does not exist or was erased on purpose. */
  openMessages(seqs: readonly number[]): Promise<ArchivedMessage[]>;
  /** Who of us spoke last there before `seq`; null when nobody of us ever has. */
  lastMemberIn(conversationId: string, seq: number): Promise<string | null>;
  /** Those of the conversations of which something is stored. */
  knownConversations(ids: readonly string[]): Promise<Set<string>>;
  /** When a message was sent; null when it is not stored. */
  sentAtMsOf(msgId: string): Promise<number | null>;
  /** Have at least so many messages come since then? */
  hasReceived(sinceMs: number, atLeast: number): Promise<boolean>;
  status(): Promise<ArchiveStatus>;
}

export interface ArchiveReaderDeps {
  corpId: string;
  database: Database;
  vault: Vault;
}

const BATCH = 500;

export function createArchiveReader({ corpId, database, vault }: ArchiveReaderDeps): ArchiveReader {
  async function openRow(row: Message): Promise<ArchivedMessage | undefined> {
    try {
      const json = await vault.openText(placeOfBody(row.seq), row.body);
      const message = readArchiveMessage(json);
      return message ? toArchived(row, message) : undefined;
    } catch (error) {
      if (error instanceof DestroyedKeyError) return undefined;
      throw error;
    }
  }

  return {
    async openMessages(seqs) {
      const found = new Map<number, ArchivedMessage>();
      for (let from = 0; from < seqs.length; from += BATCH) {
        const rows = await database.read.findBy(Message, {
          seq: In(seqs.slice(from, from + BATCH)),
        });
        for (const row of rows) {
          const opened = await openRow(row);
          if (opened) found.set(row.seq, opened);
        }
      }
      return seqs.flatMap((seq) => found.get(seq) ?? []);
    },

    async hasReceived(sinceMs, atLeast) {
      const rows = await database.read.query<unknown[]>(
        `SELECT received_at_ms FROM message WHERE received_at_ms >= ?
         ORDER BY received_at_ms LIMIT 1 OFFSET ?`,
        [sinceMs, atLeast - 1],
      );
      return rows.length > 0;
    },

    async lastMemberIn(conversationId, seq) {
      const row = await database.read.findOne(Message, {
        select: { seq: true, memberId: true },
        where: { conversationId, memberId: Not(IsNull()), seq: LessThan(seq) },
        order: { sentAtMs: "DESC" },
      });
      return row?.memberId ?? null;
    },

    async knownConversations(ids) {
      if (ids.length === 0) return new Set();
      const rows = await database.read.find(Conversation, {
        select: { id: true },
        where: { id: In([...ids]), messageCount: MoreThan(0) },
      });
      return new Set(rows.map(({ id }) => id));
    },

    async sentAtMsOf(msgId) {
      const row = await database.read.findOne(Message, {
        select: { seq: true, sentAtMs: true },
        where: { msgId },
      });
      return row?.sentAtMs ?? null;
    },

    async status() {
      const [messageCount, cursor, lastPageAtMs, newest] = await Promise.all([
        // Of the conversations: to count the messages themselves takes minutes once there are many.
        database.read.sum(Conversation, "messageCount"),
        database.read.findOneBy(ArchiveCursor, { corpId }),
        database.read.maximum(ArchiveDay, "lastPageAtMs"),
        database.read
          .createQueryBuilder(Message, "m")
          .select(["m.seq", "m.sentAtMs", "m.receivedAtMs"])
          .orderBy("m.seq", "DESC")
          .limit(1)
          .getOne(),
      ]);
      return {
        messageCount: messageCount ?? 0,
        seq: cursor?.seq ?? 0,
        pulledAtMs: cursor?.pulledAtMs ?? null,
        lastPageAtMs,
        newestSentAtMs: newest?.sentAtMs ?? null,
        lagMs: newest ? Math.max(0, newest.receivedAtMs - newest.sentAtMs) : null,
        failure: failureOf(cursor),
      };
    },
  };
}

function failureOf(cursor: ArchiveCursor | null): ArchiveStatus["failure"] {
  if (!cursor?.lastError || cursor.failedAtMs === null) return null;
  return { ...parsePullFailure(cursor.lastError), atMs: cursor.failedAtMs };
}

function toArchived(row: Message, message: ArchiveMessage): ArchivedMessage {
  const { seq, msgId, conversationId, senderId, memberId, customerId, roomId, kind, sentAtMs } =
    row;
  const speaker = speakerOf(row.senderKind);
  return {
    seq,
    msgId,
    conversationId,
    senderId,
    speaker,
    memberId,
    customerId,
    roomId,
    kind,
    text: message.text,
    sentAtMs,
    ...describeMessage(message, conversationId),
  };
}
