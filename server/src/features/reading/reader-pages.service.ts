import type {
  ConversationFilter,
  ConversationList,
  MessagePage,
  MessagePageQuery,
  MessageView,
} from "#shared/contract/reading";
import { AppError } from "../../platform/http/app-error.ts";
import type { Conversations, MessagePlace } from "../archive/conversations.service.ts";
import type { Allowance } from "./allowance.ts";
import type { ConversationViews } from "./conversation-views.ts";
import { cutToAdmitted, nearestFirst } from "./stretch.ts";
import type { Stretch } from "./stretch.ts";
import type { Extensions } from "./extensions.service.ts";
import type { MessageViews } from "./message-views.ts";
import type { Readings } from "./readings.service.ts";
import type { ReadingScopes } from "./reading-scope.ts";

/** The pages of the list of conversations and of one conversation. */
export interface ReaderPages {
  list(
    managerId: string,
    filter: ConversationFilter,
    cursor: string | undefined,
  ): Promise<ConversationList>;
  /** Throws `not_found` unless the reading is open to this reader. */
  messages(readerId: string, readingId: string, query: MessagePageQuery): Promise<MessagePage>;
  /**
   * Throws `not_found` unless the message stands in the conversation that the reading opened, `reading_limited` when
   * too much was shown to the reader already.
   */
  demandShown(readerId: string, readingId: string, seq: number): Promise<void>;
}

interface Deps {
  conversations: Conversations;
  readings: Pick<Readings, "getConversation">;
  allowance: Allowance;
  extensions: Pick<Extensions, "findOpen">;
  scopes: Pick<ReadingScopes, "select">;
  conversationViews: ConversationViews;
  messageViews: MessageViews;
}

const CONVERSATIONS = 30;
const MESSAGES = 50;

export function createReaderPages(deps: Deps): ReaderPages {
  const { conversations, readings, allowance, scopes, conversationViews, messageViews } = deps;

  /** One message more than is wanted tells whether there is more. */
  async function readOlder(id: string, limit: number, place?: MessagePlace): Promise<Stretch> {
    const rows = await conversations.messages(id, { side: "older", place, limit: limit + 1 });
    const hasOlder = rows.length > limit;
    const messages = rows.slice(hasOlder ? 1 : 0);
    return { messages, from: messages.length - 1, hasOlder, hasNewer: place !== undefined };
  }

  async function readNewer(id: string, limit: number, place?: MessagePlace): Promise<Stretch> {
    const rows = await conversations.messages(id, { side: "newer", place, limit: limit + 1 });
    const hasNewer = rows.length > limit;
    return { messages: rows.slice(0, limit), from: 0, hasOlder: place !== undefined, hasNewer };
  }

  async function readAround(id: string, seq: number): Promise<Stretch> {
    const place = await conversations.placeOf(id, seq);
    if (!place) throw new AppError("not_found");
    // The place itself is the oldest of the newer half.
    const before = { ...place, seq: place.seq - 1 };
    const [older, newer] = await Promise.all([
      readOlder(id, MESSAGES / 2, place),
      readNewer(id, MESSAGES / 2, before),
    ]);
    return {
      messages: [...older.messages, ...newer.messages],
      from: older.messages.length,
      hasOlder: older.hasOlder,
      hasNewer: newer.hasNewer,
    };
  }

  async function readStretch(id: string, query: MessagePageQuery): Promise<Stretch> {
    const { around, before, after, from } = query;
    if (around !== undefined) return await readAround(id, around);
    if (before !== undefined) return await readOlder(id, MESSAGES, parseMessageCursor(before));
    if (after !== undefined) return await readNewer(id, MESSAGES, parseMessageCursor(after));
    return from === "oldest" ? await readNewer(id, MESSAGES) : await readOlder(id, MESSAGES);
  }

  return {
    async list(managerId, filter, cursor) {
      const selection = await scopes.select(managerId, filter);
      const after = cursor === undefined ? undefined : parseConversationCursor(cursor);
      const rows = await conversations.list(selection, { after, limit: CONVERSATIONS + 1 });
      const page = rows.slice(0, CONVERSATIONS);
      const last = page.at(-1);
      return {
        conversations: await conversationViews.present(managerId, page),
        nextCursor: rows.length > CONVERSATIONS && last ? `${last.lastAtMs}.${last.id}` : null,
      };
    },

    async messages(readerId, readingId, query) {
      const conversation = await readings.getConversation(readerId, readingId);
      const read = await readStretch(conversation.id, query);
      const wanted = nearestFirst(read).map(({ seq, sentAtMs }) => ({
        seq,
        sentAtMs,
        conversation,
      }));
      const admitted = await allowance.admit(readerId, wanted);
      const { messages, hasOlder, hasNewer } = cutToAdmitted(read, admitted);
      const views = await messageViews.present(messages);
      const extension = await deps.extensions.findOpen(readerId, conversation.id);
      return {
        messages: views,
        // Where nothing could be shown, the page goes on from where it stood.
        olderCursor: hasOlder ? (cursorOf(views.at(0)) ?? query.before ?? null) : null,
        newerCursor: hasNewer ? (cursorOf(views.at(-1)) ?? query.after ?? null) : null,
        withheld: admitted.withheld,
        extension: extension && {
          state: extension.state === "waiting" ? "waiting" : "active",
          endsAtMs: extension.endsAtMs,
        },
      };
    },

    async demandShown(readerId, readingId, seq) {
      const conversation = await readings.getConversation(readerId, readingId);
      const place = await conversations.placeOf(conversation.id, seq);
      // The reason was given for this conversation and no other.
      if (!place) throw new AppError("not_found");
      await allowance.demand(readerId, { ...place, conversation });
    },
  };
}

function cursorOf(message: MessageView | undefined): string | null {
  return message ? `${message.sentAtMs}.${message.seq}` : null;
}

/** `<lastAtMs>.<id>` of the last row of the page before. */
function parseConversationCursor(cursor: string): { lastAtMs: number; id: string } {
  const [, lastAtMs, id] = /^(\d{1,16})\.(.+)$/.exec(cursor) ?? [];
  if (lastAtMs === undefined || id === undefined) throw new AppError("invalid_request");
  return { lastAtMs: Number(lastAtMs), id };
}

/** `<sentAtMs>.<seq>` of the message at the end of the page before. */
function parseMessageCursor(cursor: string): MessagePlace {
  const [, sentAtMs, seq] = /^(\d{1,16})\.(\d{1,16})$/.exec(cursor) ?? [];
  if (sentAtMs === undefined || seq === undefined) throw new AppError("invalid_request");
  return { sentAtMs: Number(sentAtMs), seq: Number(seq) };
}
