import { z } from "zod";

/** Body of every answer outside 2xx. */
export const errorBody = z.object({
  code: z.string(),
  message: z.string(),
  /** Quote it to the administrator; it finds the line in the log. */
  requestId: z.string(),
  /** Field by field, in Chinese, when the input was wrong. */
  fields: z.record(z.string(), z.string()).optional(),
});
export type ErrorBody = z.infer<typeof errorBody>;
