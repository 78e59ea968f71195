import { leavesOf } from "../condition.ts";
import type { Condition } from "../condition.ts";
import { foldText } from "../fold.ts";
import { defaultStrength, type Rule, type VariantStrength } from "../rule.ts";
import type { ValueKind } from "../value-span.ts";
import { isOneRun } from "../word-edge.ts";
import { nativeLimits, type NativeSemantics, type NativeSetting } from "./native-rule.ts";

/** A rule with what decides whether it is handed to WeCom. */
export type NativeSource = Rule & { readonly native?: NativeSetting | undefined };

/** Why a part of a rule does not work in WeCom's input box, or works there in another way. */
export type CoverageGap =
  /** The whole rule: only customers' messages, which WeCom does not hold back. */
  | { readonly kind: "customer" }
  /** The whole rule: its words must not leave the server. */
  | { readonly kind: "confidential" }
  /** What customers say is looked at in the archive alone. */
  | { readonly kind: "customer_side" }
  /** Parts that mean more than "any of these". */
  | { readonly kind: "condition"; readonly parts: readonly Condition["kind"][] }
  | { readonly kind: "values"; readonly values: readonly ValueKind[] }
  /** WeCom knows no exceptions, so a word inside one would be held back in harmless sentences. */
  | { readonly kind: "exceptions"; readonly words: readonly string[] }
  | { readonly kind: "too_long"; readonly words: readonly string[] }
  /** No room within the corp's rules. */
  | { readonly kind: "no_room"; readonly words: number }
  /** Told, though the rule is confidential. */
  | { readonly kind: "confidential_told" }
  /** WeCom compares words as they are written. */
  | { readonly kind: "variants"; readonly strength: VariantStrength }
  /** WeCom knows no word boundaries: it finds these inside of longer words and numbers, too. */
  | { readonly kind: "wider"; readonly words: readonly string[] }
  /** WeCom asks for a word where the rule has none. */
  | { readonly kind: "placeholder"; readonly words: readonly string[] };

/** What of a rule WeCom can be told. */
export interface Expression {
  readonly words: readonly string[];
  readonly semantics: readonly NativeSemantics[];
  /** Words of the rule and of its condition, told or not. */
  readonly wordCount: number;
  readonly gaps: readonly CoverageGap[];
}

/** Stands where a rule looks for numbers only; nobody writes it by chance. */
export const placeholder = "此规则只识别号码";

const semanticsOf: Partial<Record<ValueKind, NativeSemantics>> = {
  mobile: "phone",
  email: "email",
};

interface Collected {
  words: string[];
  semantics: Set<NativeSemantics>;
  values: ValueKind[];
  parts: Condition["kind"][];
}

/** Takes what "any of these" amounts to; anything stricter is left out whole, since a part of it would hold back too much. */
function collect(condition: Condition, own: readonly string[], into: Collected): void {
  if (condition.kind === "words") into.words.push(...(condition.words ?? own));
  else if (condition.kind === "value") {
    const semantics = semanticsOf[condition.value];
    if (semantics === undefined) into.values.push(condition.value);
    else into.semantics.add(semantics);
  } else if (condition.kind === "any") {
    for (const part of condition.of) collect(part, own, into);
  } else if (condition.kind === "all" && condition.of.length === 1 && condition.of[0]) {
    collect(condition.of[0], own, into);
  } else if (condition.kind === "count" && condition.atLeast === 1) {
    collect(condition.of, own, into);
  } else into.parts.push(condition.kind);
}

/** Letters or digits at an end: the engine asks for a word's edge there. */
function hasEdge(word: string): boolean {
  const { text } = foldText(word);
  const [first, last] = [text.charCodeAt(0), text.charCodeAt(text.length - 1)];
  return isOneRun(first, first) || isOneRun(last, last);
}

/** What of the rule can be said in WeCom's terms, and why the rest cannot. */
export function express(rule: NativeSource): Expression {
  const found: Collected = { words: [], semantics: new Set(), values: [], parts: [] };
  collect(rule.condition ?? { kind: "words", words: null }, rule.words, found);
  const all = [...new Set(found.words.map((word) => word.trim()).filter((word) => word !== ""))];
  const named = rule.condition ? leavesOf(rule.condition) : [];
  const others = named.flatMap((leaf) => (leaf.kind === "words" ? (leaf.words ?? []) : []));
  const wordCount = new Set([...rule.words, ...others]).size;
  const refusal = refusalOf(rule);
  if (refusal) return { words: [], semantics: [], wordCount, gaps: [refusal] };

  const excused = rule.exceptions.map((phrase) => foldText(phrase).text);
  const inExceptions = new Set(
    all.filter((word) => excused.some((phrase) => phrase.includes(foldText(word).text))),
  );
  const tooLong = all.filter((word) => word.length > nativeLimits.wordUnits);
  const words = all.filter((word) => !inExceptions.has(word) && !tooLong.includes(word));
  const semantics = [...found.semantics];
  const needsWord = words.length === 0 && semantics.length > 0;
  const isAnything = words.length > 0 || semantics.length > 0;
  const edged = words.filter(hasEdge);

  const gaps: CoverageGap[] = [];
  if (found.parts.length > 0) gaps.push({ kind: "condition", parts: [...new Set(found.parts)] });
  if (found.values.length > 0) gaps.push({ kind: "values", values: [...new Set(found.values)] });
  if (inExceptions.size > 0) gaps.push({ kind: "exceptions", words: [...inExceptions] });
  if (tooLong.length > 0) gaps.push({ kind: "too_long", words: tooLong });
  if (isAnything) {
    if (rule.speaker === "either") gaps.push({ kind: "customer_side" });
    if (rule.isConfidential) gaps.push({ kind: "confidential_told" });
    if (words.length > 0) {
      gaps.push({ kind: "variants", strength: rule.variants ?? defaultStrength });
    }
    if (edged.length > 0) gaps.push({ kind: "wider", words: edged });
    if (needsWord) gaps.push({ kind: "placeholder", words: [placeholder] });
  }
  return { words: needsWord ? [placeholder] : words, semantics, wordCount, gaps };
}

function refusalOf({ speaker, isConfidential, native }: NativeSource): CoverageGap | undefined {
  if (isConfidential && native?.tellsConfidential !== true) return { kind: "confidential" };
  return speaker === "customer" ? { kind: "customer" } : undefined;
}
