/**
 * What a rule is. The rule engine in this folder is pure TypeScript without dependencies: the same code
 * runs at ingest, in the browser's draft box and in tests, so that all of them agree on every sentence.
 */

import type { Condition } from "./condition.ts";

/** How grave a hit is, mildest first: 提示, 注意, 禁止. */
export const ruleLevels = ["notice", "caution", "forbidden"] as const;
export type RuleLevel = (typeof ruleLevels)[number];

/** Who said a sentence. */
export type MessageSpeaker = "member" | "customer";

/** Whose sentences a rule looks at. */
export type Speaker = MessageSpeaker | "either";

/**
 * How hard a rule's words are looked for (变体强度). "off" 关: as written but for width, case, traditional
 * characters and invisible ones. "standard" 标准: also letters and digits in disguise, marks, fillers between
 * characters, repeats and split characters. "strong" 强: also homophones, pinyin, initials and slang.
 */
export const variantStrengths = ["off", "standard", "strong"] as const;
export type VariantStrength = (typeof variantStrengths)[number];

/** What a rule without a setting is looked for with. */
export const defaultStrength: VariantStrength = "standard";

/** Sizes within which compiling and scanning stay bounded; an editor should refuse more with a sentence. */
export const ruleLimits = {
  /** Words of all compiled rules together. */
  words: 100_000,
  /** Exception phrases of one rule. */
  exceptions: 1_000,
  /** UTF-16 units of one word or exception phrase after folding. */
  wordUnits: 100,
} as const;

/** One rule: words that must not (or should not) be said, by whom, and why. All texts are for people. */
export interface Rule {
  /** Stable for the life of the rule, e.g. `fin.guarantee`. */
  readonly id: string;
  readonly title: string;
  /** The group it is listed under. */
  readonly category: string;
  readonly level: RuleLevel;
  readonly speaker: Speaker;
  /** Words and phrases; any spelling, the engine folds them. One that folds to nothing never matches. */
  readonly words: readonly string[];
  /** Absent in rules from before there was a choice: {@link defaultStrength}. */
  readonly variants?: VariantStrength | undefined;
  /** Phrases that excuse a word: a match wholly inside one of them does not count. */
  readonly exceptions: readonly string[];
  /** What has to come together in one message. Absent: any of the words is a hit. */
  readonly condition?: Condition | undefined;
  /** The law's article or the handbook's clause that the rule enforces. */
  readonly clause: string;
  /** One sentence on why. */
  readonly reason: string;
  /** A better wording that may be said instead. */
  readonly suggestion: string;
  /** Grows by one with each change, so that an old hit still names what it was judged by. */
  readonly revision: number;
  /** A confidential rule is checked on the server alone and never sent to a browser. */
  readonly isConfidential: boolean;
}

/** True when a rule for `ruleSpeaker` looks at what `speaker` said. */
export function concernsSpeaker(ruleSpeaker: Speaker, speaker: MessageSpeaker): boolean {
  return ruleSpeaker === "either" || ruleSpeaker === speaker;
}
