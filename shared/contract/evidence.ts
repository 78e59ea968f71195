import { z } from "zod";

/** Packages that prove to a stranger what was said in a conversation: asked for, approved by another, built, handed out. */

export const legalBases = ["legal_duty", "contract", "staff_rules", "dispute", "consent"] as const;
export const legalBasis = z.enum(legalBases);
export type LegalBasis = z.infer<typeof legalBasis>;

/** Also in the package itself. */
export const legalBasisNames: Record<LegalBasis, string> = {
  dispute: "处理投诉、举报、仲裁或诉讼所必需",
  legal_duty: "履行法定职责或者法定义务所必需",
  contract: "订立、履行个人作为一方当事人的合同所必需",
  staff_rules: "按照依法制定的劳动规章制度实施人力资源管理所必需",
  consent: "取得个人的同意",
};

/** So many messages one package holds; more are split by time. */
export const maxPackageMessages = 5000;

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "请选择日期");

/** POST /api/evidence → EvidenceView (201). A case stands for its conversation. Days are those of Asia/Shanghai. */
export const evidenceRequest = z
  .strictObject({
    conversationId: z.string().min(1).max(300).optional(),
    caseId: z.string().min(1).max(64).optional(),
    fromDay: day,
    /** Included. */
    toDay: day,
    purpose: z.string().trim().min(4, "请至少用 4 个字说明用途").max(200, "不超过 200 个字"),
    legalBasis,
  })
  .refine((request) => (request.conversationId === undefined) !== (request.caseId === undefined), {
    message: "请指明会话或告警事项",
    path: ["conversationId"],
  })
  .refine((request) => request.fromDay <= request.toDay, {
    message: "结束日期不能早于开始日期",
    path: ["toDay"],
  });
export type EvidenceRequest = z.infer<typeof evidenceRequest>;

/**
 * `waiting` for a second person, then `building`, then `ready` for some days until `expired`; `failed` says why;
 * `refused` also when nobody decided in time or it was withdrawn.
 */
export const evidenceState = z.enum([
  "waiting",
  "building",
  "ready",
  "failed",
  "refused",
  "expired",
]);
export type EvidenceState = z.infer<typeof evidenceState>;

export const evidenceProblem = z.enum(["mismatch", "too_large", "empty", "error"]);
export type EvidenceProblem = z.infer<typeof evidenceProblem>;

export const evidenceView = z.object({
  id: z.string(),
  state: evidenceState,
  /** Who takes part, the customer's name masked. */
  title: z.string(),
  caseId: z.string().nullable(),
  fromDay: z.string(),
  toDay: z.string(),
  purpose: z.string(),
  legalBasis,
  requestedByName: z.string(),
  requestedAtMs: z.number(),
  approvedByName: z.string().nullable(),
  /** Percent, while it is being built. */
  progress: z.number().int(),
  problem: evidenceProblem.nullable(),
  messageCount: z.number().int().nullable(),
  sizeBytes: z.number().nullable(),
  /** Of the whole package, in hexadecimal; it is on record, too. */
  sha256: z.string().nullable(),
  expiresAtMs: z.number().nullable(),
  /** Ready, and asked for by whoever looks. */
  mayDownload: z.boolean(),
});
export type EvidenceView = z.infer<typeof evidenceView>;

/** GET /api/evidence?cursor= : one's own requests and, for those who decide or audit, everybody's; newest first. */
export const evidenceListQuery = z.object({ cursor: z.string().max(100).optional() });
export const evidenceList = z.object({
  packages: z.array(evidenceView),
  nextCursor: z.string().nullable(),
  /** By which the signatures in packages are to be checked. */
  keyFingerprint: z.string(),
});
export type EvidenceList = z.infer<typeof evidenceList>;

/** GET /api/evidence/:id → EvidenceView; GET /api/evidence/:id/package → the zip */
export const evidenceParams = z.object({ id: z.string().min(1).max(64) });
