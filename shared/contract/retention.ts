import { z } from "zod";

/** What is kept for the same time. */
export const retentionClassId = z.enum([
  "single",
  "group",
  "internal",
  "case",
  "undecodable",
  "reading",
  "rule_scan",
]);
export type RetentionClassId = z.infer<typeof retentionClassId>;

/** "2026-11-23", a day in Asia/Shanghai. */
const day = z.string();

/** In characters. */
export const reasonLength = { min: 4, max: 200 } as const;
const reason = z
  .string()
  .trim()
  .min(reasonLength.min, `请至少用 ${reasonLength.min} 个字说明原因`)
  .max(reasonLength.max, `不超过 ${reasonLength.max} 个字`);

const retentionClass = z.object({
  id: retentionClassId,
  title: z.string(),
  /** What belongs to it. */
  scope: z.string(),
  days: z.number().int(),
  defaultDays: z.number().int(),
  minDays: z.number().int(),
  maxDays: z.number().int(),
  /** Why not shorter, with the source. */
  basis: z.string(),
});
export type RetentionClass = z.infer<typeof retentionClass>;

const policyVersion = z.object({
  /** 0 are the defaults that nobody has changed yet. */
  version: z.number().int(),
  days: z.record(retentionClassId, z.number().int()),
  reason: z.string(),
  changedBy: z.string(),
  changedAtMs: z.number(),
});
export type PolicyVersion = z.infer<typeof policyVersion>;

/** GET /api/admin/retention */
export const retentionView = z.object({
  version: z.number().int(),
  classes: z.array(retentionClass),
  /** Newest first, at most 20. */
  history: z.array(policyVersion),
  /** When the next nightly run begins. */
  nextRunAtMs: z.number(),
});
export type RetentionView = z.infer<typeof retentionView>;

const days = z.record(retentionClassId, z.number().int("天数是整数"));
export type RetentionDays = z.infer<typeof days>;

/** POST /api/admin/retention/preview */
export const previewRequest = z.strictObject({ days });
export const previewView = z.object({
  classes: z.array(
    z.object({
      id: retentionClassId,
      /** Of a class's things: messages, cases, items, records, scans. */
      destroyed: z.number().int(),
      /** Their time is over, and a hold keeps them. */
      held: z.number().int(),
      fromDay: day.nullable(),
      toDay: day.nullable(),
    }),
  ),
  /** There is more than could be counted in the time. */
  isPartial: z.boolean(),
});
export type PreviewView = z.infer<typeof previewView>;

/** POST /api/admin/retention/policy → RetentionView. 409 when `version` is not the newest any more. */
export const policyRequest = z.strictObject({ version: z.number().int(), days, reason });
export type PolicyRequest = z.infer<typeof policyRequest>;

/** What a hold keeps: all conversations of a person, one conversation, or that of a case. */
export const holdKind = z.enum(["person", "conversation", "case"]);

/** POST /api/admin/retention/holds → HoldView (201) */
export const holdRequest = z.strictObject({
  kind: holdKind,
  /** Of a member or customer, of a conversation as the archive names it, or of a case. */
  targetId: z.string().trim().min(1, "请填写").max(300),
  reason,
});
export type HoldRequest = z.infer<typeof holdRequest>;

export const holdView = z.object({
  id: z.string(),
  kind: holdKind,
  targetId: z.string(),
  /** Of a member; null when nobody knows it. */
  targetName: z.string().nullable(),
  reason: z.string(),
  placedBy: z.string(),
  placedAtMs: z.number(),
  releaseReason: z.string().nullable(),
  releasedBy: z.string().nullable(),
  releasedAtMs: z.number().nullable(),
});
export type HoldView = z.infer<typeof holdView>;

/** GET /api/admin/retention/holds : those in force, newest first, then the newest 50 that were released. */
export const holdList = z.object({ holds: z.array(holdView) });
export type HoldList = z.infer<typeof holdList>;

/** POST /api/admin/retention/holds/:id/release → HoldView */
export const holdParams = z.object({ id: z.string().min(1).max(64) });
export const releaseRequest = z.strictObject({ reason });

/** GET /api/admin/retention/runs : the newest 50; `runs.csv` has all of them. */
export const runView = z.object({
  id: z.string(),
  startedAtMs: z.number(),
  finishedAtMs: z.number().nullable(),
  /** "out_of_time": what was left is the next night's. */
  state: z.enum(["running", "done", "out_of_time"]),
  policyVersion: z.number().int(),
  keysDestroyed: z.number().int(),
  results: z.array(
    z.object({
      id: retentionClassId,
      title: z.string(),
      destroyed: z.number().int(),
      held: z.number().int(),
      fromDay: day.nullable(),
      toDay: day.nullable(),
    }),
  ),
});
export type RunView = z.infer<typeof runView>;
export const runList = z.object({ runs: z.array(runView) });
export type RunList = z.infer<typeof runList>;
