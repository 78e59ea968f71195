import { z } from "zod";

/** After so many days a key should be changed. */
export const KEY_MAX_AGE_DAYS = 365;

export const keyKinds = ["vault", "archive", "callback", "secret"] as const;

/** A key or secret by its name; the thing itself never leaves the server. */
export const keyView = z.object({
  /** `vault:<id>`, `archive:<version>`, `callback:<receiver>`, `secret:<which>` */
  id: z.string(),
  kind: z.enum(keyKinds),
  /** Of keys that come after each other; null where there is one at a time. */
  state: z.enum(["current", "retiring", "destroyed"]).nullable(),
  /** Since when it has been in use here. */
  sinceMs: z.number(),
  isOld: z.boolean(),
});
export type KeyView = z.infer<typeof keyView>;

/** GET /api/admin/keys */
export const keysView = z.object({
  /** Where the keys that wrap all others are kept. */
  vaultSource: z.enum(["file", "environment", "kms"]),
  keys: z.array(keyView),
});
export type KeysView = z.infer<typeof keysView>;
