/**
 * Reads the patterns that admins write: the part of RE2's syntax that can be matched in linear time. What would
 * need backtracking (back references, look-around) is refused with its place and the reason in Chinese.
 */
import { foldTable, removedUnit } from "./fold.ts";

export const patternLimits = {
  /** UTF-16 units of a pattern. */
  units: 300,
  /** How often a counted part may be repeated. */
  repeats: 100,
  /** Parts of a pattern when repeats are written out. */
  size: 2000,
  depth: 30,
} as const;

/** A pattern that cannot be used; `position` is the offset in it, `message` a sentence for people. */
export class PatternError extends RangeError {
  override readonly name = "PatternError";
  readonly position: number;
  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

export type Ranges = readonly (readonly [first: number, last: number])[];

export type PatternNode =
  | { readonly kind: "unit"; readonly ranges: Ranges; readonly isNegated: boolean }
  | { readonly kind: "start" | "end" | "edge" | "empty" }
  | { readonly kind: "sequence" | "choice"; readonly of: readonly PatternNode[] }
  | {
      readonly kind: "repeat";
      readonly of: PatternNode;
      readonly least: number;
      readonly most: number;
    };

const digits: Ranges = [[0x30, 0x39]];
const wordUnits: Ranges = [...digits, [0x5f, 0x5f], [0x61, 0x7a]];
const spaces: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x2028, 0x2029],
  [0x3000, 0x3000],
];
const classes: Readonly<Record<string, Ranges>> = { d: digits, w: wordUnits, s: spaces };
const controls: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09 };
const lineEnd: Ranges = [[0x0a, 0x0a]];

/** Patterns meet folded text, so their own units are folded, too. */
function foldUnit(unit: number): number {
  const folded = foldTable[unit] ?? removedUnit;
  return folded === removedUnit ? unit : folded;
}

function single(unit: number): Ranges {
  return [[foldUnit(unit), foldUnit(unit)]];
}

class PatternParser {
  private at = 0;
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  parse(): PatternNode {
    if (this.source.length > patternLimits.units) {
      throw new PatternError(`不超过 ${patternLimits.units} 个字符`, patternLimits.units);
    }
    const node = this.choice(0);
    if (this.at < this.source.length) this.fail("多了一个右括号");
    return node;
  }

  private fail(message: string, position = this.at): never {
    throw new PatternError(message, position);
  }

  private take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private choice(depth: number): PatternNode {
    if (depth > patternLimits.depth) this.fail("括号嵌套太深");
    const of = [this.sequence(depth)];
    while (this.take("|")) of.push(this.sequence(depth));
    return of.length === 1 ? (of[0] ?? { kind: "empty" }) : { kind: "choice", of };
  }

  private sequence(depth: number): PatternNode {
    const of: PatternNode[] = [];
    while (this.at < this.source.length && !"|)".includes(this.source.charAt(this.at))) {
      of.push(this.repeated(depth));
    }
    return of.length === 0 ? { kind: "empty" } : { kind: "sequence", of };
  }

  private repeated(depth: number): PatternNode {
    let node = this.atom(depth);
    for (;;) {
      const start = this.at;
      const counts = this.counts();
      if (counts === undefined) return node;
      if (node.kind === "repeat") this.fail("重复符号不能连写", start);
      this.take("?"); // 最短匹配 finds the same places as the longest.
      if (this.source.charAt(this.at) === "+") this.fail("不支持占有量词");
      node = { kind: "repeat", of: node, ...counts };
    }
  }

  private counts(): { least: number; most: number } | undefined {
    if (this.take("*")) return { least: 0, most: Infinity };
    if (this.take("+")) return { least: 1, most: Infinity };
    if (this.take("?")) return { least: 0, most: 1 };
    const found = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.source.slice(this.at));
    if (found === null) return undefined;
    const least = Number(found[1]);
    const most = found[2] === undefined ? least : found[3] === "" ? Infinity : Number(found[3]);
    if (least > patternLimits.repeats || (most !== Infinity && most > patternLimits.repeats)) {
      this.fail(`重复次数不能超过 ${patternLimits.repeats}`);
    }
    if (most < least) this.fail("重复次数的上限小于下限");
    this.at += found[0].length;
    return { least, most };
  }

  private atom(depth: number): PatternNode {
    const start = this.at;
    if (this.take("(")) {
      if (this.take("?") && !this.take(":"))
        this.fail("不支持环视、命名分组和标志，只能用 (?:…)", start);
      const node = this.choice(depth + 1);
      if (!this.take(")")) this.fail("缺少右括号", start);
      return node;
    }
    if (this.take("[")) return this.set(start);
    if (this.take("^")) return { kind: "start" };
    if (this.take("$")) return { kind: "end" };
    if (this.take(".")) return { kind: "unit", ranges: lineEnd, isNegated: true };
    if ("*+?".includes(this.source.charAt(start))) this.fail("重复符号前面没有内容");
    if (this.take("\\")) return this.escape();
    this.at++;
    return { kind: "unit", ranges: single(this.source.charCodeAt(start)), isNegated: false };
  }

  private escape(): PatternNode {
    const start = this.at - 1;
    const letter = this.source.charAt(this.at);
    if (letter === "") this.fail("反斜杠后面没有内容", start);
    if (letter === "b") {
      this.at++;
      return { kind: "edge" };
    }
    const ranges = classes[letter.toLowerCase()];
    if (ranges !== undefined) {
      this.at++;
      return { kind: "unit", ranges, isNegated: letter !== letter.toLowerCase() };
    }
    return { kind: "unit", ranges: single(this.escapedUnit(start)), isNegated: false };
  }

  private escapedUnit(start: number): number {
    const code = /^u([0-9a-f]{4})/i.exec(this.source.slice(this.at));
    if (code !== null) {
      this.at += 5;
      return parseInt(code[1] ?? "", 16);
    }
    const letter = this.source.charAt(this.at++);
    if (/[1-9k]/.test(letter)) this.fail("不支持反向引用", start);
    if (/[a-z0-9]/i.test(letter) && controls[letter] === undefined)
      this.fail(`不认识 \\${letter}`, start);
    return controls[letter] ?? letter.charCodeAt(0);
  }

  private set(start: number): PatternNode {
    const isNegated = this.take("^");
    const ranges: (readonly [number, number])[] = [];
    while (!this.take("]") || ranges.length === 0) {
      if (this.at >= this.source.length) this.fail("缺少右方括号", start);
      const isEscaped = this.take("\\");
      const known = isEscaped ? classes[this.source.charAt(this.at)] : undefined;
      if (known !== undefined) {
        this.at++;
        ranges.push(...known);
        continue;
      }
      const first = this.setUnit(isEscaped);
      const isRange = /^-[^\]]/.test(this.source.slice(this.at, this.at + 2));
      if (isRange) this.at++;
      const last = isRange ? this.setUnit(this.take("\\")) : first;
      if (last < first) this.fail("范围的起点大于终点");
      // Folded one by one: the fold of a range is no range (A-Z, but also Ａ-Ｚ).
      if (last - first > 512) ranges.push([first, last]);
      else for (let unit = first; unit <= last; unit++) ranges.push(...single(unit));
    }
    return { kind: "unit", ranges, isNegated };
  }

  private setUnit(isEscaped: boolean): number {
    return isEscaped ? this.escapedUnit(this.at - 1) : this.source.charCodeAt(this.at++);
  }
}

/** Throws a {@link PatternError}. */
export function parsePattern(source: string): PatternNode {
  return new PatternParser(source).parse();
}
