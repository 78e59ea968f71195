import { z } from "zod";

/** One line of the health page. */
export const healthLine = z.object({
  id: z.string(),
  title: z.string(),
  status: z.enum(["ok", "attention", "broken"]),
  /** What is so. */
  detail: z.string(),
  /** What to do, when not ok. */
  remedy: z.string().nullable(),
});

/** GET /api/admin/health */
export const healthView = z.object({ checkedAtMs: z.number(), lines: z.array(healthLine) });
export type HealthView = z.infer<typeof healthView>;

/** GET /api/admin/jobs/dead */
export const deadJobList = z.object({
  jobs: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      attempts: z.number().int(),
      lastError: z.string(),
      createdAtMs: z.number(),
      finishedAtMs: z.number(),
    }),
  ),
});
export type DeadJobList = z.infer<typeof deadJobList>;
/** POST /api/admin/jobs/:id/retry → 204 */
export const jobParams = z.object({ id: z.string().min(1).max(64) });

/** GET /api/admin/archive/undecodable */
export const undecodableReason = z.enum([
  "unknown_key_version",
  "bad_random_key",
  "bad_ciphertext",
  "invalid_json",
  "host_crashed",
]);
export const undecodableList = z.object({
  /** How many wait in all. */
  total: z.number().int(),
  /** The newest 100. */
  items: z.array(
    z.object({
      seq: z.number(),
      keyVersion: z.number().int(),
      reason: undecodableReason,
      attempts: z.number().int(),
      receivedAtMs: z.number(),
    }),
  ),
});
export type UndecodableList = z.infer<typeof undecodableList>;

/** POST /api/admin/archive/undecodable/retry → what one more try gave. */
export const retryResult = z.object({ resolved: z.number().int(), remaining: z.number().int() });
export type RetryResult = z.infer<typeof retryResult>;

/** GET /api/admin/archive/lost-media : files of the last week that could not be had; WeCom keeps none for longer. */
export const lostMediaList = z.object({
  total: z.number().int(),
  /** The newest 100. */
  items: z.array(
    z.object({
      id: z.string(),
      seq: z.number(),
      reason: z.enum(["expired", "bad_id", "gave_up"]),
      receivedAtMs: z.number(),
    }),
  ),
});
export type LostMediaList = z.infer<typeof lostMediaList>;

/** POST /api/admin/archive/lost-media/fetch → how many are being fetched again. */
export const fetchAgainResult = z.object({ queued: z.number().int() });
export type FetchAgainResult = z.infer<typeof fetchAgainResult>;
