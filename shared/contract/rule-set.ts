import { z } from "zod";
import { approvalReason } from "./approval.ts";
import { ruleChangeKind, ruleDraft } from "./rule.ts";

/** Versions of the rule set: what was published when by whom, and what the working draft would change. */

/** "guarded": a rule that failed was switched off by the product. */
export const versionKind = z.enum(["starter", "published", "restored", "guarded"]);
export type VersionKind = z.infer<typeof versionKind>;

const ruleState = z.object({ definition: ruleDraft, isEnabled: z.boolean() });

/** One rule before and after; null where it is not there. */
export const ruleChange = z.object({
  id: z.string(),
  kind: ruleChangeKind,
  before: ruleState.nullable(),
  after: ruleState.nullable(),
});
export type RuleChange = z.infer<typeof ruleChange>;

/** GET /api/admin/rules/changes : the working draft against the version in force. */
export const ruleChanges = z.object({
  version: z.number().int(),
  /** Of the working draft as it is now; what is published or tried is named by it. */
  hash: z.string(),
  changes: z.array(ruleChange),
});
export type RuleChanges = z.infer<typeof ruleChanges>;

export const versionView = z.object({
  number: z.number().int(),
  hash: z.string(),
  kind: versionKind,
  /** Names; 「系统」 for the product itself. */
  requestedBy: z.string(),
  publishedBy: z.string(),
  restores: z.number().int().nullable(),
  publishedAtMs: z.number(),
  /** How many rules it has on. */
  enabledRules: z.number().int(),
});
export type VersionView = z.infer<typeof versionView>;

/** GET /api/admin/rules/versions?before= : newest first, 20 a page. */
export const versionListQuery = z.object({ before: z.coerce.number().int().min(1).optional() });
export const versionList = z.object({ versions: z.array(versionView), hasMore: z.boolean() });
export type VersionList = z.infer<typeof versionList>;

/** GET /api/admin/rules/versions/:number/changes → VersionChanges : against the version before it. */
export const versionParams = z.object({ number: z.coerce.number().int().min(1) });
export const versionChanges = z.object({ changes: z.array(ruleChange) });
export type VersionChanges = z.infer<typeof versionChanges>;

/** POST /api/admin/rules/proposals → 204 : asks for the working draft to be published; `hash` is the one looked at. */
export const proposalRequest = z.strictObject({ hash: z.string().max(64), reason: approvalReason });

/** GET /api/admin/rules/proposals/:base/:hash → RuleChanges : what a second person is asked to agree to. */
export const proposalParams = z.object({
  base: z.coerce.number().int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/u),
});

/** POST /api/admin/rules/versions/:number/restore → Restored */
export const restoreRequest = z.strictObject({ reason: approvalReason });
/** The new version's number; null when it waits for a second person. */
export const restored = z.object({ version: z.number().int().nullable() });
export type Restored = z.infer<typeof restored>;
