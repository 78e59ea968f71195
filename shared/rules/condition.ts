/**
 * What has to come together in one message for a rule to hit: a typed tree over words, values and patterns.
 * Pure; finding the leaves is the scan's work. Distances are in UTF-16 units of the original text.
 */
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
  | { readonly kind: "count"; readonly atLeast: number; readonly of: Condition };

export type ConditionLeaf = Condition & { readonly kind: "words" | "value" | "pattern" };

export const conditionLimits = { nodes: 100, depth: 8 } as const;

export interface Place {
  readonly start: number;
  readonly end: number;
}

/** A condition with what became of it, for an explanation: the same tree with true or false at each node. */
export interface ConditionTrace {
  readonly condition: Condition;
  readonly holds: boolean;
  /** The places that make it hold; none of a negation. */
  readonly places: readonly Place[];
  readonly of: readonly ConditionTrace[];
}

function childrenOf(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case "all":
    case "any":
    case "near":
      return condition.of;
    case "not":
    case "count":
      return [condition.of];
    case "words":
    case "value":
    case "pattern":
      return [];
  }
}

/** The leaves, from left to right. */
export function leavesOf(condition: Condition): ConditionLeaf[] {
  switch (condition.kind) {
    case "words":
    case "value":
    case "pattern":
      return [condition];
    case "all":
    case "any":
    case "near":
    case "not":
    case "count":
      return childrenOf(condition).flatMap(leavesOf);
  }
}

function byStart(a: Place, b: Place): number {
  return a.start - b.start || a.end - b.end;
}

function countApart(places: readonly Place[]): number {
  let [count, end] = [0, 0];
  for (const place of [...places].sort((a, b) => a.end - b.end)) {
    if (place.start < end) continue;
    count++;
    end = place.end;
  }
  return count;
}

/** One place of each list in their order, after each other, as close as can be found from some first one. */
function findOrdered(lists: readonly (readonly Place[])[], within: number): Place[] | undefined {
  const sorted = lists.map((places) => [...places].sort(byStart));
  for (const first of sorted[0] ?? []) {
    const chain = [first];
    for (const places of sorted.slice(1)) {
      const next = places.find(({ start }) => start >= (chain.at(-1)?.end ?? 0));
      if (next === undefined) break;
      chain.push(next);
    }
    if (chain.length === lists.length && (chain.at(-1)?.start ?? 0) - first.end <= within)
      return chain;
  }
  return undefined;
}

/** One place of each list, in any order. */
function findTogether(lists: readonly (readonly Place[])[], within: number): Place[] | undefined {
  const all = lists.flatMap((places, list) => places.map((place) => ({ list, place })));
  all.sort((a, b) => byStart(a.place, b.place));
  const latest = new Map<number, Place>();
  for (const { list, place } of all) {
    latest.set(list, place);
    if (latest.size < lists.length) continue;
    const chosen = [...latest.values()].sort(byStart);
    if ((chosen.at(-1)?.start ?? 0) - (chosen[0]?.end ?? 0) <= within) return chosen;
  }
  return undefined;
}

/** Does the condition hold, where `placesOf` gives the places of a leaf by its number from the left? */
export function evaluate(
  condition: Condition,
  placesOf: (leaf: number) => readonly Place[],
): ConditionTrace {
  let leaf = 0;
  const visit = (node: Condition): ConditionTrace => {
    const of = childrenOf(node).map(visit);
    const all = of.flatMap(({ places }) => places);
    const trace = (holds: boolean, places: readonly Place[]): ConditionTrace => ({
      condition: node,
      holds,
      places: holds ? places : [],
      of,
    });
    switch (node.kind) {
      case "words":
      case "value":
      case "pattern": {
        const places = placesOf(leaf++);
        return trace(places.length > 0, places);
      }
      case "all":
        return trace(
          of.every(({ holds }) => holds),
          all,
        );
      case "any":
        return trace(
          of.some(({ holds }) => holds),
          all,
        );
      case "not":
        return trace(!of.some(({ holds }) => holds), []);
      case "near": {
        const lists = of.map(({ places }) => places);
        const found = (node.isOrdered ? findOrdered : findTogether)(lists, node.within);
        return trace(found !== undefined, found ?? []);
      }
      case "count":
        return trace(countApart(all) >= node.atLeast, all);
    }
  };
  return visit(condition);
}

function depthOf(condition: Condition): number {
  return 1 + Math.max(0, ...childrenOf(condition).map(depthOf));
}

function sizeOf(condition: Condition): number {
  return childrenOf(condition).reduce((sum, child) => sum + sizeOf(child), 1);
}

/** What is wrong with a condition, in a sentence for an error; undefined when nothing is. */
export function findConditionProblem(condition: Condition): string | undefined {
  if (sizeOf(condition) > conditionLimits.nodes) return "the condition has too many parts";
  if (depthOf(condition) > conditionLimits.depth) return "the condition is nested too deeply";
  if (hasEmptyGroup(condition)) return "a group of the condition is empty";
  if (evaluate(condition, () => []).holds) return "the condition holds for every text";
  return undefined;
}

function hasEmptyGroup(condition: Condition): boolean {
  const children = childrenOf(condition);
  const isGroup = condition.kind === "all" || condition.kind === "any" || condition.kind === "near";
  return (isGroup && children.length === 0) || children.some(hasEmptyGroup);
}
