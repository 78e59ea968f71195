import { z } from "zod";
import { leavesOf } from "#shared/rules/condition";
import type { Condition } from "#shared/rules/condition";
import { valueKinds } from "#shared/rules/value-span";
import { variantSteps } from "../rules/variant-step.ts";

export const ruleLevel = z.enum(["notice", "caution", "forbidden"]);
export const speaker = z.enum(["member", "customer", "either"]);
/** How hard words are looked for: 关, 标准, 强. Absent in rules from before there was a choice: 标准. */
export const variantStrength = z.enum(["off", "standard", "strong"]);

/** 1 to 32 characters, as WeCom's own interception takes them. */
const phrase = z.string().trim().min(1, "不能为空").max(32, "不超过 32 个字");
const sentence = (max: number): z.ZodString => z.string().trim().max(max, `不超过 ${max} 个字`);

/** What has to come together in one message; the tree of `Condition` in shared/rules/condition.ts. */
export const condition: z.ZodType<Condition> = z.lazy(() =>
  z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("words"), words: z.array(phrase).max(2000).nullable() }),
    z.strictObject({
      kind: z.literal("value"),
      value: z.enum(valueKinds),
      allowedDomains: z.array(z.string().trim().min(1).max(253)).max(200).optional(),
    }),
    z.strictObject({ kind: z.literal("pattern"), pattern: z.string().min(1).max(300) }),
    z.strictObject({ kind: z.literal("all"), of: z.array(condition).min(1).max(20) }),
    z.strictObject({ kind: z.literal("any"), of: z.array(condition).min(1).max(20) }),
    z.strictObject({ kind: z.literal("not"), of: condition }),
    z.strictObject({
      kind: z.literal("near"),
      within: z.number().int().min(0).max(2000),
      isOrdered: z.boolean(),
      of: z.array(condition).min(2).max(5),
    }),
    z.strictObject({
      kind: z.literal("count"),
      atLeast: z.number().int().min(1).max(100),
      of: condition,
    }),
  ]),
);

const ruleFields = z.strictObject({
  title: sentence(40).min(1, "请填写规则名称"),
  category: sentence(20).min(1, "请填写分类"),
  level: ruleLevel,
  speaker,
  variants: variantStrength.optional(),
  words: z.array(phrase).max(2000, "不超过 2000 个词"),
  exceptions: z.array(phrase).max(1000, "不超过 1000 个例外"),
  /** Absent: any of the words is a hit. */
  condition: condition.optional(),
  clause: sentence(200).min(1, "请写明依据的法规或制度条款"),
  reason: sentence(200).min(1, "请写明为什么不能这样说"),
  suggestion: sentence(300).min(1, "请给出建议说法"),
  /** Checked on the server only; its words never reach a browser of a salesperson. */
  isConfidential: z.boolean(),
});

/** Something of its own to look for: words, or what a condition names besides the rule's words. */
function looksForSomething({ words, condition }: z.infer<typeof ruleFields>): boolean {
  const named = condition ? leavesOf(condition) : [];
  return words.length > 0 || named.some((leaf) => leaf.kind !== "words" || leaf.words !== null);
}

/** What an administrator writes. */
export const ruleDraft = ruleFields.refine(looksForSomething, {
  message: "至少填写一个词，或选择要识别的内容",
  path: ["words"],
});
export type RuleDraft = z.infer<typeof ruleDraft>;

export const ruleView = ruleFields.extend({
  id: z.string(),
  isEnabled: z.boolean(),
  revision: z.number().int(),
  /** A member's name; 「系统」 for a rule that came with the product. */
  updatedBy: z.string(),
  updatedAtMs: z.number(),
  /** Hits in the last seven days. */
  recentHits: z.number().int(),
});
export type RuleView = z.infer<typeof ruleView>;

/** GET /api/admin/rules */
export const ruleList = z.object({ version: z.number().int(), rules: z.array(ruleView) });
export type RuleList = z.infer<typeof ruleList>;

export const ruleId = z.object({ id: z.string().min(1).max(64) });

/** POST /api/admin/rules → RuleView (201). PUT /api/admin/rules/:id → RuleView; `revision` is the one that was edited. */
export const ruleUpdate = z.strictObject({ revision: z.number().int(), draft: ruleDraft });

/** POST /api/admin/rules/:id/switch → RuleView */
export const ruleSwitch = z.strictObject({ isEnabled: z.boolean() });

/** POST /api/admin/rules/trial : what the published rules (and the draft, when given) say of a sentence. */
export const trialRequest = z.strictObject({
  text: z.string().min(1, "请输入一句话").max(2000, "不超过 2000 个字"),
  speaker: z.enum(["member", "customer"]),
  /** Rules not saved yet are tried under the id "draft". */
  draft: ruleDraft.nullable(),
  /** The saved rule that `draft` would replace. */
  replacesRuleId: z.string().nullable(),
});
export type TrialRequest = z.infer<typeof trialRequest>;

const span = z.object({ start: z.number().int(), end: z.number().int(), word: z.string() });

export const findingView = z.object({
  ruleId: z.string(),
  ruleRevision: z.number().int(),
  title: z.string(),
  category: z.string(),
  level: ruleLevel,
  clause: z.string(),
  reason: z.string(),
  suggestion: z.string(),
  /** UTF-16 offsets in the text as written. Empty for a confidential rule shown to a salesperson. */
  spans: z.array(span),
});
export type FindingView = z.infer<typeof findingView>;

const foldStep = z.enum(["width", "case", "traditional", "invisible"]);
/** What was undone to see a word behind its disguise. */
const variantStep = z.enum(variantSteps);
const suppressedBy = z.enum(["exception", "speaker", "word_boundary"]);

export const trialView = z.object({
  /** The text as the rules compare it. */
  foldedText: z.string(),
  findings: z.array(
    findingView.extend({ foldSteps: z.array(foldStep), variantSteps: z.array(variantStep) }),
  ),
  /** Words that stand in the text and were not counted, with the reason. */
  suppressed: z.array(
    z.object({
      ruleId: z.string(),
      title: z.string(),
      span,
      by: suppressedBy,
      /** The exception phrase, when that was the reason. */
      exception: z.string().nullable(),
    }),
  ),
});
export type TrialView = z.infer<typeof trialView>;
