/** The kinds of parts that a condition has, as people tell them apart. Pure. */
import type { Condition } from "#shared/rules/condition";

/** The rule's own words are a choice of their own on the page. */
export type NodeKind = Condition["kind"] | "own";

export function kindOf(node: Condition): NodeKind {
  return node.kind === "words" && node.words === null ? "own" : node.kind;
}
