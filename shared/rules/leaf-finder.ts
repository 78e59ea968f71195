/** Finds the leaves of conditions that are no words: values and patterns. */
import type { ConditionLeaf, Place } from "./condition.ts";
import { foldText, originalRange } from "./fold.ts";
import { compilePattern, findPattern } from "./pattern.ts";
import type { ValueSpan } from "./value-span.ts";
import { findValues } from "./values.ts";

/** The places in a text as written. */
export type LeafFinder = (text: string) => readonly Place[];

/** Most places of one leaf in one text. */
const mostPlaces = 100;
/** The answer of nearly every text, which costs no memory. */
const none: readonly Place[] = [];

function placeOf({ start, end }: ValueSpan): Place {
  return { start, end };
}

/** `undefined` for words, which the layers find. Throws a `PatternError` for a pattern that cannot be used. */
export function createLeafFinder(leaf: ConditionLeaf): LeafFinder | undefined {
  if (leaf.kind === "words") return undefined;
  if (leaf.kind === "value") {
    const { value, allowedDomains } = leaf;
    return (text) => {
      const found = findValues(value, text, { allowedDomains });
      return found.length === 0 ? none : found.slice(0, mostPlaces).map(placeOf);
    };
  }
  const pattern = compilePattern(leaf.pattern);
  return (text) => {
    const folded = foldText(text);
    return findPattern(pattern, folded.text, mostPlaces).map(({ start, end }) =>
      originalRange(folded, start, end),
    );
  };
}
