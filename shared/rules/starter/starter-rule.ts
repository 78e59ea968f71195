import type { Condition } from "../condition.ts";
import type { Rule } from "../rule.ts";
import type { ValueKind } from "../value-span.ts";

/** A rule that a fresh company begins with, and the sentences that prove it. */
export interface StarterRule extends Rule {
  /** Natural sentences of the rule's speaker that must hit it (none for an act), and look-alikes that must not. */
  readonly examples: { readonly match: readonly string[]; readonly pass: readonly string[] };
}

/** Splits a list of phrases written with the Chinese enumeration comma; line breaks are free. */
export function phrases(text: string): string[] {
  return text
    .split(/[、\n]/u)
    .map((phrase) => phrase.trim())
    .filter((phrase) => phrase !== "");
}

/** For a rule that looks for values alone. */
export function anyOfValues(...values: readonly ValueKind[]): Condition {
  return { kind: "any", of: values.map((value) => ({ kind: "value", value })) };
}

/** Fills in what all starter rules have in common. */
export function starterRule(
  rule: Omit<StarterRule, "revision" | "isConfidential" | "words" | "exceptions"> & {
    readonly words: string;
    readonly exceptions: string;
  },
): StarterRule {
  return {
    ...rule,
    words: phrases(rule.words),
    exceptions: phrases(rule.exceptions),
    revision: 1,
    isConfidential: false,
  };
}
