import { z } from "zod";
import { approvalReason } from "./approval.ts";

/** Seeing one field that is starred: with a reason, a fresh sign-in, on record, and told to the managers concerned. */

const id = z.string().min(1).max(64);
/** Any star of the field, as a UTF-16 offset. */
const at = z.number().int().min(0).max(1_000_000);

export const unmaskTarget = z.discriminatedUnion("kind", [
  /** A number or an address in a message of an open reading. */
  z.strictObject({ kind: z.literal("message"), readingId: id, seq: z.number().int().min(0), at }),
  /** The name of the customer of an open reading's conversation. */
  z.strictObject({ kind: z.literal("customer"), readingId: id }),
  /** The same of a case and its quote. */
  z.strictObject({ kind: z.literal("case_quote"), caseId: id, at }),
  z.strictObject({ kind: z.literal("case_customer"), caseId: id }),
]);
export type UnmaskTarget = z.infer<typeof unmaskTarget>;

/** POST /api/manager/unmaskings → UnmaskView (201). One field a request. */
export const unmaskRequest = z.strictObject({ target: unmaskTarget, reason: approvalReason });
export type UnmaskRequest = z.infer<typeof unmaskRequest>;

/** POST /api/sidebar/unmaskings → UnmaskView (201): a number that oneself noted of one's own customer. */
export const unmaskMobileRequest = z.strictObject({
  customerId: z.string().min(1).max(128),
  /** Its place among the numbers of the record. */
  index: z.number().int().min(0).max(100),
  reason: approvalReason,
});
export type UnmaskMobileRequest = z.infer<typeof unmaskMobileRequest>;

/** How long a page shows it. */
export const UNMASKED_MS = 60_000;

export const unmaskView = z.object({
  /** What the stars stand for, or the whole name. */
  text: z.string(),
  /** The page takes it off again then. */
  hidesAtMs: z.number(),
});
export type UnmaskView = z.infer<typeof unmaskView>;
