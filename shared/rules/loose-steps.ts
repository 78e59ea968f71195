/** Tells what was undone to see a word behind its disguise. */
import { foldText } from "./fold.ts";
import { firstLooseUnit, looseKind, looseUnits } from "./loose-units.ts";
import type { LooseText } from "./loose-text.ts";
import { gapKind, isDigitUnit, loosenWord, type LooseWord } from "./loose-word.ts";
import { variantSteps, type VariantStep } from "./variant-step.ts";

interface Place {
  /** The text's spelling of one unit of the word. */
  readonly quote: string;
  readonly unit: number;
  /** The word's own spelling of it. */
  readonly own: string;
}

const keycap = "\u20e3";

/** Marks are what the loose form removes and the plain fold does not. */
function hasMark(quote: string): boolean {
  const folded = foldText(quote).text;
  for (let at = 0; at < folded.length; at++) {
    if (looseUnits[folded.charCodeAt(at)] === looseKind.removed) return true;
  }
  return false;
}

function addStepsOf({ quote, unit, own }: Place, steps: Set<VariantStep>): void {
  const character = String.fromCodePoint(quote.codePointAt(0) ?? 0);
  const asUnit = looseUnits[quote.charCodeAt(0)] ?? 0;
  if (asUnit >= firstLooseUnit && asUnit !== unit) steps.add("split");
  else if (foldText(character).text !== foldText(own).text) {
    steps.add(isDigitUnit(unit) ? "digit" : "letter");
  }
  if (quote.includes(keycap)) steps.add("digit");
  else if (hasMark(quote)) steps.add("mark");
}

function ownSpelling(word: string, { starts }: LooseWord, at: number): string {
  return String.fromCodePoint(word.codePointAt(starts[at] ?? 0) ?? 0);
}

/** The steps between a match from label `from` on and the word, in a fixed order. */
export function listLooseSteps(
  { text, raw }: { text: LooseText; raw: string },
  from: number,
  word: string,
): VariantStep[] {
  const shape = loosenWord(word);
  const steps = new Set<VariantStep>();
  for (let at = 0; at < shape.units.length; at++) {
    const here = from + at;
    // The quote reaches to the next unit when nothing but marks lies between.
    const isFollowed = at + 1 < shape.units.length && text.gaps[here + 1] === gapKind.none;
    const end = isFollowed ? text.starts[here + 1] : text.ends[here];
    const quote = raw.slice(text.starts[here], end);
    addStepsOf(
      { quote, unit: shape.units.charCodeAt(at), own: ownSpelling(word, shape, at) },
      steps,
    );
    if ((text.runs[here] ?? 1) > (shape.runs[at] ?? 1)) steps.add("repeat");
    if (at > 0 && text.gaps[here] !== shape.gaps[at]) steps.add("filler");
  }
  return variantSteps.filter((step) => steps.has(step));
}
