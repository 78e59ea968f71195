import { z } from "zod";
import { approvalReason } from "./approval.ts";

/**
 * Reading much. 法释〔2017〕10号 art. 5 calls 50 contents of communication serious, and half of that for who got them at
 * work: from 25 on, another person has to say yes.
 */
export const readingLimits = {
  /** Messages of one conversation a day, and excerpts of one search. */
  perConversation: 24,
  /** Messages of all conversations together a day. */
  perDay: 120,
} as const;

/** Why messages are kept back: as many of the conversation, or of all conversations, were shown today. */
export const withheld = z.enum(["conversation", "day"]);
export type Withheld = z.infer<typeof withheld>;

/** `waiting` for a second person, then `active` for some days, then `ended`; `refused` also when nobody decided. */
export const extensionState = z.enum(["waiting", "active", "ended", "refused"]);
export type ExtensionState = z.infer<typeof extensionState>;

/** For how many days one may ask. */
export const extensionDays = [1, 3, 7] as const;

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "请选择日期");

/** POST /api/manager/extensions → ExtensionView (201). Days are those of Asia/Shanghai; without them, all messages. */
export const extensionRequest = z
  .strictObject({
    conversationId: z.string().min(1).max(300),
    fromDay: day.optional(),
    /** Included. */
    toDay: day.optional(),
    days: z.literal(extensionDays, "请选择可阅读多久"),
    reason: approvalReason,
  })
  .refine(({ fromDay = "", toDay = "9" }) => fromDay <= toDay, {
    message: "结束日期不能早于开始日期",
    path: ["toDay"],
  });
export type ExtensionRequest = z.infer<typeof extensionRequest>;

export const extensionView = z.object({
  id: z.string(),
  state: extensionState,
  conversationId: z.string(),
  /** Who takes part, the customer's name masked. */
  title: z.string(),
  readerName: z.string(),
  purpose: z.string(),
  /** Null: from the beginning, or to the end. */
  fromDay: z.string().nullable(),
  toDay: z.string().nullable(),
  requestedAtMs: z.number(),
  approvedByName: z.string().nullable(),
  endsAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  endedByName: z.string().nullable(),
  isMine: z.boolean(),
  /** Active, and the one who asks may end it. */
  mayEnd: z.boolean(),
});
export type ExtensionView = z.infer<typeof extensionView>;

/** GET /api/extensions?cursor= : one's own and, for who decides or audits, everybody's; newest first, 20 a page. */
export const extensionListQuery = z.object({ cursor: z.string().max(100).optional() });
export const extensionList = z.object({
  extensions: z.array(extensionView),
  nextCursor: z.string().nullable(),
});
export type ExtensionList = z.infer<typeof extensionList>;

/** POST /api/extensions/:id/end → ExtensionView, by the reader or who may say yes to such. */
export const extensionParams = z.object({ id: z.string().min(1).max(64) });
