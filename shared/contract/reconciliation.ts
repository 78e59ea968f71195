import { z } from "zod";

/** "2026-11-23", a day in Asia/Shanghai. */
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, "日期应写成 2026-11-23 的样子");

/** `pulled` is the sum of the others: every item that WeCom ever delivered is in one of the five. */
const counts = {
  pulled: z.number().int(),
  stored: z.number().int(),
  /** Came again. */
  duplicated: z.number().int(),
  /** Kept as received, cannot be opened yet. */
  undecodable: z.number().int(),
  /** Kept as received; an administrator waits for it no longer. */
  excluded: z.number().int(),
  /** Destroyed when its time was over. */
  expired: z.number().int(),
};

/** What lies in the tables, counted now, beside what the books say. */
const found = {
  storedFound: z.number().int(),
  undecodableFound: z.number().int(),
  excludedFound: z.number().int(),
  /** The sum is right, and the books say what lies in the tables. */
  holds: z.boolean(),
};

/** One day on which items came. */
export const reconciledDay = z.object({
  day,
  ...counts,
  ...found,
  /** The numbers that the cursor passed on the day; null when it passed none. */
  passed: z
    .object({
      firstSeq: z.number(),
      lastSeq: z.number(),
      /** Places where WeCom left numbers out, how many in all, and in the widest place. Normal. */
      gaps: z.number().int(),
      skipped: z.number().int(),
      widestGap: z.number().int(),
    })
    .nullable(),
});
export type ReconciledDay = z.infer<typeof reconciledDay>;

/** GET /api/admin/archive/reconciliation?from&to, both days included; default the newest seven, at most 93. */
export const reconciliationQuery = z.object({ from: day.optional(), to: day.optional() });
export const reconciliationView = z.object({
  /** The setting without which nothing is archived; null when it is there. */
  missing: z.string().nullable(),
  checkedAtMs: z.number(),
  /** Newest first; days on which nothing came are left out. */
  days: z.array(reconciledDay),
  cursor: z.object({
    /** The last number that was passed. */
    seq: z.number(),
    /** When WeCom answered last; null before the first time. */
    pulledAtMs: z.number().nullable(),
    /** How long the newest message took from being sent to being stored. */
    lagMs: z.number().nullable(),
  }),
  /** What has waited longest, and until when WeCom can be asked for it again. */
  oldestProblem: z
    .object({
      kind: z.enum(["not_pulled", "undecodable"]),
      sinceMs: z.number(),
      /** How many items; null when nobody can know. */
      count: z.number().int().nullable(),
      /** What is wrong, and what to do. */
      cause: z.string(),
      remedy: z.string(),
      forgottenAtMs: z.number(),
    })
    .nullable(),
  /** When administrators were told of what lasts; null when there was nothing to tell. */
  alarmedAtMs: z.number().nullable(),
});
export type ReconciliationView = z.infer<typeof reconciliationView>;

/** GET /api/admin/archive/reconciliation/days/:day */
export const dayParams = z.object({ day });
export const reconciledConversations = z.object({
  day,
  /** How many conversations there are in all. */
  total: z.number().int(),
  /** At most 100: what does not hold first, then what has undecodable items, then the busiest. */
  conversations: z.array(
    z.object({
      kind: z.enum(["single", "group", "internal", "unknown", "expired"]),
      /** Masked ids of those who talk, or of the group. */
      label: z.string(),
      ...counts,
      ...found,
    }),
  ),
});
export type ReconciledConversations = z.infer<typeof reconciledConversations>;

const seq = z
  .number("请填写序号")
  .int("序号是整数")
  .min(1, "序号从 1 开始")
  .max(Number.MAX_SAFE_INTEGER);

/** POST /api/admin/archive/repulls → RepullView (201). Both ends are included. */
export const repullRequest = z
  .strictObject({ fromSeq: seq, toSeq: seq })
  .refine(({ fromSeq, toSeq }) => fromSeq <= toSeq, {
    path: ["toSeq"],
    message: "结束序号不能小于开始序号",
  });
export type RepullRequest = z.infer<typeof repullRequest>;

export const repullView = z.object({
  id: z.string(),
  fromSeq: z.number(),
  toSeq: z.number(),
  /** Everything up to here has been asked for. */
  passedSeq: z.number(),
  state: z.enum(["waiting", "running", "done"]),
  pulled: z.number().int(),
  stored: z.number().int(),
  duplicated: z.number().int(),
  undecodable: z.number().int(),
  requestedAtMs: z.number(),
  finishedAtMs: z.number().nullable(),
  /** Why the last try stopped; null while it goes well. It is tried again by itself. */
  trouble: z.string().nullable(),
});
export type RepullView = z.infer<typeof repullView>;

/** GET /api/admin/archive/repulls : the newest 20. */
export const repullList = z.object({ repulls: z.array(repullView) });
export type RepullList = z.infer<typeof repullList>;

/** POST /api/admin/archive/undecodable/exclude → for how many nobody waits any more. */
export const excludeRequest = z.strictObject({
  seqs: z.array(z.number().int().min(1)).min(1).max(100),
});
export const excludeResult = z.object({ excluded: z.number().int() });
export type ExcludeResult = z.infer<typeof excludeResult>;
