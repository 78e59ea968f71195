/**
 * What has to come together for a rule to hit: a typed tree over words, values and patterns of a message, over a
 * window of one speaker's messages, and over facts about the message. Pure; evaluate.ts says what becomes of one.
 * Distances are in UTF-16 units of the original text.
 */
import type { FactCondition } from "./facts.ts";
import type { ValueKind } from "./value-span.ts";

export type Condition =
  /** Any of these words; `null`: the rule's own. */
  | { readonly kind: "words"; readonly words: readonly string[] | null }
  /** A value of a kind; links to the allowed domains do not count. */
  | {
      readonly kind: "value";
      readonly value: ValueKind;
      readonly allowedDomains?: readonly string[] | undefined;
    }
  | { readonly kind: "pattern"; readonly pattern: string }
  /** AND, OR. */
  | { readonly kind: "all" | "any"; readonly of: readonly Condition[] }
  | { readonly kind: "not"; readonly of: Condition }
  /** NEAR: one place of each, at most so many units from the end of the first to the start of the last. */
  | {
      readonly kind: "near";
      readonly within: number;
      readonly isOrdered: boolean;
      readonly of: readonly Condition[];
    }
  /** So many places that do not overlap. */
  | { readonly kind: "count"; readonly atLeast: number; readonly of: Condition }
  /** One place of each, one after the other, however far apart. */
  | { readonly kind: "sequence"; readonly of: readonly Condition[] }
  | WindowCondition
  | FactCondition;

/**
 * The same over at most so many messages, the present one included, that one speaker sent in one conversation
 * within so many minutes. A word or a value may be split over them.
 */
export interface WindowCondition {
  readonly kind: "window";
  readonly messages: number;
  readonly minutes: number;
  readonly of: Condition;
}

export type ConditionLeaf = Condition & { readonly kind: "words" | "value" | "pattern" };

export const conditionLimits = {
  nodes: 100,
  depth: 8,
  windowMessages: 20,
  windowMinutes: 1440,
} as const;

export interface Place {
  readonly start: number;
  readonly end: number;
  /** Of a word, as the rule spells it. */
  readonly word?: string | undefined;
  /** The message where it stands, when that is another one than the present. */
  readonly message?: number | undefined;
}

export function childrenOf(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case "all":
    case "any":
    case "near":
    case "sequence":
      return condition.of;
    case "not":
    case "count":
    case "window":
      return [condition.of];
    case "words":
    case "value":
    case "pattern":
    case "scene":
    case "time":
    case "member":
    case "customer":
    case "content":
    case "recall":
    case "removal":
      return [];
  }
}

export function isLeaf(condition: Condition): condition is ConditionLeaf {
  return condition.kind === "words" || condition.kind === "value" || condition.kind === "pattern";
}

/** The leaves that are found in a text, from left to right. */
export function leavesOf(condition: Condition): ConditionLeaf[] {
  return isLeaf(condition) ? [condition] : childrenOf(condition).flatMap(leavesOf);
}

/** Does it ask whether one side has deleted the other? Then an act may hit, too, and not only a message. */
export function asksForRemoval(condition: Condition | undefined): boolean {
  return condition !== undefined && nodesOf(condition).some(({ kind }) => kind === "removal");
}

/** The condition and all that it holds. */
export function nodesOf(condition: Condition): Condition[] {
  return [condition, ...childrenOf(condition).flatMap(nodesOf)];
}
