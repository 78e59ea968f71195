/** The loose form of a word: what is left of it when disguises, marks, fillers and repeats are gone. */
import { foldTable } from "./fold.ts";
import { firstLooseUnit, looseAstral, looseKind, looseUnits } from "./loose-units.ts";

/** What stands between two units of a text: nothing, fillers, or the end of a clause. */
export const gapKind = { none: 0, filler: 1, pause: 2 } as const;

export interface LooseWord {
  /** The units that are looked for. */
  readonly units: string;
  /** For each unit, the gap before it in the word as the rule spells it (of the first: none). */
  readonly gaps: readonly number[];
  /** For each unit, how often the rule itself repeats it. */
  readonly runs: readonly number[];
  /** For each unit, where its first spelling stands in the word. */
  readonly starts: readonly number[];
}

const plusUnit = 0x2b;
/** Before these (and letters) a plus is a word for 加. */
const afterPlus = new Set(
  Array.from("微威薇维卫徽扣球我个", (character) => character.charCodeAt(0)),
);

/** Is the plus before `next` (a raw unit) meant as 加? */
export function isMeantPlus(next: number): boolean {
  const unit = looseUnits[next] ?? 0;
  return (unit >= 0x61 && unit <= 0x7a) || afterPlus.has(unit);
}

/** Digits are not taken for repeats: 11 is another number than 1. */
export function isDigitUnit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

/** The unit or kind at `at`, and how many UTF-16 units it takes. */
export function looseAt(text: string, at: number): { unit: number; width: 1 | 2 } {
  const unit = looseUnits[text.charCodeAt(at)] ?? 0;
  if (unit === looseKind.plus) {
    return { unit: isMeantPlus(text.charCodeAt(at + 1)) ? plusUnit : looseKind.filler, width: 1 };
  }
  if (unit !== looseKind.highSurrogate) return { unit, width: 1 };
  const codePoint = text.codePointAt(at) ?? 0;
  if (codePoint <= 0xffff) return { unit: looseKind.filler, width: 1 };
  // Of a rare Chinese character the low half stands for the whole.
  return { unit: looseAstral(codePoint) ?? text.charCodeAt(at + 1), width: 2 };
}

export function loosenWord(word: string): LooseWord {
  const codes: number[] = [];
  const gaps: number[] = [];
  const runs: number[] = [];
  const starts: number[] = [];
  let gap: number = gapKind.none;
  for (let at = 0; at < word.length;) {
    const { unit, width } = looseAt(word, at);
    if (unit === looseKind.filler) gap = Math.max(gap, gapKind.filler);
    else if (unit === looseKind.pause) gap = gapKind.pause;
    else if (unit >= firstLooseUnit) {
      const last = codes.length - 1;
      if (codes[last] === unit && gap !== gapKind.pause && !isDigitUnit(unit)) {
        runs[last] = (runs[last] ?? 0) + 1;
      } else {
        codes.push(unit);
        gaps.push(codes.length === 1 ? gapKind.none : gap);
        runs.push(1);
        starts.push(at);
      }
      gap = gapKind.none;
    }
    at += width;
  }
  return { units: String.fromCharCode(...codes), gaps, runs, starts };
}

let twofold: ReadonlySet<number> | undefined;

/**
 * Folded units that have a raw form which means something else loosely: Η folds to η, which passes for n, but
 * itself passes for h. A plus means something by what stands right after it.
 */
function twofoldUnits(): ReadonlySet<number> {
  if (twofold !== undefined) return twofold;
  const found = new Set([plusUnit]);
  for (const [raw, folded] of foldTable.entries()) {
    if (looseUnits[raw] !== looseUnits[folded]) found.add(folded);
  }
  return (twofold = found);
}

/** Does whatever folds to this look the same loosely? */
export function looksAlikeLoosely(folded: string): boolean {
  const units = twofoldUnits();
  for (let at = 0; at < folded.length; at++) {
    if (units.has(folded.charCodeAt(at))) return false;
  }
  return true;
}
