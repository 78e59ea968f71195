import { z } from "zod";
import { ruleLevel } from "./rule.ts";

/**
 * What reviewers decided of the hits, as precision by rule and by word, and what follows from it (规则效果). Only what a
 * rule finds as it is worded now counts: decisions on an earlier wording say nothing of it.
 */

/** A share with the bounds between which it lies in 95 of 100 cases. */
export const shareEstimate = z.object({ value: z.number(), low: z.number(), high: z.number() });

/** With fewer decisions nothing is said of a rule or a word. */
export const fewestDecided = 10;

export const feedbackDays = [30, 90, 180, 365] as const;
const period = z.union(feedbackDays.map((days) => z.literal(days)));

const tally = z.object({
  /** Cases that the reviewers handled, and those which they called false alarms. */
  handled: z.number().int(),
  falseAlarms: z.number().int(),
  /** Null: nothing was decided. */
  precision: shareEstimate.nullable(),
  /** Too few decisions to say anything. */
  isFew: z.boolean(),
});
export type DecisionTally = z.infer<typeof tally>;

/** What could be changed in the working draft. */
export const suggestedChange = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("exception"), word: z.string(), phrase: z.string() }),
  z.object({ kind: z.literal("raise"), from: ruleLevel, to: ruleLevel }),
  z.object({ kind: z.literal("lower"), from: ruleLevel, to: ruleLevel }),
  z.object({ kind: z.literal("remove_word"), word: z.string() }),
  z.object({ kind: z.literal("retire"), because: z.enum(["never_hits", "mostly_false"]) }),
]);
export type SuggestedChange = z.infer<typeof suggestedChange>;

export const suggestionView = z.object({
  id: z.string(),
  change: suggestedChange,
  /** The decisions behind it, whoever's they are. */
  handled: z.number().int(),
  falseAlarms: z.number().int(),
  /** Of them those that the reader may open, newest first, a few. */
  cases: z.array(
    z.object({
      id: z.string(),
      decision: z.enum(["handled", "false_alarm"]),
      sentAtMs: z.number(),
    }),
  ),
  /** How many of them the reader may not open. */
  beyondReach: z.number().int(),
});
export type SuggestionView = z.infer<typeof suggestionView>;

export const ruleEffect = tally.extend({
  ruleId: z.string(),
  title: z.string(),
  category: z.string(),
  level: ruleLevel,
  isConfidential: z.boolean(),
  hits: z.number().int(),
  /** Decided under an earlier wording; not counted. */
  earlier: z.number().int(),
  words: z.array(tally.extend({ word: z.string() })),
  suggestions: z.array(suggestionView),
});
export type RuleEffect = z.infer<typeof ruleEffect>;

export const suggestionOutcome = z.enum(["accepted", "dismissed"]);

/** What somebody made of a suggestion. */
export const decidedSuggestion = z.object({
  id: z.string(),
  title: z.string(),
  change: suggestedChange,
  outcome: suggestionOutcome,
  /** Of a dismissal. */
  reason: z.string(),
  decidedBy: z.string(),
  decidedAtMs: z.number(),
});
export type DecidedSuggestion = z.infer<typeof decidedSuggestion>;

/** GET /api/admin/rules/effects?days= : the rules in force, those with suggestions first. */
export const effectsQuery = z.object({ days: z.coerce.number().pipe(period).default(90) });
export const ruleEffects = z.object({
  version: z.number().int(),
  sinceMs: z.number(),
  /** Cases decided in that time; only so many, the newest, are looked at. */
  decided: z.number().int(),
  isCut: z.boolean(),
  rules: z.array(ruleEffect),
  /** Newest first. */
  past: z.array(decidedSuggestion),
});
export type RuleEffects = z.infer<typeof ruleEffects>;

/** POST /api/admin/rules/effects/accept → RuleEffects : changes the working draft, no more. */
const suggestionId = z.string().regex(/^[0-9a-f]{64}$/u);
export const suggestionAccept = z.strictObject({ id: suggestionId, days: period });

/** POST /api/admin/rules/effects/dismiss → RuleEffects : it does not come again for this wording. */
export const suggestionDismiss = suggestionAccept.extend({
  reason: z.string().trim().min(2, "请写明理由，至少 2 个字").max(200, "不超过 200 个字"),
});
