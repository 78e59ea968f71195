import type { EntityManager } from "typeorm";
import type { Database } from "../../platform/database/database.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { ColumnValue } from "../../platform/database/insert-new.ts";
import type { LiveEvents } from "../../platform/events/live-events.ts";
import type { Effect } from "../../platform/jobs/jobs.ts";
import type { Sealer, Vault } from "../../platform/vault/vault.ts";
import type { ArchiveMessage } from "../../wecom/archive-message.ts";
import type { ArchiveItem } from "../../wecom/archive-source.ts";
import type { MediaReference } from "../../wecom/message-part.ts";
import { findOddMembers, identifyParties, toArchivedMessage } from "./archived-message.ts";
import type { ArchivedMessage, IdentifiedMessage } from "./archived-message.ts";
import { noteConversations } from "./conversation-upkeep.ts";
import { noteConsents } from "./consents.ts";
import { countStored, leaveOutKnown } from "./known-messages.ts";
import { findRecalls } from "./late-recalls.ts";
import { recordMessages } from "./message-leaves.ts";
import { placeOfBody } from "./sealed-places.ts";

/** An item whose message could be read. */
export interface OpenedItem {
  item: ArchiveItem;
  message: ArchiveMessage;
  /** The message as decrypted. */
  json: string;
  /** When WeCom delivered it; its books are those of that day. */
  receivedAtMs: number;
}

/** What became of one opened item. */
export interface Fate {
  seq: number;
  conversationId: string;
  /** Stored now; otherwise its message was known already. */
  isNew: boolean;
}

export interface Batch {
  /** At most a page. */
  opened: readonly OpenedItem[];
  /** They were passed over earlier, so their recalls may be in the table already. */
  isLate?: boolean;
  /** First in the transaction: takes the right to store this batch, or throws, which undoes all of it. */
  claim: Effect;
  /** Last in the transaction: enters into the books what became of the items, in their order. */
  account: (tx: EntityManager, fates: readonly Fate[]) => Promise<void>;
}

/** Looks at new messages before they are stored; what it returns happens in their transaction. */
export type Inspect = (messages: readonly ArchivedMessage[]) => Promise<Effect>;

/** A message that has files. */
export interface MessageMedia {
  seq: number;
  /** Whom the message is about; its files are sealed with that person's key as well. */
  subject: string;
  media: readonly MediaReference[];
}

/** Sees to the files of new messages, in their transaction. */
export type KeepMedia = (tx: EntityManager, messages: readonly MessageMedia[]) => Promise<void>;

/** The one way into the table `message`, for pages as for items that could be opened only later. */
export interface MessageStore {
  /**
   * Stores what is new of a batch, with all that follows from it, in one transaction; returns how many.
   * A message whose seq or id is known already has no effect.
   */
  store(batch: Batch): Promise<number>;
}

export interface MessageStoreDeps {
  database: Database;
  vault: Vault;
  events: LiveEvents;
  inspect: Inspect;
  keepMedia: KeepMedia;
  isMember: (memberId: string) => Promise<boolean>;
  /** What else happens with new messages in their transaction. */
  noteStored?: (tx: EntityManager, seqs: readonly number[]) => Promise<void>;
}

interface NewMessage extends IdentifiedMessage {
  keyVersion: number;
  json: string;
  receivedAtMs: number;
  recalledAtMs: number | null;
}

interface Described {
  /** What is new of the batch. */
  messages: NewMessage[];
  fates: Fate[];
}

const ATTEMPTS = 5;

export function createMessageStore(deps: MessageStoreDeps): MessageStore {
  const { database, vault, events } = deps;

  async function describe({ opened, isLate }: Batch): Promise<Described> {
    const keyed = opened.map(({ item, message, json, receivedAtMs }) => ({
      seq: item.seq,
      msgId: message.msgId === "" ? item.msgId : message.msgId,
      keyVersion: item.keyVersion,
      message,
      json,
      receivedAtMs,
    }));
    const oddMembers = await findOddMembers(keyed, deps.isMember);
    const identified = keyed.map((one) => ({
      ...one,
      parties: identifyParties(one.message, oddMembers),
    }));
    const messages = await leaveOutKnown(database.read, identified);
    const fresh = new Set<unknown>(messages);
    const conversations = isLate ? messages.map(({ parties }) => parties.conversationId) : [];
    const recalls = await findRecalls(database.read, vault, [...new Set(conversations)]);
    return {
      messages: messages.map((one) => ({ ...one, recalledAtMs: recalls.get(one.msgId) ?? null })),
      fates: identified.map((one) => ({
        seq: one.seq,
        conversationId: one.parties.conversationId,
        isNew: fresh.has(one),
      })),
    };
  }

  async function insert(tx: EntityManager, messages: readonly NewMessage[]): Promise<void> {
    const sealer = await vault.sealerFor(tx, new Set(messages.map(subjectOf)));
    const rows = messages.map((message) => toRow(message, sealer));
    await insertNew(tx, "message", "msg_id", rows);
    // They were inspected as new, so they must be: another writer may have stored one of the ids meanwhile.
    if ((await countStored(tx, messages)) !== messages.length) throw new RepeatedMessageError();
    for (const { message } of messages) await linkRecall(tx, message);
    const withMedia = messages.flatMap(mediaOf);
    if (withMedia.length > 0) await deps.keepMedia(tx, withMedia);
    await noteConsents(tx, messages);
    await noteConversations(tx, messages);
    const subjects = new Map(messages.map((message) => [message.seq, subjectOf(message)]));
    recordMessages(tx, messages, ({ seq }) =>
      sealer.salt(subjects.get(seq) ?? "", placeOfBody(seq)),
    );
    await deps.noteStored?.(
      tx,
      messages.map(({ seq }) => seq),
    );
  }

  async function storeOnce(batch: Batch): Promise<number> {
    const { messages, fates } = await describe(batch);
    const inspected = messages.filter(isPersonal).map(toArchivedMessage);
    const effect = inspected.length > 0 ? await deps.inspect(inspected) : undefined;
    await database.write(async (tx) => {
      await batch.claim(tx);
      const last = messages.at(-1);
      if (last) {
        await insert(tx, messages);
        await effect?.(tx);
        await events.publish(tx, "archive", { seq: last.seq });
      }
      await batch.account(tx, fates);
    });
    return messages.length;
  }

  return {
    async store(batch) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await storeOnce(batch);
        } catch (error) {
          if (!(error instanceof RepeatedMessageError) || attempt === ATTEMPTS) throw error;
        }
      }
    },
  };
}

/** Something became known between its inspection and its storing; the next try sees it. */
export class RepeatedMessageError extends Error {
  override name = "RepeatedMessageError";
}

/** What a robot says is no one's conduct. */
function isPersonal({ parties }: NewMessage): boolean {
  return parties.senderKind !== "robot";
}

/** Whom the message is about: with that person's key it is sealed, and with the key it goes. */
function subjectOf({ parties, message }: NewMessage): string {
  const customerId = message.roomId === null ? parties.customerId : null;
  return customerId ?? (parties.senderId || "corp");
}

function mediaOf(one: NewMessage): MessageMedia[] {
  const { media } = one.message;
  return media ? [{ seq: one.seq, subject: subjectOf(one), media }] : [];
}

function toRow(one: NewMessage, sealer: Sealer): Record<string, ColumnValue> {
  const { seq, msgId, message, parties } = one;
  return {
    seq,
    msg_id: msgId,
    conversation_id: parties.conversationId,
    sender_id: parties.senderId,
    sender_kind: parties.senderKind,
    member_id: parties.memberId,
    customer_id: parties.customerId,
    room_id: message.roomId,
    action: message.action,
    kind: message.kind,
    sent_at_ms: message.sentAtMs,
    received_at_ms: one.receivedAtMs,
    recalled_at_ms: one.recalledAtMs,
    key_version: one.keyVersion,
    body: sealer.seal(subjectOf(one), placeOfBody(seq), one.json),
  };
}

async function linkRecall(tx: EntityManager, message: ArchiveMessage): Promise<void> {
  if (message.recalledMsgId === undefined) return;
  await tx.query(
    "UPDATE message SET recalled_at_ms = ? WHERE msg_id = ? AND recalled_at_ms IS NULL",
    [message.sentAtMs, message.recalledMsgId],
  );
}
