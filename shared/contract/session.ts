import { z } from "zod";
import { permission, role } from "./access.ts";

/** GET /api/session */
export const sessionView = z.object({
  memberId: z.string(),
  name: z.string(),
  roles: z.array(role),
  /** Over whomever: what the pages offer. */
  permissions: z.array(permission),
});
export type SessionView = z.infer<typeof sessionView>;

/** GET /api/jssdk/signatures?url= : for the page at `url`, without its fragment. */
export const signaturesQuery = z.object({ url: z.url().max(2048) });

const signature = z.object({
  timestamp: z.number().int(),
  nonceStr: z.string(),
  signature: z.string(),
});
export const signaturesView = z.object({
  corpId: z.string(),
  agentId: z.number().int(),
  config: signature,
  agentConfig: signature,
});
export type SignaturesView = z.infer<typeof signaturesView>;
