/**
 * What each UTF-16 unit means to the strengths 标准 and 强: beyond the plain fold (width, case, traditional,
 * invisible) letters and digits lose their disguise, marks vanish and symbols count as fillers. One table over
 * all units, and one over the code points beyond the basic plane that are a letter or a digit.
 */
import { foldTable, removedUnit } from "./fold.ts";
import { disguises } from "./tables/disguises.ts";

/** Values of the table that are no unit of a word; all below the first unit that can be one. */
export const looseKind = {
  /** Invisible, or a mark that belongs to the character before it. */
  removed: 0,
  /** White space, punctuation inside sentences, symbols, emoji. */
  filler: 1,
  /** What ends a sentence or a clause: a word seldom goes on after it. */
  pause: 2,
  /** The first half of a surrogate pair; {@link looseAstral} says what the pair is. */
  highSurrogate: 3,
  /** `+` and its like: stands for 加 before a letter, else a filler. */
  plus: 4,
} as const;

/** The least value that is a unit of words. */
export const firstLooseUnit = 0x20;

/** Letters that look the same, by what they are taken for; written by hand from the alphabets' shapes. */
const lookalikes: readonly (readonly [target: string, sources: string])[] = [
  ["a", "αа∀Λ"],
  ["b", "βвьЪƄ฿"],
  ["c", "сϲς¢©ƈ"],
  ["d", "ԁđ∂"],
  ["e", "еεҽєэ€ə∈"],
  ["f", "ƒϝ"],
  ["g", "ɡց"],
  ["h", "һнհ"],
  ["i", "іιɩıіΊ"],
  ["j", "јϳ"],
  ["k", "κкқ"],
  ["l", "ӏłլ"],
  ["m", "мμ"],
  ["n", "ηпπи"],
  ["o", "оοσօøθ"],
  ["p", "рρ"],
  ["q", "ԛգ"],
  ["r", "гяʀ®"],
  ["s", "ѕ§ʂ"],
  ["t", "тτ†"],
  ["u", "υцս"],
  ["v", "νѵⅴ∨√▽"],
  ["w", "ωшԝщ₩"],
  ["x", "хχ×✕✖✗╳"],
  ["y", "уүγ"],
  ["z", "ʐƶ"],
  // Chinese numerals, also the ones of cheques; words are read in the same way.
  ["0", "〇零◯⭕"],
  ["1", "一壹弌㆒"],
  ["2", "二贰弍㆓"],
  ["3", "三叁弎叄㆔"],
  ["4", "四肆㆕"],
  ["5", "五伍"],
  ["6", "六陆"],
  ["7", "七柒漆"],
  ["8", "八捌"],
  ["9", "九玖"],
];

/** Enclosed letters and digits whose Unicode decomposition is missing, by the code point of the first. */
const runs: readonly (readonly [firstCodePoint: number, targets: string])[] = [
  [0x2776, "123456789"],
  [0x2780, "123456789"],
  [0x278a, "123456789"],
  [0x24f5, "123456789"],
  [0x1f150, "abcdefghijklmnopqrstuvwxyz"],
  [0x1f170, "abcdefghijklmnopqrstuvwxyz"],
  [0x1f1e6, "abcdefghijklmnopqrstuvwxyz"],
  [0x1f10b, "0"],
  [0x1f10c, "0"],
];

const pauses = "，。！？；：,!?;:…、\n\r";
/** Strokes that are characters by their code point and are written between others as dots and bars are. */
const strokes = "丶丨丿亅乛乀";
const pluses = "+➕﹢⁺₊";

function* disguisePairs(): Generator<readonly [codePoint: number, target: number]> {
  for (const [target, sources] of [...disguises, ...lookalikes]) {
    for (const source of sources) yield [source.codePointAt(0) ?? 0, target.charCodeAt(0)];
  }
  for (const [first, targets] of runs) {
    for (let at = 0; at < targets.length; at++) yield [first + at, targets.charCodeAt(at)];
  }
}

const isMark = /\p{M}/u;
const isWordUnit = /[\p{L}\p{N}]/u;

/** The kind or unit of a folded unit that is not in disguise. */
function plainLoose(folded: number): number {
  if (folded === removedUnit) return looseKind.removed;
  if (strokes.includes(String.fromCharCode(folded))) return looseKind.filler;
  if (folded >= 0x4e00 && folded <= 0x9fff) return folded;
  if ((folded & 0xfc00) === 0xd800) return looseKind.highSurrogate;
  if ((folded & 0xfc00) === 0xdc00) return looseKind.filler;
  const text = String.fromCharCode(folded);
  if (isMark.test(text)) return looseKind.removed;
  if (pauses.includes(text)) return looseKind.pause;
  if (pluses.includes(text)) return looseKind.plus;
  return folded >= firstLooseUnit && isWordUnit.test(text) ? folded : looseKind.filler;
}

function buildTables(): { units: Uint16Array; astral: Map<number, number> } {
  const byFolded = new Uint16Array(0x10000);
  for (let unit = 0; unit < byFolded.length; unit++) byFolded[unit] = plainLoose(unit);
  const astral = new Map<number, number>();
  for (const [codePoint, target] of disguisePairs()) {
    if (codePoint > 0xffff) astral.set(codePoint, target);
    else byFolded[codePoint] = target;
  }
  const units = new Uint16Array(0x10000);
  for (let unit = 0; unit < units.length; unit++) {
    const own = byFolded[unit] ?? 0;
    const folded = foldTable[unit] ?? removedUnit;
    // A disguise may be of the raw form (Ⅴ, whose lower case is ⅴ) or of the folded one (full-width А).
    units[unit] = folded === removedUnit ? looseKind.removed : (byFolded[folded] ?? own);
    if (own >= firstLooseUnit && own !== unit && folded !== removedUnit) units[unit] = own;
  }
  return { units, astral };
}

const tables = buildTables();

/** UTF-16 unit → the unit that it stands for, or one of {@link looseKind}. */
export const looseUnits: Uint16Array = tables.units;

/** What the surrogate pair stands for: a unit, `undefined` for a Chinese character, or a filler. */
export function looseAstral(codePoint: number): number | undefined {
  const known = tables.astral.get(codePoint);
  if (known !== undefined) return known;
  // CJK extensions B and on are characters of their own, as rare as they are.
  return codePoint >= 0x20000 && codePoint < 0x40000 ? undefined : looseKind.filler;
}
