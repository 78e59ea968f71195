/** Says whether a condition holds, and keeps what became of each of its parts for an explanation. Pure. */
import {
  childrenOf,
  type Condition,
  type ConditionLeaf,
  type Place,
  type WindowCondition,
} from "./condition.ts";
import { isFact, type FactCondition } from "./facts.ts";

/** A condition with what became of it: the same tree with true or false at each node. */
export interface ConditionTrace {
  readonly condition: Condition;
  readonly holds: boolean;
  /** The places that make it hold; none of a negation or a fact. */
  readonly places: readonly Place[];
  readonly of: readonly ConditionTrace[];
  /** Of a fact of which nothing is known: it counts against a hit. */
  readonly isUnknown?: true;
}

/** The messages of a window, joined. */
export interface WindowView {
  placesOf(leaf: number): readonly Place[];
  /** A place of the joined text as places in the messages. */
  split(place: Place): readonly Place[];
}

/** Where a condition is asked. */
export interface ConditionView {
  /** The places of a leaf by its number from the left. */
  placesOf(leaf: number): readonly Place[];
  /** `undefined`: nothing is known. */
  holdsFact?(fact: FactCondition): boolean | undefined;
  /** All that the window may show, the likeliest first; none: the present message alone. */
  windowsOf?(window: WindowCondition): readonly WindowView[];
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

/** One place of each list, each after the one before; of each list the first that ends soonest. */
function findSequence(lists: readonly (readonly Place[])[]): Place[] | undefined {
  const chain: Place[] = [];
  for (const places of lists) {
    const after = chain.at(-1)?.end ?? 0;
    let next: Place | undefined;
    for (const place of places) {
      if (place.start >= after && (next === undefined || place.end < next.end)) next = place;
    }
    if (next === undefined) return undefined;
    chain.push(next);
  }
  return chain;
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

/** What a group makes of its parts: the places by which it holds, or undefined. */
function judge(node: Condition, of: readonly ConditionTrace[]): readonly Place[] | undefined {
  const all = of.flatMap(({ places }) => places);
  const lists = of.map(({ places }) => places);
  switch (node.kind) {
    case "all":
      return of.every(({ holds }) => holds) ? all : undefined;
    case "any":
      return of.some(({ holds }) => holds) ? all : undefined;
    case "not":
      return of.some(({ holds }) => holds) ? undefined : [];
    case "near":
      return node.isOrdered ? findOrdered(lists, node.within) : findTogether(lists, node.within);
    case "sequence":
      return findSequence(lists);
    case "count":
      return countApart(all) >= node.atLeast ? all : undefined;
    case "words":
    case "value":
    case "pattern":
    case "window":
    case "scene":
    case "time":
    case "member":
    case "customer":
    case "content":
    case "recall":
    case "removal":
      return undefined;
  }
}

function splitTrace(trace: ConditionTrace, view: WindowView): ConditionTrace {
  return {
    ...trace,
    places: trace.places.flatMap((place) => view.split(place)),
    of: trace.of.map((part) => splitTrace(part, view)),
  };
}

/** Does the condition hold? */
export function evaluate(condition: Condition, view: ConditionView): ConditionTrace {
  let leaf = 0;
  let placesOf = (number: number): readonly Place[] => view.placesOf(number);

  const visitLeaf = (node: ConditionLeaf): ConditionTrace => {
    const places = placesOf(leaf++);
    return { condition: node, holds: places.length > 0, places, of: [] };
  };

  const visitFact = (node: FactCondition, isNegated: boolean): ConditionTrace => {
    const known = view.holdsFact?.(node);
    const base = { condition: node, places: [], of: [] };
    return known === undefined
      ? { ...base, holds: isNegated, isUnknown: true }
      : { ...base, holds: known };
  };

  /** With the places of all views in which it holds; else, to explain it, as the likeliest shows it. */
  const visitWindow = (node: WindowCondition, isNegated: boolean): ConditionTrace => {
    const first = leaf;
    const outside = placesOf;
    const shown = (view.windowsOf?.(node) ?? []).map((window) => {
      leaf = first;
      placesOf = (number) => window.placesOf(number);
      return splitTrace(visit(node.of, isNegated), window);
    });
    placesOf = outside;
    const holding = shown.filter(({ holds }) => holds);
    const part = holding[0] ?? shown[0] ?? visit(node.of, isNegated);
    const places = holding.length > 1 ? holding.flatMap((one) => one.places) : part.places;
    return { condition: node, holds: part.holds, places, of: [part] };
  };

  const visit = (node: Condition, isNegated: boolean): ConditionTrace => {
    if (node.kind === "words" || node.kind === "value" || node.kind === "pattern")
      return visitLeaf(node);
    if (isFact(node)) return visitFact(node, isNegated);
    if (node.kind === "window") return visitWindow(node, isNegated);
    const isTurned = node.kind === "not" ? !isNegated : isNegated;
    const of = childrenOf(node).map((child) => visit(child, isTurned));
    const places = judge(node, of);
    return { condition: node, holds: places !== undefined, places: places ?? [], of };
  };
  return visit(condition, false);
}
