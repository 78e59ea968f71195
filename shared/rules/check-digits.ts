/** The published checks of numbers that people are known by. Each takes digits and capital letters, no spaces. */

const idWeights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const idChecks = "10X98765432";
/** Province-level codes of GB/T 2260, by which every number begins. */
const idRegions = /^(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])/;
const earliestBirthYear = 1880;

function isDate(text: string): boolean {
  const [year, month, day] = [text.slice(0, 4), text.slice(4, 6), text.slice(6, 8)].map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= earliestBirthYear && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** 居民身份证号码, GB 11643: region, date of birth, order, and a check by ISO 7064 MOD 11-2. */
export function isIdCardNumber(text: string): boolean {
  if (!/^\d{17}[\dX]$/.test(text) || !idRegions.test(text) || !isDate(text.slice(6, 14)))
    return false;
  const sum = idWeights.reduce((total, weight, at) => total + weight * Number(text[at]), 0);
  return idChecks[sum % 11] === text[17];
}

/** The check digit of ISO/IEC 7812 (Luhn). */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return digits.length > 0 && sum % 10 === 0;
}

/** How long the numbers of an issuer are, by what they begin with: UnionPay, Visa, MasterCard, JCB, Amex. */
const cardKinds: readonly (readonly [begins: RegExp, lengths: readonly number[]])[] = [
  [/^62/, [16, 17, 18, 19]],
  [/^4/, [16]],
  [/^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  [/^35/, [16]],
  [/^3[47]/, [15]],
];

export function isBankCardNumber(digits: string): boolean {
  const isKnown = cardKinds.some(
    ([begins, lengths]) => begins.test(digits) && lengths.includes(digits.length),
  );
  return isKnown && /^\d+$/.test(digits) && passesLuhn(digits);
}

const creditAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/** 统一社会信用代码, GB 32100: 17 characters and a check of weights 3^i modulo 31. */
export function isCreditCode(text: string): boolean {
  if (text.length !== 18 || !/^[1-9A-HJ-NPQRTUWXY]{2}\d{6}/.test(text)) return false;
  let [sum, weight] = [0, 1];
  for (const character of text.slice(0, 17)) {
    const value = creditAlphabet.indexOf(character);
    if (value < 0) return false;
    sum += value * weight;
    weight = (weight * 3) % 31;
  }
  return creditAlphabet[(31 - (sum % 31)) % 31] === text[17];
}
