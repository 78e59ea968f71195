import { z } from "zod";

/** What needs a second person's yes; each is registered by the feature that carries it out. */
export const approvalStates = ["waiting", "approved", "refused", "withdrawn", "expired"] as const;
export const approvalState = z.enum(approvalStates);
export type ApprovalState = z.infer<typeof approvalState>;

export const approvalView = z.object({
  id: z.string(),
  kind: z.string(),
  /** One line on what is asked for. */
  title: z.string(),
  /** Where what is asked for can be looked at, a path of ours; null when the line says it all. */
  path: z.string().nullable(),
  reason: z.string(),
  state: approvalState,
  requestedById: z.string(),
  requestedByName: z.string(),
  requestedAtMs: z.number(),
  expiresAtMs: z.number(),
  decidedByName: z.string().nullable(),
  decidedAtMs: z.number().nullable(),
  /** What the one who decided wrote. */
  note: z.string().nullable(),
  isMine: z.boolean(),
  /** Waiting, and the person who asks may decide it. */
  mayDecide: z.boolean(),
});
export type ApprovalView = z.infer<typeof approvalView>;

/** GET /api/approvals?state=&cursor= : what one has asked for or may decide, newest first. */
export const approvalListQuery = z.object({
  state: z.enum(["waiting", "ended"]).default("waiting"),
  cursor: z.string().max(100).optional(),
});
export const approvalList = z.object({
  approvals: z.array(approvalView),
  nextCursor: z.string().nullable(),
  /** How many wait for the one who asks. */
  toDecide: z.number().int(),
});
export type ApprovalList = z.infer<typeof approvalList>;

/** GET /api/approvals/summary: for the navigation. */
export const approvalSummary = z.object({
  /** May decide some kind, or has asked for something. */
  isConcerned: z.boolean(),
  toDecide: z.number().int(),
});
export type ApprovalSummary = z.infer<typeof approvalSummary>;

export const approvalParams = z.object({ id: z.string().min(1).max(64) });

/** POST /api/approvals/:id/decision → ApprovalView. A refusal says why. */
export const approvalDecision = z
  .strictObject({
    decision: z.enum(["approved", "refused"]),
    note: z.string().trim().max(300, "不超过 300 个字").default(""),
  })
  .refine(({ decision, note }) => decision === "approved" || note.length >= 2, {
    message: "请写明为什么不同意",
    path: ["note"],
  });
export type ApprovalDecision = z.infer<typeof approvalDecision>;

/** Why something is asked for: part of every request that needs a second person. */
export const approvalReason = z
  .string()
  .trim()
  .min(4, "请写明理由，至少 4 个字")
  .max(300, "不超过 300 个字");
