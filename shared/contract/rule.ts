import { z } from "zod";
import { conditionLimits, nodesOf } from "#shared/rules/condition";
import type { Condition } from "#shared/rules/condition";
import { nativeLimits } from "#shared/rules/native/native-rule";
import { contentKinds, scenes } from "#shared/rules/facts";
import { valueKinds } from "#shared/rules/value-span";
import { variantSteps } from "../rules/variant-step.ts";

export const ruleLevel = z.enum(["notice", "caution", "forbidden"]);
export const speaker = z.enum(["member", "customer", "either"]);
/** How hard words are looked for: 关, 标准, 强. Absent in rules from before there was a choice: 标准. */
export const variantStrength = z.enum(["off", "standard", "strong"]);

/** 1 to 32 characters, as WeCom's own interception takes them. */
const phrase = z.string().trim().min(1, "不能为空").max(32, "不超过 32 个字");
const sentence = (max: number): z.ZodString => z.string().trim().max(max, `不超过 ${max} 个字`);

const extension = z.string().regex(/^[a-z0-9]{1,10}$/i, "请填写扩展名，例如 xlsx");

/** What has to come together; the tree of `Condition` in shared/rules/condition.ts. */
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
    z.strictObject({ kind: z.literal("sequence"), of: z.array(condition).min(2).max(5) }),
    z.strictObject({
      kind: z.literal("window"),
      messages: z.number().int().min(2).max(conditionLimits.windowMessages),
      minutes: z.number().int().min(1).max(conditionLimits.windowMinutes),
      of: condition,
    }),
    z.strictObject({ kind: z.literal("scene"), anyOf: z.array(z.enum(scenes)).min(1) }),
    z.strictObject({ kind: z.literal("time"), isWorkingTime: z.boolean() }),
    z.strictObject({
      kind: z.literal("member"),
      departmentIds: z.array(z.number().int()).max(200),
      memberIds: z.array(z.string().min(1).max(64)).max(500),
    }),
    z.strictObject({ kind: z.literal("customer"), tags: z.array(phrase).min(1).max(100) }),
    z.strictObject({
      kind: z.literal("content"),
      anyOf: z.array(z.enum(contentKinds)).min(1),
      extensions: z.array(extension).max(50).optional(),
      atLeastBytes: z.number().int().min(1).optional(),
    }),
    z.strictObject({
      kind: z.literal("recall"),
      withinMinutes: z.number().int().min(1).max(conditionLimits.windowMinutes),
    }),
    z.strictObject({ kind: z.literal("removal") }),
  ]),
);

/** A rule that WeCom's own interception gets, too (下发到企业微信). Nobody named: everybody who can see the app. */
export const nativeSetting = z.strictObject({
  memberIds: z.array(z.string().min(1).max(64)).max(nativeLimits.range, "最多选 1000 名成员"),
  departmentIds: z.array(z.number().int().min(1)).max(nativeLimits.range, "最多选 1000 个部门"),
  tellsConfidential: z.boolean(),
});

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
  /** Absent: not handed to WeCom. */
  native: nativeSetting.optional(),
});

/** Something of its own to look for: words, or what a condition names besides the rule's words. */
function looksForSomething({ words, condition }: z.infer<typeof ruleFields>): boolean {
  const named = condition ? nodesOf(condition).filter(({ kind }) => looking.has(kind)) : [];
  return words.length > 0 || named.some((part) => part.kind !== "words" || part.words !== null);
}
const looking = new Set(["words", "value", "pattern", "content", "recall", "removal"]);

/** What an administrator writes. */
export const ruleDraft = ruleFields.refine(looksForSomething, {
  message: "至少填写一个词，或选择要识别的内容",
  path: ["words"],
});
export type RuleDraft = z.infer<typeof ruleDraft>;

/** How a rule of the working draft differs from the published one; "changed" says nothing of its switch. */
export const ruleChangeKind = z.enum(["new", "changed", "removed", "switched"]);
export type RuleChangeKind = z.infer<typeof ruleChangeKind>;

/** A rule of the working draft; one that was removed from it as it was published. */
export const ruleView = ruleFields.extend({
  id: z.string(),
  isEnabled: z.boolean(),
  revision: z.number().int(),
  /** A member's name; 「系统」 for a rule that came with the product. */
  updatedBy: z.string(),
  updatedAtMs: z.number(),
  /** Hits in the last seven days. */
  recentHits: z.number().int(),
  /** Null: as published. */
  change: ruleChangeKind.nullable(),
});
export type RuleView = z.infer<typeof ruleView>;

/** GET /api/admin/rules : the working draft; `version` is the one in force. */
export const ruleList = z.object({ version: z.number().int(), rules: z.array(ruleView) });
export type RuleList = z.infer<typeof ruleList>;

export const ruleId = z.object({ id: z.string().min(1).max(64) });

/** POST /api/admin/rules → RuleView (201). PUT /api/admin/rules/:id → RuleView; `revision` is the one that was edited. */
export const ruleUpdate = z.strictObject({ revision: z.number().int(), draft: ruleDraft });

/**
 * DELETE /api/admin/rules/:id → RuleList : out of the working draft.
 * POST /api/admin/rules/:id/revert → RuleList : as published again; a new rule goes.
 * POST /api/admin/rules/revert → RuleList : the same with all.
 * POST /api/admin/rules/:id/switch → RuleView
 */
export const ruleSwitch = z.strictObject({ isEnabled: z.boolean() });

/** POST /api/admin/rules/trial : what the working draft (and a rule not saved yet, when given) says of a sentence. */
export const trialRequest = z.strictObject({
  text: z.string().min(1, "请输入一句话").max(2000, "不超过 2000 个字"),
  /** What the same person said just before, a message each. */
  before: z.array(z.string().max(2000)).max(conditionLimits.windowMessages).optional(),
  speaker: z.enum(["member", "customer"]),
  /** Where it is said; absent: that is not known. */
  scene: z.enum(scenes).optional(),
  /** Rules not saved yet are tried under the id "draft". */
  draft: ruleDraft.nullable(),
  /** The saved rule that `draft` would replace. */
  replacesRuleId: z.string().nullable(),
});
export type TrialRequest = z.infer<typeof trialRequest>;

const span = z.object({ start: z.number().int(), end: z.number().int(), word: z.string() });

const foldStep = z.enum(["width", "case", "traditional", "invisible"]);
/** What was undone to see a word behind its disguise. */
const variantStep = z.enum(variantSteps);
const suppressedBy = z.enum(["exception", "speaker", "word_boundary"]);

/** One part of a condition and what became of it; parts follow the one that holds them. */
const tracedPart = z.object({
  depth: z.number().int(),
  condition,
  holds: z.boolean(),
  /** Of a fact that a trial does not tell. */
  isUnknown: z.boolean(),
  /** As written; `message` counts those of `before` from 0, null is the sentence itself. */
  found: z.array(z.object({ message: z.number().int().nullable(), quote: z.string() })),
});
export type TracedPart = z.infer<typeof tracedPart>;

/** How a hit came about. */
export const findingExplanation = z.object({
  foldSteps: z.array(foldStep),
  variantSteps: z.array(variantStep),
  /** How the rule's condition came out; empty when it has none. */
  trace: z.array(tracedPart),
  /** What is shown of the text, as the rules compare it. */
  folded: z.string(),
  /** Words of the rule that stand there and do not count. */
  suppressed: z.array(
    z.object({
      word: z.string(),
      by: suppressedBy,
      /** The exception phrase, when that was the reason. */
      exception: z.string().nullable(),
    }),
  ),
  /** Exceptions that hold a word that was found, and were not said. */
  exceptions: z.array(z.string()),
});
export type FindingExplanation = z.infer<typeof findingExplanation>;

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
  /** Its parts in other messages of the speaker, when the rule looks beyond one; `message` is the archive's seq. */
  elsewhere: z.array(span.extend({ message: z.number().int() })).optional(),
  /** Found only when history was gone through again (回溯). */
  isLookBack: z.boolean().optional(),
  /** Absent where nobody asks for it, and for hits from before it was kept. */
  explanation: findingExplanation.optional(),
});
export type FindingView = z.infer<typeof findingView>;

/** Another message of the same speaker in which a part of a hit stands. */
export const hitPart = z.object({
  /** As short and as masked as the case's own quote. */
  quote: z.string(),
  marks: z.array(findingView.pick({ level: true, spans: true })),
  sentAtMs: z.number(),
});
export type HitPart = z.infer<typeof hitPart>;

export const trialView = z.object({
  /** The text as the rules compare it. */
  foldedText: z.string(),
  findings: z.array(findingView.required({ explanation: true })),
  /** Rules of which something was found and whose condition does not hold. */
  unmet: z.array(z.object({ ruleId: z.string(), title: z.string(), trace: z.array(tracedPart) })),
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
