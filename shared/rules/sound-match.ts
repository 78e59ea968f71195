/**
 * Words that a text spells by their sound: with homophones, in pinyin, by initials. Sounds alone are like too
 * much, so a match must show enough of the word: the guards below are what keeps false alarms few.
 */
import type { CompiledParts } from "./compiled-rules.ts";
import { findLooseShelter } from "./loose-match.ts";
import type { LooseText } from "./loose-text.ts";
import { gapKind } from "./loose-word.ts";
import type { MatchVisitor } from "./word-match.ts";
import {
  everydayCharacters,
  pairOf,
  sharesUnit,
  soundedUnits,
  type SoundLayer,
} from "./sound-layer.ts";
import { visitLabelRanges, type LabelRange } from "./sound-search.ts";
import {
  characterToken,
  findSound,
  readCharacters,
  soundTokens,
  type SoundToken,
} from "./sound-text.ts";
import { variantSteps, type VariantStep } from "./variant-step.ts";

/** Steps of the search for initials, whose number of branches a hostile text could drive up, for one text. */
const mostSteps = 200_000;

/** Abbreviations of three letters that people use in ordinary talk; as initials they prove nothing. */
const usualAbbreviations = new Set(
  "app atm bbs bmw bug byd cad cbd cctv ceo cpi cpu crm csp dhl dna dvd erp faq gdp gps hdr hiv ios ipo isp jpg kfc kpi ktv led lcd lol mba mbp mpv mvp nba ntr ocr oem ofo olay omg ope pdf pos ppt pvc rmb sdk seo sku spa sql ssd suv tcl tnt txt uber ufo url usb vip vpn wap wifi wps xls xml zip".split(
    " ",
  ),
);

/** Where a word may stand: its tokens and their neighbours. */
interface Place {
  readonly part: readonly SoundToken[];
  readonly before: SoundToken | undefined;
  readonly after: SoundToken | undefined;
}

/**
 * Does a character that stands in for the word's first or last belong to its neighbour outside: 微 in 加微波炉?
 * Asked of short words alone.
 */
function belongsOutside(
  { part, before, after }: Place,
  units: readonly number[],
  { commonPairs }: SoundLayer,
): boolean {
  if (part.length > 3) return false;
  const isCommon = (left: SoundToken | undefined, right: SoundToken | undefined): boolean =>
    commonPairs.has(pairOf(left?.unit ?? 0, right?.unit ?? 0)) && left?.to === right?.from;
  const [first, last] = [part[0], part.at(-1)];
  const isFirstInstead = first?.unit !== units[0];
  const isLastInstead = last?.unit !== units[part.length - 1];
  return (isFirstInstead && isCommon(before, first)) || (isLastInstead && isCommon(last, after));
}

/** Are the letters part of a code, with digits before or after: SZ20261123WZBP88? */
function isInCode({ part, before, after }: Place, text: LooseText): boolean {
  const isDigit = (token: SoundToken | undefined): boolean =>
    token !== undefined && token.unit >= 0x30 && token.unit <= 0x39;
  return (
    (isDigit(before) && text.gaps[part[0]?.from ?? 0] === gapKind.none) ||
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
  /** Syllables of the text that are not the word's; the search allows one. */
  others: number;
}

/** The reading of that rank of a token's character, or the syllable in letters; 0 = none. */
function syllableOf({ readings }: SoundLayer, token: SoundToken, rank: number): number {
  if (token.kind === "character") return readings[rank]?.[token.unit] ?? 0;
  return rank === 0 ? token.syllable : 0;
}

/** How a token shows one of the word's units. */
function hear(
  token: SoundToken,
  unit: number,
  layer: SoundLayer,
): "same" | "near" | "other" | undefined {
  const { readings, labelOf } = layer;
  let isNear = false;
  for (let rank = 0; rank < readings.length; rank++) {
    const heard = syllableOf(layer, token, rank);
    if (heard === 0) break;
    for (const row of readings) {
      const wanted = row[unit] ?? 0;
      if (wanted === 0) break;
      if (heard === wanted) return "same";
      if (labelOf[heard - 1] === labelOf[wanted - 1]) isNear = true;
    }
  }
  if (!isNear) return "other";
  return token.kind === "pinyin" ? undefined : "near";
}

/** How the tokens show the word's units; `undefined` when one does not. */
function weigh(
  tokens: readonly SoundToken[],
  units: readonly number[],
  layer: SoundLayer,
): Evidence | undefined {
  const found = {
    same: 0,
    homophones: 0,
    near: 0,
    pinyin: 0,
    pinyinLetters: 0,
    initials: 0,
    others: 0,
  };
  for (const [index, token] of tokens.entries()) {
    const unit = units[index] ?? 0;
    if (token.unit === unit) found.same++;
    else if (token.kind === "letter") found.initials++;
    else if (token.kind === "other") return undefined;
    else {
      const heard = hear(token, unit, layer);
      if (heard === undefined) return undefined;
      if (heard === "other") found.others++;
      else if (heard === "near") found.near++;
      else if (token.kind === "character") found.homophones++;
      else {
        found.pinyin++;
        found.pinyinLetters += token.to - token.from;
      }
    }
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

/**
 * With one syllable that is another, the rest must be disguised as well: 我要辞职 is not 我要离职 in disguise, as
 * what agrees there is written as it should be.
 */
const fewestDisguisedBesideOther = 3;

function isEnoughInLetters(found: Evidence, count: number, quote: string): boolean {
  const { same, homophones, near, pinyin, pinyinLetters, initials } = found;
  if (near > 0 || found.others > 0) return false;
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
  { innocents, commonPairs }: SoundLayer,
): boolean {
  const { same, homophones, near, others } = found;
  const count = part.length;
  if (others > 0) {
    return (
      near === 0 &&
      homophones >= fewestDisguisedBesideOther &&
      // 国际饭店 is not 过期翻新 in disguise.
      !part.some(({ unit }, at) => commonPairs.has(pairOf(unit, part[at + 1]?.unit ?? 0)))
    );
  }
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
    near_homophone: found.near + found.others,
    pinyin: found.pinyin,
    initial: found.initials,
  };
  return variantSteps.filter((step) => (counts[step] ?? 0) > 0);
}

/** The labels between which a token's may be; a letter is itself or any syllable that begins with it. */
function rangesOf(token: SoundToken, layer: SoundLayer): LabelRange[] {
  const own = [token.label, token.label + 1] as const;
  if (token.kind === "letter") return [layer.initialRange(token.unit), own];
  if (token.kind !== "character") return [own];
  const [, ...others] = layer.labelsOfUnit;
  const labels = others.map((row) => row[token.unit] ?? 0).filter((label) => label !== 0);
  return [own, ...labels.map((label) => [label, label + 1] as const)];
}

/** Two characters of which the word has neither. */
function isAlien(layer: SoundLayer, spelling: number, { part }: Place): boolean {
  const [first, second, third] = part;
  if (third !== undefined) return false;
  if (first?.kind !== "character" || second?.kind !== "character") return false;
  return !sharesUnit(layer, spelling, first.unit, second.unit);
}

interface Source {
  readonly raw: string;
  readonly text: LooseText;
}

/** Calls `visit` for each spelling of the layer and each place where the text may sound like it. */
function visitPlaces(
  { sound, loose }: CompiledParts,
  source: Source,
  visit: (spelling: number, place: Place) => void,
): void {
  const read = readCharacters(source, sound, loose.unitOf);
  if (!read.hasLetters) {
    const { units, length } = read;
    const tokenAt = (at: number) =>
      at >= 0 && at < length ? characterToken(sound, units[at] ?? 0, at) : undefined;
    findSound(sound, read, (spelling, start, end) => {
      const part = Array.from({ length: end - start }, (_, at) =>
        characterToken(sound, units[start + at] ?? 0, start + at),
      );
      visit(spelling, { part, before: tokenAt(start - 1), after: tokenAt(end) });
      return false;
    });
    return;
  }
  const tokens = soundTokens(source.raw, source.text, sound, loose.unitOf);
  const ranges = tokens.map((token) => rangesOf(token, sound));
  visitLabelRanges(sound.trie, ranges, mostSteps, (spelling, first, end) => {
    const part = tokens.slice(first, end);
    visit(spelling, { part, before: tokens[first - 1], after: tokens[end] });
  });
}

/** How the place shows the word; `undefined` when that is not enough. */
function listen(
  { part, before, after }: Place,
  units: readonly number[],
  { source, layer }: { source: Source; layer: SoundLayer },
): Evidence | undefined {
  const { raw, text } = source;
  const found = weigh(part, units, layer);
  // What needs no ear is found by the other layers.
  if (found === undefined || found.same === part.length) return undefined;
  const place = { part, before, after };
  if (found.pinyin + found.initials > 0) {
    const { start, end } = originalPlace(part, text);
    if (!isEnoughInLetters(found, part.length, raw.slice(start, end))) return undefined;
    return found.initials === part.length && isInCode(place, text) ? undefined : found;
  }
  if (!isEnoughInCharacters(found, part, units, layer)) return undefined;
  return belongsOutside(place, units, layer) ? undefined : found;
}

/** The characters of a word of a rule that are read. */
function unitsOf({ sound, words }: CompiledParts, word: number): readonly number[] {
  let units = sound.unitsOfWord.get(word);
  if (units === undefined) {
    units = soundedUnits(words.get(word));
    sound.unitsOfWord.set(word, units);
  }
  return units;
}

function originalPlace(
  part: readonly SoundToken[],
  text: LooseText,
): { start: number; end: number } {
  const [from, to] = [part[0]?.from ?? 0, part.at(-1)?.to ?? 0];
  return { start: text.starts[from] ?? 0, end: text.ends[to - 1] ?? 0 };
}

/** Good until the next text is loosened. */
export function visitSoundMatches(
  parts: CompiledParts,
  source: Source,
  { visit, isFull }: MatchVisitor,
): void {
  const { sound, ruleOfWord } = parts;
  if (sound.words.length === 0) return;
  visitPlaces(parts, source, (spelling, place) => {
    const { part } = place;
    if (isAlien(sound, spelling, place)) return;
    if (!holdsWholeRuns(part) || !standsTogether(part, source.text)) return;
    const [from, to] = [part[0]?.from ?? 0, part.at(-1)?.to ?? 0];
    for (let at = sound.firstWord[spelling] ?? 0; at < (sound.firstWord[spelling + 1] ?? 0); at++) {
      const word = sound.words[at] ?? 0;
      const rule = ruleOfWord[word] ?? 0;
      if (isFull(rule)) continue;
      const found = listen(place, unitsOf(parts, word), { source, layer: sound });
      if (found === undefined) continue;
      visit({
        word,
        rule,
        ...originalPlace(part, source.text),
        findCut: () => undefined,
        findShelter: () => findLooseShelter(parts, source.text, { word, from, to }),
        listSteps: () => listSteps(found),
      });
    }
  });
}
