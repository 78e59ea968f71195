import { z } from "zod";
import { condition, findingView, hitPart, ruleLevel, speaker, variantStrength } from "./rule.ts";

/** A sentence of the company's policy on this chat, now. */
export const policyHint = z.object({
  id: z.string(),
  level: ruleLevel,
  title: z.string(),
  detail: z.string(),
  /** Where it is written. */
  clause: z.string(),
});
export type PolicyHint = z.infer<typeof policyHint>;

export const caseState = z.enum(["open", "handled", "false_alarm"]);

/** A hit of this conversation that the salesperson should know of. */
/** What a case is about. "removal": the speaker has deleted the other side, and there is no message. */
export const occasion = z.enum(["message", "removal"]);

export const warningView = z.object({
  caseId: z.string(),
  level: ruleLevel,
  speaker: z.enum(["member", "customer"]),
  occasion,
  /** The message's own words with the hits marked; the salesperson's own chat, so not masked. */
  quote: z.string(),
  findings: z.array(findingView),
  parts: z.array(hitPart),
  state: caseState,
  sentAtMs: z.number(),
});
export type WarningView = z.infer<typeof warningView>;

export const consent = z.enum(["agreed", "refused", "agreed_by_default", "unknown"]);

export const customerView = z.object({
  id: z.string(),
  name: z.string(),
  isWechat: z.boolean(),
  corpName: z.string().nullable(),
  avatarUrl: z.string().nullable(),
  /** As this salesperson noted them. */
  remark: z.string(),
  description: z.string(),
  tags: z.array(z.object({ group: z.string(), name: z.string() })),
  /** Masked: `138****1234`. */
  mobiles: z.array(z.string()),
  addedAtMs: z.number().nullable(),
  addWay: z.string(),
  /** Everybody of the company whom this customer has as a contact. */
  owners: z.array(z.object({ memberId: z.string(), name: z.string(), isMe: z.boolean() })),
  consent,
});
export type CustomerView = z.infer<typeof customerView>;

export const groupView = z.object({
  id: z.string(),
  name: z.string(),
  ownerName: z.string(),
  memberCount: z.number().int(),
  customerCount: z.number().int(),
  createdAtMs: z.number(),
});
export type GroupView = z.infer<typeof groupView>;

/** `customer` is answered from the last sync when WeCom is out of reach; then `isStale`. */
const common = {
  hints: z.array(policyHint),
  warnings: z.array(warningView),
  isStale: z.boolean(),
  syncedAtMs: z.number(),
};

export const customerParams = z.object({ customerId: z.string().min(1).max(64) });
export const groupParams = z.object({ chatId: z.string().min(1).max(64) });

/** GET /api/sidebar/customers/:customerId */
export const customerContext = z.object({ customer: customerView, ...common });
export type CustomerContext = z.infer<typeof customerContext>;

/** GET /api/sidebar/groups/:chatId */
export const groupContext = z.object({ group: groupView, ...common });
export type GroupContext = z.infer<typeof groupContext>;

/** What a salesperson's browser may have of a rule that is not confidential. */
export const sidebarRule = z.object({
  id: z.string(),
  title: z.string(),
  category: z.string(),
  level: ruleLevel,
  speaker,
  variants: variantStrength.optional(),
  condition: condition.optional(),
  words: z.array(z.string()),
  exceptions: z.array(z.string()),
  clause: z.string(),
  reason: z.string(),
  suggestion: z.string(),
  revision: z.number().int(),
  isConfidential: z.literal(false),
});

/** GET /api/sidebar/rules : the version in force, and the file of it that the draft box loads. */
export const sidebarRules = z.object({ version: z.number().int(), file: z.string() });
export type SidebarRules = z.infer<typeof sidebarRules>;

/**
 * GET /api/sidebar/rules/:file : the compiled rules as they are loaded (shared/rules/packed.ts). The name says the
 * content, so it is fetched once; `not_found` when other rules are in force by now.
 */
export const sidebarRulesParams = z.object({
  file: z.string().regex(/^\d{1,10}-\d{1,4}-[0-9a-f]{8}$/),
});

/** POST /api/sidebar/drafts/check : the second look, with the confidential rules, before a draft is sent. */
export const draftCheckRequest = z.strictObject({
  text: z.string().min(1).max(4000, "不超过 4000 个字"),
});
export const draftCheckView = z.object({
  /** The worst level found, `null` when the draft is harmless. */
  level: ruleLevel.nullable(),
  findings: z.array(findingView),
});
export type DraftCheckView = z.infer<typeof draftCheckView>;

/**
 * GET /api/sidebar/events?customerId= | chatId= : server-sent events.
 * `warning` (WarningView) a new one or one whose state changed; `rules` ({version}) fetch the rules again.
 */
export const eventsQuery = z.object({
  customerId: z.string().max(64).optional(),
  chatId: z.string().max(64).optional(),
});
export const rulesEvent = z.object({ version: z.number().int() });
