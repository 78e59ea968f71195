import { z } from "zod";

/** The record of acts: who did what to which object when and why. It names people and holds no content. */

const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, "请选择日期")
  .optional();

const filterFields = {
  /** Whose acts: part of a name, or an id. */
  who: z.string().trim().max(64).optional(),
  /** One of `actObjects`: acts on objects of that kind. */
  object: z
    .string()
    .regex(/^[a-z_-]{1,32}$/)
    .optional(),
  /** The id of one object. */
  objectId: z.string().trim().max(300).optional(),
  /** Days of Asia/Shanghai, both included. */
  fromDay: day,
  toDay: day,
};
export const auditFilter = z.object(filterFields);
export type AuditFilter = z.infer<typeof auditFilter>;

export const auditEntry = z.object({
  /** In the ledger; grows with time. */
  position: z.number().int(),
  atMs: z.number(),
  /** 系统 when nobody did it. */
  actorName: z.string(),
  actorId: z.string(),
  /** In words. */
  act: z.string(),
  objectId: z.string(),
  /** What the person wrote as the reason; null where none is asked for, or it was destroyed. */
  why: z.string().nullable(),
  details: z.string(),
});
export type AuditEntry = z.infer<typeof auditEntry>;

/** GET /api/admin/audit : newest first, 50 a page; the same filter for GET /api/admin/audit.csv */
export const auditQuery = z.object({
  ...filterFields,
  cursor: z.coerce.number().int().min(0).optional(),
});
export const auditPage = z.object({
  entries: z.array(auditEntry),
  nextCursor: z.number().int().nullable(),
});
export type AuditPage = z.infer<typeof auditPage>;

/** So many lines one file holds; more are split by time. */
export const maxAuditLines = 50_000;

export const ledgerCheckView = z.object({
  startedAtMs: z.number(),
  /** Null while it runs. */
  finishedAtMs: z.number().nullable(),
  /** Percent. */
  progress: z.number().int(),
  /** How many places are not what was recorded. */
  broken: z.number().int(),
});

/** GET /api/admin/ledger ; POST /api/admin/ledger/check → the same, with a check under way */
export const ledgerView = z.object({
  size: z.number().int(),
  /** Base64. */
  root: z.string().nullable(),
  signedAtMs: z.number().nullable(),
  /** When people were given a head last. */
  publishedAtMs: z.number().nullable(),
  keyFingerprint: z.string(),
  check: ledgerCheckView.nullable(),
});
export type LedgerView = z.infer<typeof ledgerView>;
