/**
 * Folding makes spellings that mean the same look the same: full-width → half-width, upper → lower
 * case, traditional → simplified, invisible characters removed. It is one table look-up per UTF-16 unit
 * (never more units out than in), applied to words and texts alike, and idempotent.
 */
import { traditionalPairs } from "./traditional.ts";

/** One way in which a unit was changed by folding. */
export type FoldStep = "width" | "case" | "traditional" | "invisible";

export interface FoldedText {
  /** The folded text; the very same string when folding changes nothing. */
  readonly text: string;
  /** The original offset of each folded unit; absent when nothing was removed, so that offsets agree. */
  readonly offsets: Uint32Array | undefined;
}

/** The table's value for a unit that is removed. NUL, the only unit that it could mean, is removed too. */
export const removedUnit = 0;

/** Plane-14 tags and variation selectors (U+E0000…E03FF) all begin with this high surrogate. */
const tagSurrogate = 0xdb40;

/**
 * Ranges of units that show nothing: control characters but white space, and Unicode's
 * Default_Ignorable_Code_Point inside the basic plane (zero-width, bidi, variation selectors, fillers).
 */
const invisibleRanges: readonly (readonly [number, number])[] = [
  [0x0000, 0x0008],
  [0x000e, 0x001f],
  [0x007f, 0x0084],
  [0x0086, 0x009f],
  [0x00ad, 0x00ad],
  [0x034f, 0x034f],
  [0x061c, 0x061c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [tagSurrogate, tagSurrogate],
];

function buildInvisible(): Uint8Array {
  const table = new Uint8Array(0x10000);
  for (const [first, last] of invisibleRanges) table.fill(1, first, last + 1);
  return table;
}

function buildSimplified(): Uint16Array {
  const table = new Uint16Array(0x10000);
  for (let at = 0; at < traditionalPairs.length; at += 2) {
    table[traditionalPairs.charCodeAt(at)] = traditionalPairs.charCodeAt(at + 1);
  }
  return table;
}

const invisible = buildInvisible();
const simplified = buildSimplified();

function narrow(unit: number): number {
  if (unit >= 0xff01 && unit <= 0xff5e) return unit - 0xfee0;
  if (unit === 0x3000) return 0x20;
  if (unit === 0xffe5) return 0xa5; // ￥ → ¥
  return unit;
}

function lower(unit: number): number {
  const text = String.fromCharCode(unit).toLowerCase();
  // İ becomes two units; it keeps its own form, as the table maps one unit to one.
  return text.length === 1 ? text.charCodeAt(0) : unit;
}

function simplify(unit: number): number {
  const target = simplified[unit] ?? 0;
  return target === 0 ? unit : target;
}

/** Scripts with case lie outside these: CJK and Hangul (skipped, they are 50,000 units) and surrogates. */
function mayHaveCase(unit: number): boolean {
  return unit < 0x3000 || (unit >= 0xa640 && unit < 0xac00) || unit >= 0xf900;
}

function buildFold(): Uint16Array {
  const table = new Uint16Array(0x10000);
  for (let unit = 0; unit < table.length; unit++) {
    if (invisible[unit] === 1) continue; // Stays removedUnit.
    const half = narrow(unit);
    table[unit] = simplify(mayHaveCase(half) ? lower(half) : half);
  }
  return table;
}

/** UTF-16 unit → its folded unit, or {@link removedUnit}. The compiler builds its alphabet from it. */
export const foldTable: Uint16Array = buildFold();

function isLowSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}

/** The first offset at which folding changes `text`, or its length. */
function firstChange(text: string): number {
  let at = 0;
  while (at < text.length && foldTable[text.charCodeAt(at)] === text.charCodeAt(at)) at++;
  return at;
}

/** `String.fromCharCode` takes its units as arguments, of which an engine bears only so many. */
const unitsPerCall = 8192;

export function unitsToString(units: Uint16Array): string {
  let text = "";
  for (let at = 0; at < units.length; at += unitsPerCall) {
    // Reflect.apply takes the array as it is; spreading it goes through an iterator, six times slower.
    const part = units.subarray(at, at + unitsPerCall);
    text += Reflect.apply(String.fromCharCode, undefined, part as ArrayLike<unknown>) as string;
  }
  return text;
}

/** Folds a text, keeping the way back to the original offsets. */
export function foldText(text: string): FoldedText {
  if (firstChange(text) === text.length) return { text, offsets: undefined };
  const units = new Uint16Array(text.length);
  const offsets = new Uint32Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const folded = foldTable[unit] ?? removedUnit;
    if (folded === removedUnit) {
      // The second half of a tag goes with its first.
      if (unit === tagSurrogate && isLowSurrogate(text.charCodeAt(at + 1))) at++;
      continue;
    }
    units[length] = folded;
    offsets[length] = at;
    length++;
  }
  return {
    text: unitsToString(units.subarray(0, length)),
    offsets: length === text.length ? undefined : offsets.subarray(0, length),
  };
}

/** The original offsets [start, end) of a folded range that is not empty. */
export function originalRange(
  { offsets }: FoldedText,
  start: number,
  end: number,
): { start: number; end: number } {
  if (offsets === undefined) return { start, end };
  return { start: offsets[start] ?? start, end: (offsets[end - 1] ?? end - 1) + 1 };
}

const unitSteps = [
  ["width", narrow],
  ["case", (unit: number) => (mayHaveCase(unit) ? lower(unit) : unit)],
  ["traditional", simplify],
] as const;

/** Adds to `steps` those that two units with the same folded form need until they are equal. */
function addSteps(left: number, right: number, steps: Set<FoldStep>): void {
  for (const [step, apply] of unitSteps) {
    if (left === right) return;
    const [nextLeft, nextRight] = [apply(left), apply(right)];
    if (nextLeft !== left || nextRight !== right) steps.add(step);
    [left, right] = [nextLeft, nextRight];
  }
}

const stepOrder: readonly FoldStep[] = ["width", "case", "traditional", "invisible"];

/**
 * The steps that made a quote equal to a word with the same folded form, in a fixed order; none when the
 * two agree as written.
 */
export function foldStepsBetween(quote: string, word: string): FoldStep[] {
  const [left, right] = [foldText(quote), foldText(word)];
  const steps = new Set<FoldStep>();
  for (let at = 0; at < left.text.length; at++) {
    const quoted = quote.charCodeAt(left.offsets?.[at] ?? at);
    const worded = word.charCodeAt(right.offsets?.[at] ?? at);
    addSteps(quoted, worded, steps);
  }
  if (left.text.length < quote.length) steps.add("invisible");
  return stepOrder.filter((step) => steps.has(step));
}

/** The steps that folding a text takes, in the same order. */
export function foldStepsWithin(text: string): FoldStep[] {
  const folded = foldText(text);
  const steps = new Set<FoldStep>();
  for (let at = 0; at < folded.text.length; at++) {
    addSteps(text.charCodeAt(folded.offsets?.[at] ?? at), folded.text.charCodeAt(at), steps);
  }
  if (folded.text.length < text.length) steps.add("invisible");
  return stepOrder.filter((step) => steps.has(step));
}
