import { z } from "zod";
import { findingView, hitPart, ruleLevel } from "./rule.ts";
import { caseState, occasion } from "./sidebar.ts";

/** A matter for a manager: one message, or one act without any, with all its hits. */
export const caseView = z.object({
  id: z.string(),
  state: caseState,
  level: ruleLevel,
  /** Whose words they are, or whose act. */
  speaker: z.enum(["member", "customer"]),
  occasion,
  /** There are messages to be read round it; an act may have none. */
  hasContext: z.boolean(),
  memberId: z.string(),
  memberName: z.string(),
  /** First character and asterisks, until un-masked. */
  customerName: z.string(),
  /** Masked: numbers starred, at most 120 characters round the hits. Empty of a removal. */
  quote: z.string(),
  findings: z.array(findingView),
  /** Where a rule looks beyond one message: the others, in the order of sending. */
  parts: z.array(hitPart),
  sentAtMs: z.number(),
  /** Found only when history was gone through again (回溯). */
  isLookBack: z.boolean(),
  decidedByName: z.string().nullable(),
  decidedAtMs: z.number().nullable(),
});
export type CaseView = z.infer<typeof caseView>;

/** GET /api/manager/cases?state=&cursor= : newest first, 20 a page. */
export const caseListQuery = z.object({
  state: z.enum(["open", "decided"]).default("open"),
  cursor: z.string().max(200).optional(),
});
export const caseList = z.object({
  cases: z.array(caseView),
  nextCursor: z.string().nullable(),
  openCount: z.number().int(),
  /** Open ones of look-backs, which `openCount` leaves out. */
  lookBackCount: z.number().int(),
});
export type CaseList = z.infer<typeof caseList>;

/** GET /api/manager/cases/:id → CaseView */
export const caseParams = z.object({ id: z.string().min(1).max(64) });

/** POST /api/manager/cases/:id/decision → CaseView */
export const caseDecision = z.strictObject({ decision: z.enum(["handled", "false_alarm"]) });
