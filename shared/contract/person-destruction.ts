import { z } from "zod";
import { approvalReason } from "./approval.ts";

/** Destroying all that is kept of one person: what would go, a second person's yes, a certificate. */
export const personKind = z.enum(["customer", "member"]);
export type PersonKind = z.infer<typeof personKind>;

/** POST /api/admin/retention/people/preview. 400 names what is wrong with the id. */
export const personPreviewRequest = z.strictObject({
  personId: z.string().trim().min(1, "请填写账号").max(128),
});
export const personPreview = z.object({
  personId: z.string(),
  kind: personKind,
  /** Messages that would go, and those that a legal hold keeps. */
  messages: z.number().int(),
  held: z.number().int(),
  cases: z.number().int(),
  keys: z.number().int(),
  /** What stays, and why: a sentence each. */
  stays: z.array(z.string()),
});
export type PersonPreview = z.infer<typeof personPreview>;

/** POST /api/admin/retention/people → PersonDestruction (201): asks a second person. */
export const personDestructionRequest = z.strictObject({
  personId: z.string().trim().min(1, "请填写账号").max(128),
  reason: approvalReason,
});

export const personDestruction = z.object({
  id: z.string(),
  personId: z.string(),
  kind: personKind,
  /** "partly": a legal hold keeps the rest. */
  state: z.enum(["waiting", "refused", "running", "done", "partly"]),
  requestedBy: z.string(),
  requestedAtMs: z.number(),
  approvedBy: z.string().nullable(),
  approvedAtMs: z.number().nullable(),
  finishedAtMs: z.number().nullable(),
  messages: z.number().int(),
  cases: z.number().int(),
  keys: z.number().int(),
  held: z.number().int(),
});
export type PersonDestruction = z.infer<typeof personDestruction>;

/** GET /api/admin/retention/people : the newest 50. */
export const personDestructionList = z.object({ people: z.array(personDestruction) });
export type PersonDestructionList = z.infer<typeof personDestructionList>;

/** GET /api/admin/retention/people/:id/certificate(.html): once it is over. */
export const personParams = z.object({ id: z.string().min(1).max(64) });
export const personCertificate = z.object({
  destruction: personDestruction,
  /** Until then backups from before may still hold it. */
  backupsUntilMs: z.number(),
  stays: z.array(z.string()),
});
export type PersonCertificate = z.infer<typeof personCertificate>;
