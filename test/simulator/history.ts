import type { Chat } from "./chat.ts";
import type { Company, Conversation } from "./company/model.ts";
import { groupId, singleId, type ConversationRow, type Conversations } from "./conversations.ts";
import type { Store } from "./store.ts";

export interface HistoryDeps {
  store: Store;
  chat: Chat;
  conversations: Conversations;
}

const PROGRESS_EVERY = 250;

/**
 * Puts the company's past into an empty data file, in the order in which it was said, so that archive seqs
 * and message numbers grow with time. One transaction: a start that is interrupted begins again.
 */
export function writeHistory(
  { store, chat, conversations }: HistoryDeps,
  company: Company,
  nowMs: number,
  onProgress?: (done: number, total: number) => void,
): void {
  const past = company.conversations
    .flatMap((conversation) => {
      const row = describe(conversation, conversations);
      return conversation.messages.map((message) => ({ row, message }));
    })
    .sort((a, b) => b.message.agoMs - a.message.agoMs);
  store.transaction(() => {
    for (const [index, { row, message }] of past.entries()) {
      if (index % PROGRESS_EVERY === 0) onProgress?.(index, past.length);
      const { fromId, agoMs, ...content } = message;
      chat.insert(row, { fromId, content, atMs: nowMs - agoMs });
    }
  })();
  onProgress?.(past.length, past.length);
}

function describe(conversation: Conversation, conversations: Conversations): ConversationRow {
  const { kind, memberId, customerId, roomId } = conversation;
  const id = kind === "single" ? singleId(memberId, customerId ?? "") : groupId(roomId ?? "");
  const row = conversations.find(id);
  if (row === undefined) throw new Error(`The company has no ${kind} conversation ${id}.`);
  return row;
}
