/** What of a rule WeCom does not cover, in sentences. Pure. */
import type { CoverageGapView } from "#shared/contract/interception";
import { explanationText } from "../../explanation/messages.ts";
import { text } from "./messages.ts";

/** So many are named; the rest is a number. */
const named = 6;

export function sayWords(words: readonly string[]): string {
  const some = words.slice(0, named).map((word) => `「${word}」`);
  return words.length > named ? text.moreWords(some.join(""), words.length) : some.join("");
}

function sayPart(part: string): string {
  return part in text.parts ? text.parts[part as keyof typeof text.parts] : text.parts.other;
}

export function sayGap(gap: CoverageGapView): string {
  switch (gap.kind) {
    case "customer":
    case "confidential":
    case "customer_side":
    case "confidential_told":
      return text.gap[gap.kind];
    case "condition":
      return text.gap.condition([...new Set(gap.parts.map(sayPart))].join("、"));
    case "values":
      return text.gap.values(gap.values.map((kind) => explanationText.valueNames[kind]).join("、"));
    case "exceptions":
    case "too_long":
    case "wider":
      return text.gap[gap.kind](sayWords(gap.words));
    case "placeholder":
      return text.gap.placeholder(gap.words.join("、"));
    case "no_room":
      return text.gap.no_room(gap.words);
    case "variants":
      return text.gap.variants[gap.strength];
  }
}

/** WeCom's code in words. */
export function sayErrcode(code: number): string {
  return text.errcode[code] ?? text.otherErrcode(code);
}

/** Names of whom a rule concerns. */
export function sayRange({
  departments,
  members,
}: {
  departments: readonly string[];
  members: readonly string[];
}): string {
  const all = [...departments, ...members];
  if (all.length === 0) return text.report.everybody;
  return text.report.range(all.slice(0, named).join("、"), all.length, named);
}
