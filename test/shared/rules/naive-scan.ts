/**
 * The specification of `scan`, written as plainly as possible and without the engine's code: try every
 * word at every place. Texts are lists of atoms, each with the folded form that a person would expect.
 */
import type { Rule } from "#shared/rules/rule";
import type { Finding } from "#shared/rules/scan";

/** Spellings with their folded form; few, so that random words overlap often. */
export const atoms: Readonly<Record<string, string>> = {
  a: "a",
  A: "a",
  Ａ: "a",
  b: "b",
  1: "1",
  "１": "1",
  证: "证",
  證: "证",
  保: "保",
  本: "本",
  "，": ",",
  " ": " ",
  "😀": "😀",
  "\ud83d": "\ud83d",
  "\udc00": "\udc00",
  "\u200b": "",
  "\ufe0f": "",
  "\u{e0101}": "",
};

interface Unit {
  readonly unit: string;
  readonly at: number;
}

function foldAtoms(text: readonly string[]): Unit[] {
  const units: Unit[] = [];
  let at = 0;
  for (const atom of text) {
    for (const [index, unit] of atoms[atom]!.split("").entries()) {
      units.push({ unit, at: at + index });
    }
    at += atom.length;
  }
  return units;
}

/** All places [start, end) in folded units. */
function occurrences(units: readonly Unit[], word: string): [number, number][] {
  const text = units.map(({ unit }) => unit).join("");
  const found: [number, number][] = [];
  if (word === "") return found;
  for (let start = text.indexOf(word); start >= 0; start = text.indexOf(word, start + 1)) {
    found.push([start, start + word.length]);
  }
  return found;
}

function isCut(units: readonly Unit[], at: number): boolean {
  const around = (units[at - 1]?.unit ?? " ") + (units[at]?.unit ?? " ");
  return /^([a-z]{2}|[0-9]{2})$/.test(around);
}

/** A rule whose words and exceptions are lists of atoms, so that their folded form is known. */
export interface AtomRule {
  readonly rule: Rule;
  readonly words: readonly (readonly string[])[];
  readonly exceptions: readonly (readonly string[])[];
}

function foldToString(text: readonly string[]): string {
  return text.map((atom) => atoms[atom]!).join("");
}

export function naiveScan(
  rules: readonly AtomRule[],
  text: readonly string[],
  speaker: "member" | "customer",
): Finding[] {
  const units = foldAtoms(text);
  return rules.flatMap(({ rule, words, exceptions }) => {
    if (rule.speaker !== "either" && rule.speaker !== speaker) return [];
    const shelters = exceptions.flatMap((phrase) => occurrences(units, foldToString(phrase)));
    const seen = new Set<string>();
    const matches = words.flatMap((word) => {
      const folded = foldToString(word);
      if (seen.has(folded)) return [];
      seen.add(folded);
      return occurrences(units, folded)
        .filter(([start, end]) => !isCut(units, start) && !isCut(units, end))
        .filter(([start, end]) => !shelters.some(([from, to]) => from <= start && end <= to))
        .map(([start, end]) => ({ start, end, word: word.join("") }));
    });
    if (matches.length === 0) return [];
    const spans = matches
      .sort((a, b) => a.start - b.start || a.end - b.end)
      .slice(0, 100)
      .map(({ start, end, word }) => ({
        start: units[start]!.at,
        end: units[end - 1]!.at + 1,
        word,
      }));
    return [{ ruleId: rule.id, ruleRevision: rule.revision, level: rule.level, spans }];
  });
}
