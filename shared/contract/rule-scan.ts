import { z } from "zod";
import { findingView, hitPart, ruleLevel } from "./rule.ts";
import { proposalParams } from "./rule-set.ts";

/** History gone through with rules: trying a draft (试跑), and looking back with a published version (回溯). */
export const ruleScanKind = z.enum(["back_test", "look_back"]);
export type RuleScanKind = z.infer<typeof ruleScanKind>;

export const ruleScanState = z.enum(["running", "done", "cancelled", "failed"]);
export type RuleScanState = z.infer<typeof ruleScanState>;

export const ruleScanProblem = z.enum(["not_allowed", "directory_stale", "error"]);
export type RuleScanProblem = z.infer<typeof ruleScanProblem>;

export const sampleLabel = z.enum(["correct", "false_alarm"]);
export type SampleLabel = z.infer<typeof sampleLabel>;

/** Hits that only the draft has, that only the published version has, that both have. */
const overlap = z.object({
  added: z.number().int(),
  gone: z.number().int(),
  same: z.number().int(),
});
export type OverlapView = z.infer<typeof overlap>;

/** Cases a day for one manager: over all days of the range, and on the worst of them. */
const load = z.object({ perDay: z.number(), most: z.number().int() });

const sampleSummary = z.object({
  /** Of which hits it was drawn: those that only the draft has, or where there are none all of the draft's. */
  from: z.enum(["added", "all"]),
  population: z.number().int(),
  /** Those that are left: a destroyed message leaves. */
  size: z.number().int(),
  correct: z.number().int(),
  falseAlarm: z.number().int(),
  /** The share of correct ones with its 95 % interval (Wilson); null before the first label. */
  precision: z.object({ share: z.number(), low: z.number(), high: z.number() }).nullable(),
});
export type SampleSummary = z.infer<typeof sampleSummary>;

export const ruleScanResult = z.object({
  erased: z.number().int(),
  /** Messages that the engine could not go through. */
  failed: z.number().int(),
  /** Messages that hit, as published and with the draft. */
  messagesBefore: z.number().int(),
  messagesAfter: z.number().int(),
  hits: overlap,
  days: z.array(overlap.extend({ day: z.string() })),
  /** Only those whom the viewer may read; all others together. */
  people: z.array(overlap.extend({ id: z.string(), name: z.string() })),
  others: overlap.extend({ count: z.number().int() }).nullable(),
  rules: z.array(overlap.extend({ id: z.string(), title: z.string() })),
  /** The ones with the most hits. `word` is null for values, patterns and rare words. */
  words: z.array(overlap.extend({ ruleTitle: z.string(), word: z.string().nullable() })),
  managers: z.array(z.object({ id: z.string(), name: z.string(), before: load, after: load })),
  sample: sampleSummary.nullable(),
});
export type RuleScanResult = z.infer<typeof ruleScanResult>;

export const ruleScanView = z.object({
  id: z.string(),
  kind: ruleScanKind,
  state: ruleScanState,
  problem: ruleScanProblem.nullable(),
  /** The version that the draft was compared with, or that was looked back with. */
  version: z.number().int(),
  hash: z.string(),
  fromDay: z.string(),
  /** Inclusive. */
  toDay: z.string(),
  requestedByName: z.string(),
  isMine: z.boolean(),
  startedAtMs: z.number(),
  endedAtMs: z.number().nullable(),
  seen: z.number().int(),
  total: z.number().int(),
  /** The draft, or the version in force, is another by now. */
  isStale: z.boolean(),
  /** Of one that is done. */
  result: ruleScanResult.nullable(),
});
export type RuleScanView = z.infer<typeof ruleScanView>;

/** GET /api/admin/rule-scans/latest?kind= : the newest one, and whether the person may begin another. */
export const latestScanQuery = z.object({ kind: ruleScanKind });
export const latestScan = z.object({
  scan: ruleScanView.nullable(),
  /** How many people's chats the person may go through; 0: none at all. */
  reach: z.number().int(),
});
export type LatestScan = z.infer<typeof latestScan>;

/** GET /api/admin/rule-scans/proposals/:base/:hash : the newest trial of just that; null when it was never tried. */
export const scanOfProposalParams = proposalParams;
export const scanOfProposal = z.object({ scan: ruleScanView.nullable() });
export type ScanOfProposal = z.infer<typeof scanOfProposal>;

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/u, "请选择日期");

/** At most so many days at once. */
export const maxScanDays = 366;

/** POST /api/admin/rule-scans → RuleScanView : begins. Both days count. */
export const ruleScanRequest = z.strictObject({ kind: ruleScanKind, fromDay: day, toDay: day });
export type RuleScanRequest = z.infer<typeof ruleScanRequest>;

/** GET /api/admin/rule-scans/:id ; POST …/cancel */
export const ruleScanParams = z.object({ id: z.string().min(1).max(64) });

/** POST /api/admin/rule-scans/:id/sample : opens it, which is a reading of those chats. */
export const sampleRequest = z.strictObject({
  purpose: z.string().trim().min(4, "请写明用途，至少 4 个字").max(180, "不超过 180 个字"),
});
export const sampleItem = z.object({
  id: z.string(),
  ruleTitle: z.string(),
  level: ruleLevel.nullable(),
  label: sampleLabel.nullable(),
  speaker: z.enum(["member", "customer"]),
  memberName: z.string(),
  otherName: z.string(),
  sentAtMs: z.number(),
  quote: z.string(),
  findings: z.array(findingView.pick({ level: true, spans: true })),
  parts: z.array(hitPart),
});
export type SampleItem = z.infer<typeof sampleItem>;
export const sampleView = z.object({
  items: z.array(sampleItem),
  /** Not within the reader's reach. */
  hidden: z.number().int(),
});
export type SampleView = z.infer<typeof sampleView>;

/** POST /api/admin/rule-scans/:id/sample/:item/label → SampleSummary */
export const labelParams = z.object({
  id: z.string().min(1).max(64),
  item: z.string().min(1).max(64),
});
export const labelRequest = z.strictObject({ label: sampleLabel.nullable() });
export { sampleSummary };
