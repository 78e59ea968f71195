/** Which rules look beyond one message, and how far. */
import { asksForRemoval, nodesOf } from "./condition.ts";
import { isFact, type FactCondition } from "./facts.ts";
import type { Rule } from "./rule.ts";
import { splitWindow, type WindowSize } from "./window.ts";

export interface RuleReach {
  /** Rules that say themselves in which window. */
  readonly windowed: ReadonlySet<number>;
  /** Rules whose words and values may be split over messages. */
  readonly split: ReadonlySet<number>;
  /** As far as any of them looks; undefined when none looks beyond one message. */
  readonly widest: WindowSize | undefined;
  /** The kinds of facts that any of them asks for; of a message none has to ask whether it is a removal. */
  readonly facts: ReadonlySet<FactCondition["kind"]>;
  /** Rules that a removal may hit. */
  readonly removals: ReadonlySet<number>;
}

/**
 * A simple rule that is looked for strongly finds its words and values also when they are split over messages; one
 * whose condition says more finds them so where it asks for a window.
 */
function isLookedForSplit({ variants, condition }: Rule): boolean {
  if (variants !== "strong") return false;
  if (condition === undefined) return true;
  return (
    condition.kind === "any" &&
    condition.of.every(({ kind }) => kind === "words" || kind === "value" || kind === "pattern")
  );
}

export function reachOf(rules: readonly Rule[]): RuleReach {
  const windowed = new Set<number>();
  const split = new Set<number>();
  const sizes: WindowSize[] = [];
  const facts = new Set<FactCondition["kind"]>();
  const removals = new Set<number>();
  for (const [index, rule] of rules.entries()) {
    const nodes = rule.condition === undefined ? [] : nodesOf(rule.condition);
    const windows = nodes.filter((node) => node.kind === "window");
    if (windows.length > 0) windowed.add(index);
    if (isLookedForSplit(rule)) split.add(index);
    sizes.push(...windows);
    if (asksForRemoval(rule.condition)) removals.add(index);
    for (const { kind } of nodes.filter(isFact)) if (kind !== "removal") facts.add(kind);
  }
  if (split.size > 0) sizes.push(splitWindow);
  const widest = sizes.length === 0 ? undefined : widestOf(sizes);
  return { windowed, split, widest, facts, removals };
}

function widestOf(sizes: readonly WindowSize[]): WindowSize {
  return {
    messages: Math.max(...sizes.map(({ messages }) => messages)),
    minutes: Math.max(...sizes.map(({ minutes }) => minutes)),
  };
}
