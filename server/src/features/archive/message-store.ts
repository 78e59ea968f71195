import type { EntityManager } from "typeorm";
import type { Database } from "../../platform/database/database.ts";
import { insertAll, isRepeat } from "../../platform/database/insert-new.ts";
import type { Row } from "../../platform/database/insert-new.ts";
import type { LiveEvents } from "../../platform/events/live-events.ts";
import type { Effect } from "../../platform/jobs/jobs.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { ArchiveMessage } from "../../wecom/archive-message.ts";
import type { ArchiveItem } from "../../wecom/archive-source.ts";
import type { MediaReference } from "../../wecom/message-part.ts";
import { findOddMembers, identifyParties, toArchivedMessage } from "./archived-message.ts";
import type { ArchivedMessage, IdentifiedMessage, MembersByOddId } from "./archived-message.ts";
import { noteConversations } from "./conversation-upkeep.ts";
import { noteConsents } from "./consents.ts";
import { leaveOutKnown } from "./known-messages.ts";
import { findRecalls } from "./late-recalls.ts";
import { leafOfMessage, recordMessages } from "./message-leaves.ts";
import type { LedgerMessage } from "./message-leaves.ts";
import { RepeatedMessageError } from "./repeated-message.ts";
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
  /** Whom the message is about: with that person's key it is sealed, and with the key it goes. */
  subject: string;
}

interface Described {
  /** What is new of the batch. */
  messages: NewMessage[];
  /** By message id; of late messages. */
  recalls: ReadonlyMap<string, number>;
  fates: Fate[];
}

const ATTEMPTS = 5;

export function createMessageStore(deps: MessageStoreDeps): MessageStore {
  const { database, vault, events } = deps;

  async function describe({ opened, isLate }: Batch): Promise<Described> {
    const oddMembers = await findOddMembers(opened, deps.isMember);
    const identified = opened.map((one) => identify(one, oddMembers));
    const messages = await leaveOutKnown(database.read, identified);
    const fresh = new Set<unknown>(messages);
    const conversations = isLate ? messages.map(({ parties }) => parties.conversationId) : [];
    return {
      messages,
      recalls: await findRecalls(database.read, vault, [...new Set(conversations)]),
      fates: identified.map((one) => ({
        seq: one.seq,
        conversationId: one.parties.conversationId,
        isNew: fresh.has(one),
      })),
    };
  }

  async function insert(tx: EntityManager, { messages, recalls }: Described): Promise<void> {
    const sealer = await vault.sealerFor(tx, new Set(messages.map(({ subject }) => subject)));
    const ordinals = await noteConversations(tx, messages);
    const ordinalOf = ({ seq }: NewMessage): number => ordinals.get(seq) ?? 0;
    await insertMessages(
      tx,
      messages.map((one) =>
        toRow(one, {
          ordinal: ordinalOf(one),
          recalledAtMs: recalls.get(one.msgId) ?? null,
          body: sealer.seal(one.subject, placeOfBody(one.seq), one.json),
        }),
      ),
    );
    for (const { message } of messages) await linkRecall(tx, message);
    const withMedia = messages.flatMap(mediaOf);
    if (withMedia.length > 0) await deps.keepMedia(tx, withMedia);
    await noteConsents(tx, messages);
    recordMessages(
      tx,
      messages.map((one) => ({
        seq: one.seq,
        leaf: leafOfMessage(
          toLedgerMessage(one, ordinalOf(one)),
          sealer.salt(one.subject, placeOfBody(one.seq)),
        ),
      })),
    );
    await deps.noteStored?.(
      tx,
      messages.map(({ seq }) => seq),
    );
  }

  async function storeOnce(batch: Batch): Promise<number> {
    const described = await describe(batch);
    const { messages, fates } = described;
    const inspected = messages.filter(isPersonal).map(toArchivedMessage);
    const effect = inspected.length > 0 ? await deps.inspect(inspected) : undefined;
    await database.write(async (tx) => {
      await batch.claim(tx);
      const last = messages.at(-1);
      if (last) {
        await insert(tx, described);
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

/** What a robot says is no one's conduct. */
function isPersonal({ parties }: NewMessage): boolean {
  return parties.senderKind !== "robot";
}

function identify(one: OpenedItem, oddMembers: MembersByOddId): NewMessage {
  const { item, message, json, receivedAtMs } = one;
  const parties = identifyParties(message, oddMembers);
  const customerId = message.roomId === null ? parties.customerId : null;
  return {
    seq: item.seq,
    msgId: message.msgId === "" ? item.msgId : message.msgId,
    keyVersion: item.keyVersion,
    message,
    json,
    receivedAtMs,
    parties,
    subject: customerId ?? (parties.senderId || "corp"),
  };
}

/** They were inspected as new, so they must be: another writer may have stored one of them meanwhile. */
async function insertMessages(tx: EntityManager, rows: readonly Row[]): Promise<void> {
  try {
    await insertAll(tx, "message", rows);
  } catch (error) {
    throw isRepeat(error) ? new RepeatedMessageError() : error;
  }
}

function toLedgerMessage(one: NewMessage, ordinal: number): LedgerMessage {
  const { seq, msgId, keyVersion, receivedAtMs, json, message, parties } = one;
  const { conversationId } = parties;
  const { sentAtMs } = message;
  return { seq, msgId, keyVersion, receivedAtMs, json, conversationId, ordinal, sentAtMs };
}

function mediaOf(one: NewMessage): MessageMedia[] {
  const { seq, subject, message } = one;
  return message.media ? [{ seq, subject, media: message.media }] : [];
}

/** What is known of a message only in the transaction that stores it. */
interface StoringFacts {
  ordinal: number;
  recalledAtMs: number | null;
  body: Buffer;
}

function toRow(one: NewMessage, facts: StoringFacts): Row {
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
    ordinal: facts.ordinal,
    sent_at_ms: message.sentAtMs,
    received_at_ms: one.receivedAtMs,
    recalled_at_ms: facts.recalledAtMs,
    key_version: one.keyVersion,
    body: facts.body,
  };
}

async function linkRecall(tx: EntityManager, message: ArchiveMessage): Promise<void> {
  if (message.recalledMsgId === undefined) return;
  await tx.query(
    "UPDATE message SET recalled_at_ms = ? WHERE msg_id = ? AND recalled_at_ms IS NULL",
    [message.sentAtMs, message.recalledMsgId],
  );
}
