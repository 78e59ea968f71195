/**
 * Values that rules can ask for: numbers of people and things, found by their published form and check, so that
 * an order number is no bank card. Digits and letters are seen in every dress, and numbers with single spaces
 * or hyphens between digits are one. Offsets are of the original text.
 */
import { isBankCardNumber, isCreditCode, isIdCardNumber } from "./check-digits.ts";
import { unitsToString } from "./fold.ts";
import { findLinks } from "./links.ts";
import type { ValueKind, ValueSpan } from "./value-span.ts";
import { firstLooseUnit, looseUnits } from "./loose-units.ts";

/** A text of the same length, in which letters and digits have lost their disguise. */
function undress(text: string): string {
  const units = new Uint16Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const own = text.charCodeAt(at);
    const unit = looseUnits[own] ?? 0;
    units[at] = unit >= firstLooseUnit && unit < 0x80 ? unit : own;
  }
  return unitsToString(units);
}

/** What a text has of which values are made. */
interface Signs {
  /** In any dress, Chinese numerals included. */
  readonly digits: number;
  readonly numerals: number;
  /** Letters, digits, and what may stand between them in a name. */
  readonly all: number;
}

function isNumeral(unit: number): boolean {
  return unit >= 0x2e80 && unit < 0xa000;
}

function countSigns(text: string): Signs {
  let [digits, numerals, all] = [0, 0, 0];
  for (let at = 0; at < text.length; at++) {
    const own = text.charCodeAt(at);
    const unit = looseUnits[own] ?? 0;
    if ((unit < firstLooseUnit || unit >= 0x80) && own !== 0x2d && own !== 0x5f) continue;
    all++;
    if (unit < 0x30 || unit > 0x39) continue;
    digits++;
    if (isNumeral(own)) numerals++;
  }
  return { digits, numerals, all };
}

/** Makes something of a text once, when it is asked for it several times in a row: one is looked at for many kinds. */
function keepingLatest<T>(make: (text: string) => T): (text: string) => T {
  let latest: { readonly text: string; readonly made: T } | undefined;
  return (text) => {
    if (latest?.text !== text) latest = { text, made: make(text) };
    return latest.made;
  };
}

const signsOf = keepingLatest(countSigns);
const plainOf = keepingLatest(undress);

/** Digits, and signs of any sort, without which there is no value of a kind. */
const fewest: Readonly<Record<ValueKind, readonly [digits: number, signs: number]>> = {
  id_card: [17, 18],
  bank_card: [13, 13],
  credit_code: [0, 18],
  mobile: [11, 11],
  landline: [10, 10],
  email: [0, 4],
  plate: [0, 6],
  wechat_id: [0, 5],
  qq_id: [5, 5],
  amount: [1, 1],
  link: [0, 0],
};

/** Nearly all texts have too few. */
function mayHave(kind: ValueKind, text: string): boolean {
  const [fewestDigits, fewestSigns] = fewest[kind];
  const { digits, numerals, all } = signsOf(text);
  // In amounts numerals are words.
  return (kind === "amount" ? digits - numerals : digits) >= fewestDigits && all >= fewestSigns;
}

/** Digits (and a last X), with at most one space or hyphen between two; none stands before or after. */
const numberRun = /(?<![\da-z])\+?\d(?:[ -]?\d){4,40}x?(?![\da-z])/g;
const solidRun = /\d{5,}x?/g;

/** Numbers of a run: all of it, and where that is none, its solid parts. */
function* findNumbers(text: string, isValue: (digits: string) => boolean): Generator<ValueSpan> {
  for (const { 0: run, index } of text.matchAll(numberRun)) {
    const value = run.replaceAll(/[ -]/g, "").toUpperCase();
    if (isValue(value)) {
      yield { start: index, end: index + run.length, value };
      continue;
    }
    for (const part of run.matchAll(solidRun)) {
      const start = index + part.index;
      const solid = part[0].toUpperCase();
      if (isValue(solid)) yield { start, end: start + part[0].length, value: solid };
    }
  }
}

function* findPattern(text: string, pattern: RegExp, group = 0): Generator<ValueSpan> {
  for (const match of text.matchAll(pattern)) {
    const value = match[group] ?? "";
    const start = match.index + match[0].indexOf(value);
    yield { start, end: start + value.length, value };
  }
}

const mobile = /^(\+?86|0086)?1[3-9]\d{9}$/;
const landline = /(?<!\d)(?:0\d{2,3}[- ]?[2-9]\d{6,7}|400[- ]?\d{3}[- ]?\d{4})(?!\d)/g;
const email =
  /(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}(?![a-z0-9-])/g;
/** GA 36: a province, a letter, five characters without I and O, six for a car with a green plate. */
const plate =
  /[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][a-hj-np-z][·• ]?(?:[a-hj-np-z0-9]{5}|[0-9]{5}[dfabceghjk]|[dfabceghjk][a-hj-np-z0-9][0-9]{4})(?![a-z0-9])/g;
const wechatId =
  /(?:微信|薇信|威信|vx|wx|v信|wechat|加v|加微)(?:号码?|id|账号|帐号)?[是为：: =]{0,3}([a-z][a-z0-9_-]{5,19}|1[3-9]\d{9}|[1-9]\d{4,10})(?![a-z0-9_-])/g;
const qqId = /(?:qq|扣扣|企鹅)(?:号码?)?[是为：: =]{0,3}([1-9]\d{4,10})(?!\d)/g;
const amount =
  /(?<![\d.])(?:[¥￥]|rmb ?)?\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,2})?(?: ?[万亿]?[元块])?|(?<![\d.,])(?:(?:[¥￥]|rmb ?)\d{1,12}(?:\.\d{1,2})?|\d{1,12}(?:\.\d{1,4})? ?[万亿千百]?(?:[元块]|rmb))/g;

export interface ValueOptions {
  /** Domains that links may lead to; a link to them or below them is none. */
  readonly allowedDomains?: readonly string[] | undefined;
}

/** Chinese numerals are digits in a phone number, but in amounts and plates they are words. */
function withoutNumerals(text: string, plain: string): string {
  return plain.replaceAll(/\d/g, (digit, at: number) => {
    const own = text.charAt(at);
    return isNumeral(own.charCodeAt(0)) ? own : digit;
  });
}

function listSpans(kind: ValueKind, text: string, options: ValueOptions): Iterable<ValueSpan> {
  if (kind === "link") return findLinks(text, options.allowedDomains ?? []);
  const plain = plainOf(text);
  switch (kind) {
    case "id_card":
      return findNumbers(plain, isIdCardNumber);
    case "bank_card":
      return findNumbers(plain, isBankCardNumber);
    case "credit_code":
      return [...findPattern(plain, /(?<![a-z0-9])[0-9a-z]{18}(?![a-z0-9])/g)].filter(({ value }) =>
        isCreditCode(value.toUpperCase()),
      );
    case "mobile":
      return findNumbers(plain, (digits) => mobile.test(digits));
    case "landline":
      return findPattern(plain, landline);
    case "email":
      return findPattern(plain, email);
    case "plate":
      return findPattern(withoutNumerals(text, plain), plate);
    case "wechat_id":
      return findPattern(plain, wechatId, 1);
    case "qq_id":
      return findPattern(plain, qqId, 1);
    case "amount":
      return findPattern(withoutNumerals(text, plain), amount);
  }
}

/** The values of a kind in a text, by their place. */
export function findValues(kind: ValueKind, text: string, options: ValueOptions = {}): ValueSpan[] {
  return mayHave(kind, text) ? [...listSpans(kind, text, options)] : [];
}
