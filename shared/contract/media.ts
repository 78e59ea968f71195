import { z } from "zod";

/** A file of a message, as far as it can be had. */
export const mediaView = z.object({
  id: z.string(),
  /** "none": from before files were kept. */
  state: z.enum(["waiting", "stored", "expired", "failed", "erased", "none"]),
  /** Why it is not there yet, or cannot be had; of a stored one that it is not what WeCom had announced. */
  problem: z
    .enum(["unreachable", "refused", "not_storable", "mismatch", "bad_id", "gave_up"])
    .nullable(),
  sizeBytes: z.number().nullable(),
});
export type MediaView = z.infer<typeof mediaView>;

/**
 * GET /api/manager/readings/:id/media/:mediaId : its bytes, also ranges of them. A picture, a voice (as WAV) or a video
 * to be shown; anything else, and everything with `download=yes`, to be saved.
 */
export const mediaParams = z.object({
  id: z.string().min(1).max(64),
  mediaId: z.string().regex(/^\d{1,16}-\d{1,5}$/),
});
export const mediaQuery = z.object({ download: z.literal("yes").optional() });
