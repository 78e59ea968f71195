/**
 * Words that a text spells by their sound: with homophones, in pinyin, by initials. Sounds alone are like too
 * much, so a match must show enough of the word: the guards below are what keeps false alarms few.
 */
import type { CompiledParts } from "./compiled-rules.ts";
import { findLooseShelter } from "./loose-match.ts";
import { loosenText, type LooseText } from "./loose-text.ts";
import { gapKind } from "./loose-word.ts";
import type { MatchVisitor } from "./word-match.ts";
import { pairOf, sharesUnit, soundedUnits, type SoundLayer } from "./sound-layer.ts";
import { soundTokens, type SoundToken } from "./sound-text.ts";
import { variantSteps, type VariantStep } from "./variant-step.ts";
import { visitLabelRanges } from "./word-trie.ts";

/** Steps of the search for initials, whose number of branches a hostile text could drive up, for one text. */
const mostSteps = 200_000;

/** Abbreviations of three letters that people use in ordinary talk; as initials they prove nothing. */
const usualAbbreviations = new Set(
  "app atm bbs bmw bug byd cad cbd cctv ceo cpi cpu crm csp dhl dna dvd erp faq gdp gps hdr hiv ios ipo isp jpg kfc kpi ktv led lcd lol mba mbp mpv mvp nba ntr ocr oem ofo olay omg ope pdf pos ppt pvc rmb sdk seo sku spa sql ssd suv tcl tnt txt uber ufo url usb vip vpn wap wifi wps xls xml zip".split(
    " ",
  ),
);

/** Characters of so many innocent uses that one of them in a word of two is no disguise. */
const everydayCharacters = new Set(
  "的是了一二三四五六七八九十百千不在有我你您他她它这那去来到上下大小为和与也就都要会可能还没很再给个位只些点分年月日时元家们里外前后中",
);

/**
 * Does a character that stands in for the word's first or last belong to its neighbour outside: 微 in 加微波炉?
 * Asked of short words alone.
 */
function belongsOutside(
  tokens: readonly SoundToken[],
  [first, end]: readonly [number, number],
  { units, layer }: { units: readonly number[]; layer: SoundLayer },
): boolean {
  const unitAt = (at: number): number => tokens[at]?.unit ?? 0;
  const isCommon = (at: number): boolean =>
    layer.commonPairs.has(pairOf(unitAt(at), unitAt(at + 1))) &&
    (tokens[at + 1]?.from ?? 0) === (tokens[at]?.to ?? 0);
  if (end - first > 3) return false;
  const isFirstInstead = unitAt(first) !== units[0];
  const isLastInstead = unitAt(end - 1) !== units[end - first - 1];
  return (isFirstInstead && isCommon(first - 1)) || (isLastInstead && isCommon(end - 1));
}

/** Are the letters part of a code, with digits before or after: SZ20261123WZBP88? */
function isInCode(
  tokens: readonly SoundToken[],
  first: number,
  end: number,
  text: LooseText,
): boolean {
  const isDigit = (token: SoundToken | undefined): boolean =>
    token !== undefined && token.unit >= 0x30 && token.unit <= 0x39;
  const [before, after] = [tokens[first - 1], tokens[end]];
  return (
    (isDigit(before) && text.gaps[tokens[first]?.from ?? 0] === gapKind.none) ||
    (isDigit(after) && text.gaps[after?.from ?? 0] === gapKind.none)
  );
}

interface Evidence {
  same: number;
  homophones: number;
  near: number;
  pinyin: number;
  pinyinLetters: number;
  initials: number;
}

/** How the tokens show the word's units; `undefined` when one does not. */
function weigh(
  tokens: readonly SoundToken[],
  units: readonly number[],
  layer: SoundLayer,
): Evidence | undefined {
  const found = { same: 0, homophones: 0, near: 0, pinyin: 0, pinyinLetters: 0, initials: 0 };
  for (const [index, token] of tokens.entries()) {
    const unit = units[index] ?? 0;
    const isExact = token.syllable === layer.usual[unit] || token.syllable === layer.other[unit];
    if (token.unit === unit) found.same++;
    else if (token.kind === "letter") found.initials++;
    else if (token.kind === "other") return undefined;
    else if (token.kind === "pinyin") {
      if (!isExact) return undefined;
      found.pinyin++;
      found.pinyinLetters += token.to - token.from;
    } else if (isExact) found.homophones++;
    else found.near++;
  }
  return found;
}

/** Do runs of letters lie wholly inside the match? A part of a name or of a code is no pinyin. */
function holdsWholeRuns(tokens: readonly SoundToken[]): boolean {
  const [from, to] = [tokens[0]?.from ?? 0, tokens.at(-1)?.to ?? 0];
  return tokens.every(
    ({ runFrom, runTo }) => runFrom === runTo || (runFrom >= from && runTo <= to),
  );
}

/** Characters stand together; letters may have fillers between syllables. A clause never ends inside. */
function standsTogether(tokens: readonly SoundToken[], text: LooseText): boolean {
  return tokens.every(({ kind, from }, index) => {
    if (index === 0) return true;
    const gap = text.gaps[from] ?? 0;
    const isSpelled = kind !== "character" || tokens[index - 1]?.kind !== "character";
    return gap === gapKind.none || (isSpelled && gap === gapKind.filler);
  });
}

function isEnoughInLetters(found: Evidence, count: number, quote: string): boolean {
  const { same, homophones, near, pinyin, pinyinLetters, initials } = found;
  if (near > 0) return false;
  if (initials === 0) {
    if (pinyin === count) return count >= 3 || pinyinLetters >= 5;
    return count >= 3 || same > 0;
  }
  if (initials < count) return count >= 3 && same + homophones + pinyin >= initials;
  if (count >= 4) return true;
  // Three letters: in small ones, as initials are typed, and not what everybody abbreviates.
  return count === 3 && quote === quote.toLowerCase() && !usualAbbreviations.has(quote);
}

function isEnoughInCharacters(
  found: Evidence,
  part: readonly SoundToken[],
  units: readonly number[],
  innocents: ReadonlySet<string>,
): boolean {
  const { same, homophones, near } = found;
  const count = part.length;
  if (innocents.has(String.fromCharCode(...part.map(({ unit }) => unit)))) return false;
  if (count === 2) {
    const instead = part.find(({ unit }, index) => unit !== units[index])?.unit ?? 0;
    const isEveryday = everydayCharacters.has(String.fromCharCode(instead));
    return same === 1 && homophones === 1 && !isEveryday;
  }
  if (count === 3) return near === 0 || (same >= 1 && near === 1);
  return near * 2 <= count;
}

function listSteps(found: Evidence): VariantStep[] {
  const counts: Partial<Record<VariantStep, number>> = {
    homophone: found.homophones,
    near_homophone: found.near,
    pinyin: found.pinyin,
    initial: found.initials,
  };
  return variantSteps.filter((step) => (counts[step] ?? 0) > 0);
}

/** The labels between which a token's may be; a letter is itself or any syllable that begins with it. */
function rangesOf(token: SoundToken, layer: SoundLayer): (readonly [number, number])[] {
  const own = [token.label, token.label + 1] as const;
  return token.kind === "letter" ? [layer.initialRange(token.unit), own] : [own];
}

/** Two characters of which the word has neither. */
function isAlien(
  layer: SoundLayer,
  spelling: number,
  first: SoundToken | undefined,
  second: SoundToken | undefined,
): boolean {
  if (first?.kind !== "character" || second?.kind !== "character") return false;
  return !sharesUnit(layer, spelling, first.unit, second.unit);
}

export function visitSoundMatches(
  parts: CompiledParts,
  raw: string,
  { visit, isFull }: MatchVisitor,
): void {
  const { sound, loose, ruleOfWord, words } = parts;
  if (sound.words.length === 0) return;
  const text = loosenText(loose, raw);
  const tokens = soundTokens(raw, text, sound, loose.unitOf);
  const ranges = tokens.map((token) => rangesOf(token, sound));
  visitLabelRanges(sound.trie, ranges, mostSteps, (spelling, first, end) => {
    if (end - first === 2 && isAlien(sound, spelling, tokens[first], tokens[first + 1])) return;
    const part = tokens.slice(first, end);
    if (!holdsWholeRuns(part) || !standsTogether(part, text)) return;
    const [from, to] = [part[0]?.from ?? 0, part.at(-1)?.to ?? 0];
    const [start, last] = [text.starts[from] ?? 0, text.ends[to - 1] ?? 0];
    const quote = raw.slice(start, last);
    const isSpelled = part.some(({ kind }) => kind === "letter" || kind === "pinyin");
    for (let at = sound.firstWord[spelling] ?? 0; at < (sound.firstWord[spelling + 1] ?? 0); at++) {
      const word = sound.words[at] ?? 0;
      const rule = ruleOfWord[word] ?? 0;
      if (isFull(rule)) continue;
      const units = soundedUnits(words.get(word));
      const found = weigh(part, units, sound);
      // What needs no ear is found by the other layers.
      if (found === undefined || found.same === part.length) continue;
      const isInLetters = isSpelled && found.pinyin + found.initials > 0;
      const isEnough = isInLetters
        ? isEnoughInLetters(found, part.length, quote)
        : isEnoughInCharacters(found, part, units, sound.innocents);
      if (!isEnough) continue;
      if (found.initials === part.length && isInCode(tokens, first, end, text)) continue;
      if (!isInLetters && belongsOutside(tokens, [first, end], { units, layer: sound })) continue;
      visit({
        word,
        rule,
        start,
        end: last,
        findCut: () => undefined,
        findShelter: () => findLooseShelter(parts, text, { word, from, to }),
        listSteps: () => listSteps(found),
      });
    }
  });
}
