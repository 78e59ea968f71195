/** Brings together what was found of a rule's condition in one text. */
import type { CompiledParts } from "./compiled-rules.ts";
import { evaluate, leavesOf, type ConditionTrace, type Place } from "./condition.ts";
import { foldText, originalRange, type FoldedText } from "./fold.ts";
import type { Rule } from "./rule.ts";

/** A word, value or pattern found; `leaf` as in `CompiledParts.leafOfWord`. */
export interface FoundLeaf extends Place {
  readonly leaf: number;
}

/** Exceptions excuse values and patterns as they do words: what lies wholly inside one does not count. */
function isInException(place: Place, rule: Rule, folded: FoldedText): boolean {
  return rule.exceptions.some((exception) => {
    const form = foldText(exception).text;
    if (form === "") return false;
    for (let at = folded.text.indexOf(form); at >= 0; at = folded.text.indexOf(form, at + 1)) {
      const { start, end } = originalRange(folded, at, at + form.length);
      if (start <= place.start && place.end <= end) return true;
    }
    return false;
  });
}

/** `words` are the rule's words that count; undefined for a rule without a condition. */
export function traceCondition(
  parts: CompiledParts,
  index: number,
  { text, words }: { text: string; words: readonly FoundLeaf[] },
): ConditionTrace | undefined {
  const rule = parts.rules[index];
  if (rule?.condition === undefined) return undefined;
  const leaves = leavesOf(rule.condition);
  const finders = parts.watchful.find((one) => one.rule === index)?.leaves ?? [];
  const folded = foldText(text);
  return evaluate(rule.condition, (number) => {
    const leaf = leaves[number];
    if (leaf?.kind === "words") {
      const wanted = leaf.words === null ? 0 : 1 + number;
      return words.filter((word) => word.leaf === wanted);
    }
    const places = finders.find((finder) => finder.leaf === number)?.find(text) ?? [];
    return places.filter((place) => !isInException(place, rule, folded));
  });
}
