import { z } from "zod";
import { mediaView } from "./media.ts";
import { withheld } from "./reading-extension.ts";
import { findingView } from "./rule.ts";

/**
 * Reading and searching the archive. A manager sees which conversations there are without a reason; what was said
 * only after writing down why, and the people concerned can look that up.
 */

export const conversationKind = z.enum(["single", "group", "internal"]);
export type ConversationKind = z.infer<typeof conversationKind>;

export const messageKind = z.enum([
  "text",
  "image",
  "voice",
  "video",
  "file",
  "link",
  "card",
  "location",
  "emotion",
  "weapp",
  "mixed",
  "chatrecord",
  "revoke",
  "agree",
  "disagree",
  "todo",
  "vote",
  "collect",
  "redpacket",
  "meeting",
  "calendar",
  "document",
  "markdown",
  "news",
  "call",
  "channels",
  "other",
]);
export type MessageKind = z.infer<typeof messageKind>;

const id = z.string().min(1).max(128);
const cursor = z.string().max(400).optional();
const moment = z.coerce.number().int().min(0).max(8.64e15);

/** Which conversations; in a search also which of their messages. Everything that is given must hold. */
const filterFields = {
  memberId: id.optional(),
  /** That department and those below it. */
  departmentId: z.coerce.number().int().optional(),
  customerId: id.optional(),
  /** A group's id. */
  roomId: id.optional(),
  kind: conversationKind.optional(),
  /** Something of this kind was sent. */
  messageKind: messageKind.optional(),
  /** Something was sent at or after this. */
  fromMs: moment.optional(),
  /** … and before this. */
  toMs: moment.optional(),
  /** "yes": only where a rule was broken. */
  hasHit: z.literal("yes").optional(),
};
export const conversationFilter = z.strictObject(filterFields);
export type ConversationFilter = z.infer<typeof conversationFilter>;

const person = z.object({ id: z.string(), name: z.string() });

/** What may be known without a reason: who, how much, when. */
export const conversationView = z.object({
  id: z.string(),
  kind: conversationKind,
  /** Of the company; in a group those who have spoken. */
  members: z.array(person),
  customerId: z.string().nullable(),
  /** Of a single chat: first character and asterisks. Null when there is no customer or no name. */
  customerName: z.string().nullable(),
  roomId: z.string().nullable(),
  /** Null when it is no group or WeCom does not tell. */
  groupName: z.string().nullable(),
  messageCount: z.number().int(),
  firstAtMs: z.number(),
  lastAtMs: z.number(),
  /** Its older part, destroyed when its time was over: how many messages, and when the last was sent. */
  expired: z.object({ count: z.number().int(), toMs: z.number() }).nullable(),
  openCaseCount: z.number().int(),
});
export type ConversationView = z.infer<typeof conversationView>;

/** GET /api/manager/conversations : newest first, 30 a page. */
export const conversationListQuery = z.object({ ...filterFields, cursor });
export const conversationList = z.object({
  conversations: z.array(conversationView),
  nextCursor: z.string().nullable(),
});
export type ConversationList = z.infer<typeof conversationList>;

/** GET /api/manager/conversations/scope : what one can filter by. */
export const readingScope = z.object({
  members: z.array(person),
  departments: z.array(z.object({ id: z.number().int(), name: z.string() })),
});
export type ReadingScope = z.infer<typeof readingScope>;

/** In characters. */
export const purposeLength = { min: 4, max: 100 } as const;
const purpose = z
  .string()
  .trim()
  .min(purposeLength.min, `请至少用 ${purposeLength.min} 个字说明用途`)
  .max(purposeLength.max, `不超过 ${purposeLength.max} 个字`);

/** POST /api/manager/readings → ReadingView (201). A case stands for its conversation, opened at its message. */
export const readingRequest = z
  .strictObject({
    conversationId: z.string().min(1).max(300).optional(),
    caseId: z.string().min(1).max(64).optional(),
    purpose,
  })
  .refine((request) => (request.conversationId === undefined) !== (request.caseId === undefined), {
    message: "请指明要看的会话",
    path: ["conversationId"],
  });
export type ReadingRequest = z.infer<typeof readingRequest>;

export const readingView = z.object({
  id: z.string(),
  conversation: conversationView,
  /** The message to begin with; null for the newest. */
  anchorSeq: z.number().nullable(),
  /** Stands across the page. */
  readerName: z.string(),
  startedAtMs: z.number(),
  expiresAtMs: z.number(),
});
export type ReadingView = z.infer<typeof readingView>;

export const readingParams = z.object({ id: z.string().min(1).max(64) });

/**
 * GET /api/manager/readings/:id/messages : at most 50 a page, the oldest of them first. `from` is the end to begin at, or
 * `around` a message, or `before` or `after` a cursor; the newest without any.
 */
export const messagePageQuery = z.object({
  from: z.enum(["oldest", "newest"]).optional(),
  around: z.coerce.number().int().min(0).optional(),
  before: cursor,
  after: cursor,
});
export type MessagePageQuery = z.infer<typeof messagePageQuery>;

export const messageSpeaker = z.enum(["member", "customer", "robot"]);

const messageFields = {
  seq: z.number(),
  sentAtMs: z.number(),
  speaker: messageSpeaker,
  /** A customer's is masked; "" when nobody knows it. */
  senderName: z.string(),
  kind: messageKind,
  recalledAtMs: z.number().nullable(),
};

/** A piece of a message: the message itself first, then what a mixed message or a forwarded chat holds. */
export const messagePart = z.object({
  kind: messageKind,
  /** How many messages it lies in. */
  depth: z.number().int(),
  /** Its own stretch of the message's text, as UTF-16 offsets. */
  start: z.number().int(),
  end: z.number().int(),
  media: mediaView.nullable(),
  /** Of a voice, a video or a call. */
  seconds: z.number().nullable(),
  /** The amount in fen. */
  redPacket: z.object({ count: z.number(), amount: z.number() }).nullable(),
});
export type MessagePart = z.infer<typeof messagePart>;

export const messageView = z.object({
  ...messageFields,
  /** Numbers are starred. Of other kinds than text: titles, names of files and the like, if any. */
  text: z.string(),
  /** The key was destroyed on purpose, and with it what was said. */
  isErased: z.boolean(),
  parts: z.array(messagePart),
  findings: z.array(findingView),
});
export type MessageView = z.infer<typeof messageView>;

export const messagePage = z.object({
  messages: z.array(messageView),
  /** Null where there is nothing more. */
  olderCursor: z.string().nullable(),
  newerCursor: z.string().nullable(),
  /** Why some are kept back, on the sides where there is more; null when none are. */
  withheld: withheld.nullable(),
  /** What the reader has asked for, or been given, to read more of this conversation. */
  extension: z
    .object({ state: z.enum(["waiting", "active"]), endsAtMs: z.number().nullable() })
    .nullable(),
});
export type MessagePage = z.infer<typeof messagePage>;

/** In characters. One character would find nearly everything. */
export const searchTextLength = { min: 2, max: 64 } as const;

/** POST /api/manager/searches → SearchView (201). In the body, so that no log of addresses ever shows it. */
export const searchRequest = z.strictObject({
  text: z
    .string()
    .trim()
    .refine((text) => Array.from(text).length >= searchTextLength.min, {
      message: `请至少输入 ${searchTextLength.min} 个字`,
    })
    .refine((text) => Array.from(text).length <= searchTextLength.max, {
      message: `不超过 ${searchTextLength.max} 个字`,
    })
    .refine((text) => !/\p{Cc}/u.test(text), { message: "只能是一行文字" }),
  filter: conversationFilter,
  purpose,
});
export type SearchRequest = z.infer<typeof searchRequest>;

export const searchView = z.object({
  id: z.string(),
  readerName: z.string(),
  startedAtMs: z.number(),
  expiresAtMs: z.number(),
});
export type SearchView = z.infer<typeof searchView>;

/** As many as one person can look through. */
export const searchLimit = 200;

/** GET /api/manager/searches/:id/results : server-sent events `progress`, `found`, and one `done` at the end. */
export const searchProgress = z.object({
  scanned: z.number().int(),
  total: z.number().int(),
});
export type SearchProgress = z.infer<typeof searchProgress>;

export const searchFound = z.object({
  ...messageFields,
  /** Round the first place; numbers are starred. Null when too much was shown already. */
  excerpt: z.string().nullable(),
  /** UTF-16 offsets in the excerpt. */
  marks: z.array(z.object({ start: z.number().int(), end: z.number().int() })),
  conversation: conversationView,
});
export type SearchFound = z.infer<typeof searchFound>;

export const searchDone = searchProgress.extend({
  /** Of those found, shown without what was said: too much was shown already. */
  withheld: z.number().int(),
  /** "cut_off": there may be more than what was found. */
  outcome: z.enum(["none", "all", "cut_off"]),
  found: z.number().int(),
  /** Messages in scope that nobody can read any more, so that nobody can say what was in them. */
  erased: z.number().int(),
  /** Messages of these conversations that were destroyed when their time was over. */
  expired: z.number().int(),
  /** Items of the whole archive that could not be opened yet; nobody can say whether they are in scope. */
  unopened: z.number().int(),
});
export type SearchDone = z.infer<typeof searchDone>;

/**
 * By what somebody came to see what others said: opened, searched, allowed by a second person to read more (`bulk`), a
 * starred field seen (`unmask`), reading beyond one's reach (`emergency`), a package of evidence taken out.
 */
export const readingKind = z.enum([
  "conversation",
  "search",
  "bulk",
  "unmask",
  "emergency",
  "evidence",
]);
export type ReadingKind = z.infer<typeof readingKind>;

/** GET /api/session/readings : who read my chats, newest first, 20 a page. */
export const ownReadingsQuery = z.object({ cursor });
export const ownReadings = z.object({
  readings: z.array(
    z.object({
      id: z.string(),
      kind: readingKind,
      readerName: z.string(),
      purpose: z.string(),
      /** Null for a search, which went through all that the reader may read of mine. */
      conversation: z
        .object({
          id: z.string(),
          kind: conversationKind,
          customerName: z.string().nullable(),
          groupName: z.string().nullable(),
        })
        .nullable(),
      startedAtMs: z.number(),
    }),
  ),
  nextCursor: z.string().nullable(),
});
export type OwnReadings = z.infer<typeof ownReadings>;
