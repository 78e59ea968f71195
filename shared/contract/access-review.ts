import { z } from "zod";
import { grantableRole } from "./access.ts";

/** Looking through all rights every quarter: each is kept or ended by somebody else, or suspended. */
export const REVIEW_DAYS = 14;

export const reviewStates = ["waiting", "kept", "ended", "suspended", "gone"] as const;
/** `suspended`: nobody answered in time. `gone`: the right ended meanwhile in another way. */
export const reviewState = z.enum(reviewStates);
export type ReviewState = z.infer<typeof reviewState>;

export const reviewStateNames: Record<ReviewState, string> = {
  waiting: "等待复核",
  kept: "保留",
  ended: "收回",
  suspended: "已暂停",
  gone: "已不再持有",
};

export const reviewItem = z.object({
  id: z.string(),
  grantId: z.string(),
  memberId: z.string(),
  memberName: z.string(),
  role: grantableRole,
  /** Null: the whole company, or a role without departments. */
  departments: z.array(z.string()).nullable(),
  grantedAtMs: z.number(),
  /** The holder has moved since: these come first. */
  movedAtMs: z.number().nullable(),
  state: reviewState,
  /** Who decided it, or who is to. */
  reviewerNames: z.array(z.string()),
  decidedAtMs: z.number().nullable(),
  reason: z.string().nullable(),
});
export type ReviewItem = z.infer<typeof reviewItem>;

export const reviewSummary = z.object({
  id: z.string(),
  kind: z.enum(["quarterly", "asked"]),
  /** Null: by itself. */
  startedByName: z.string().nullable(),
  startedAtMs: z.number(),
  dueAtMs: z.number(),
  /** Null while it is open. */
  closedAtMs: z.number().nullable(),
  counts: z.record(reviewState, z.number().int()),
});
export type ReviewSummary = z.infer<typeof reviewSummary>;

/** GET /api/access-review : what the one who asks is to look at; suspended ones can still be given back. */
export const myReview = z.object({
  items: z.array(reviewItem),
  /** Null when no campaign is open. */
  dueAtMs: z.number().nullable(),
});
export type MyReview = z.infer<typeof myReview>;

/** POST /api/access-review/items/:id/decision → MyReview */
export const reviewDecision = z
  .strictObject({
    decision: z.enum(["kept", "ended"]),
    /** Needed to end a right; also to keep that of somebody who has moved, and to give one back. */
    reason: z.string().trim().max(300, "不超过 300 个字").default(""),
  })
  .refine(({ decision, reason }) => decision === "kept" || reason.length >= 4, {
    message: "请写明收回的理由，至少 4 个字",
    path: ["reason"],
  });
export type ReviewDecision = z.infer<typeof reviewDecision>;

export const reviewParams = z.object({ id: z.string().min(1).max(64) });

/** GET /api/admin/access-reviews : newest first. POST starts one → ReviewSummary (201). */
export const reviewList = z.object({ reviews: z.array(reviewSummary) });
export type ReviewList = z.infer<typeof reviewList>;

/** GET /api/admin/access-reviews/:id */
export const reviewView = z.object({ review: reviewSummary, items: z.array(reviewItem) });
export type ReviewView = z.infer<typeof reviewView>;
