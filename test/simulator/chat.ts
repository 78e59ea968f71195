import type { Archive, ArchivedMessage, Corruption } from "./archive.ts";
import {
  archiveRecall,
  archiveSent,
  type Envelope,
  type MessageContent,
} from "./archive-message.ts";
import type { ConversationRow, Conversations } from "./conversations.ts";
import type { Directory } from "./directory.ts";
import type { MediaStore } from "./media.ts";
import { raiseCounter, type Store } from "./store.ts";

export interface MessageRow {
  number: number;
  id: string;
  conversationId: string;
  fromId: string;
  atMs: number;
  kind: MessageContent["kind"];
  text: string;
  recalledAtMs: number | null;
}

export interface Chat {
  /** Says something in a conversation; archived in the same transaction. Throws when it cannot be said. */
  send: (conversationId: string, fromId: string, content: MessageContent) => MessageRow;
  /** Takes a message back; the archive gets an item of its own. Doing it twice changes nothing. */
  recall: (messageId: string) => MessageRow;
  find: (messageId: string) => MessageRow | undefined;
  /** A page of at most `limit` messages before `beforeId`, oldest first. */
  page: (conversationId: string, limit: number, beforeId?: string) => MessageRow[];
  /** Puts a message with a given time into history; for the first start and for tests. */
  insert: (conversation: ConversationRow, message: PastMessage, corrupt?: Corruption) => MessageRow;
}

export interface PastMessage {
  fromId: string;
  content: MessageContent;
  atMs: number;
}

/** Told after a change is kept, never inside its transaction. */
export interface ChatListener {
  onMessage: (conversation: ConversationRow, message: MessageRow) => void;
  onRecall: (conversation: ConversationRow, message: MessageRow) => void;
  onArchived: () => void;
}

export interface ChatDeps {
  store: Store;
  directory: Directory;
  conversations: Conversations;
  archive: Archive;
  media: MediaStore;
  listener: ChatListener;
  isArchiveCorrupt: () => boolean;
  now: () => number;
}

export function openChat(deps: ChatDeps): Chat {
  const { store, conversations, archive, media, listener, now } = deps;
  const insertRow = store.prepare(
    `INSERT INTO messages VALUES (@number, @id, @conversationId, @fromId, @atMs, @kind, @text, NULL)`,
  );
  const one = store.prepare("SELECT * FROM messages WHERE id = ?");
  const before = store.prepare(
    `SELECT * FROM messages WHERE conversationId = ? AND number < ? ORDER BY number DESC LIMIT ?`,
  );
  const markRecalled = store.prepare("UPDATE messages SET recalledAtMs = ? WHERE id = ?");
  const find = (id: string) => one.get(id) as MessageRow | undefined;

  const insert: Chat["insert"] = (conversation, { fromId, content, atMs }, corrupt) => {
    const envelope = addressMessage(deps, conversation, fromId, atMs);
    const { number, msgid: id } = envelope;
    const { kind, text } = content;
    const row = { number, id, conversationId: conversation.id, fromId, atMs, kind, text };
    insertRow.run(row);
    conversations.touch(conversation, text, atMs);
    if (isArchived(deps.directory, conversation)) {
      archive.append(archiveSent(envelope, content, media), atMs, corrupt);
    }
    return { ...row, recalledAtMs: null };
  };
  const getConversation = (id: string): ConversationRow => {
    const conversation = conversations.find(id);
    if (conversation === undefined) throw new Error(`There is no conversation ${id}.`);
    return conversation;
  };
  const keepRecall = (conversation: ConversationRow, message: MessageRow): void => {
    const envelope = addressMessage(deps, conversation, message.fromId, now());
    markRecalled.run(envelope.atMs, message.id);
    if (!isArchived(deps.directory, conversation)) return;
    const item: ArchivedMessage = archiveRecall(envelope, message.id);
    archive.append(item, envelope.atMs, deps.isArchiveCorrupt() ? "bad_body" : undefined);
  };

  return {
    insert,
    find,
    send(conversationId, fromId, content) {
      const conversation = getConversation(conversationId);
      const { memberIds, customerIds } = conversations.parties(conversation);
      if (![...memberIds, ...customerIds].includes(fromId)) {
        throw new Error(`${fromId} takes no part in ${conversationId}.`);
      }
      const corrupt = deps.isArchiveCorrupt() ? "bad_body" : undefined;
      const row = store.transaction(() =>
        insert(conversation, { fromId, content, atMs: now() }, corrupt),
      )();
      listener.onMessage(conversation, row);
      if (isArchived(deps.directory, conversation)) listener.onArchived();
      return row;
    },
    recall(messageId) {
      const message = find(messageId);
      if (message === undefined) throw new Error(`There is no message ${messageId}.`);
      if (message.recalledAtMs !== null) return message;
      const conversation = getConversation(message.conversationId);
      store.transaction(() => keepRecall(conversation, message))();
      const recalled = find(messageId) ?? message;
      listener.onRecall(conversation, recalled);
      if (isArchived(deps.directory, conversation)) listener.onArchived();
      return recalled;
    },
    page(conversationId, limit, beforeId) {
      const last = beforeId === undefined ? undefined : find(beforeId)?.number;
      const rows = before.all(conversationId, last ?? Number.MAX_SAFE_INTEGER, limit);
      return (rows as MessageRow[]).reverse();
    },
  };
}

/** A customer who refused is not archived in single chats; groups and colleagues are. */
function isArchived(directory: Directory, { kind, customerId }: ConversationRow): boolean {
  if (kind !== "single" || customerId === null) return true;
  return directory.findCustomer(customerId)?.consent !== "Disagree";
}

function addressMessage(
  { store, conversations }: ChatDeps,
  conversation: ConversationRow,
  fromId: string,
  atMs: number,
): Envelope & { number: number } {
  const { memberIds, customerIds } = conversations.parties(conversation);
  const number = raiseCounter(store, "message-number");
  const suffix = customerIds.length > 0 ? "_external" : "";
  return {
    number,
    msgid: `${10_000_000 + number}_${atMs}${suffix}`,
    fromId,
    toIds: [...memberIds, ...customerIds].filter((id) => id !== fromId),
    roomId: conversation.roomId ?? "",
    atMs,
  };
}
