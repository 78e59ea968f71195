/**
 * A text as the loose layer sees it: labels of the units that can be in a word, without marks, fillers and
 * repeats, with split characters put together, and for each the way back to the original. One pass, into
 * arrays that are used again for the next text (scanning is not re-entrant), so that a message costs no memory.
 */
import { pairBit, type LooseLayer, type LooseSplit } from "./loose-layer.ts";
import { looseAstral, looseKind } from "./loose-units.ts";
import { gapKind, isMeantPlus } from "./loose-word.ts";

export interface LooseText {
  length: number;
  labels: Uint16Array;
  /** Original offsets [start, end) of each label. */
  starts: Uint32Array;
  ends: Uint32Array;
  /** What stands between a label and the one before it, as in `gapKind`. */
  gaps: Uint8Array;
  /** How often it was repeated, up to 255. */
  runs: Uint8Array;
}

function createText(capacity: number): LooseText {
  return {
    length: 0,
    labels: new Uint16Array(capacity),
    starts: new Uint32Array(capacity),
    ends: new Uint32Array(capacity),
    gaps: new Uint8Array(capacity),
    runs: new Uint8Array(capacity),
  };
}

const usualCapacity = 4096;
const scratch = createText(usualCapacity);

/** Parts of a character stand next to each other, or have this many units between them at most. */
const widestSplitGap = 1;

/** Repeats may have this many units of fillers between them. */
export const widestRepeatGap = 2;

function standsSplit(text: LooseText, split: LooseSplit, partOf: Uint16Array): boolean {
  const { parts, exact, isLoose } = split;
  const first = text.length - parts.length;
  if (first < 0) return false;
  for (let at = parts.length - 1; at >= 0; at--) {
    const here = first + at;
    const label = text.labels[here] ?? 0;
    if (isLoose[at] === true ? partOf[label] !== parts[at] : label !== exact[at]) return false;
    if (at === 0) continue;
    // 放心，不用: a comma parts two words, not one character.
    if (text.gaps[here] === gapKind.pause) return false;
    if ((text.starts[here] ?? 0) - (text.ends[here - 1] ?? 0) > widestSplitGap) return false;
  }
  return true;
}

/** Do the parts stand there as the table names them, without a look-alike? */
function isExact(text: LooseText, exact: readonly number[]): boolean {
  return exact.every((label, at) => text.labels[text.length - exact.length + at] === label);
}

/**
 * 亻弋贝勾 is 代购, not 贷勾: a part after a character that was put together goes with the next part where the
 * two make a character.
 */
function isPartOfNext(text: LooseText, layer: LooseLayer, nextLabel: number): boolean {
  const { partOf, splitsByPair } = layer;
  const last = text.length - 1;
  const isJoined = (text.ends[last - 1] ?? 0) - (text.starts[last - 1] ?? 0) > 1;
  if (!isJoined || text.runs[last - 1] !== 1) return false;
  return splitsByPair.has(((partOf[text.labels[last] ?? 0] ?? 0) << 16) | (partOf[nextLabel] ?? 0));
}

/** 又又 are the parts of 双, so the second is no repeat. */
export function isDoublePart({ partOf, splitsByPair }: LooseLayer, label: number): boolean {
  const part = partOf[label] ?? 0;
  return part !== 0 && splitsByPair.has((part << 16) | part);
}

/** Puts the parts at the end of the text together, and what then are parts again. */
function joinSplits(text: LooseText, layer: LooseLayer, nextLabel: number): void {
  const { partOf, splitsByPair } = layer;
  for (;;) {
    const last = text.length - 1;
    if (last < 1) return;
    const pair =
      ((partOf[text.labels[last - 1] ?? 0] ?? 0) << 16) | (partOf[text.labels[last] ?? 0] ?? 0);
    const all = splitsByPair.get(pair)?.filter((split) => standsSplit(text, split, partOf)) ?? [];
    const found = all.find(({ exact }) => isExact(text, exact)) ?? all[0];
    if (found === undefined || isPartOfNext(text, layer, nextLabel)) return;
    const first = text.length - found.parts.length;
    text.labels[first] = found.whole;
    text.ends[first] = text.ends[last] ?? 0;
    text.runs[first] = 1;
    text.length = first + 1;
    mergeRepeat(text);
  }
}

/** Two of the same character, each put together from its parts, are a repeat as if written whole. */
function mergeRepeat(text: LooseText): void {
  const last = text.length - 1;
  if (last < 1 || text.labels[last] !== text.labels[last - 1]) return;
  if (text.gaps[last] !== gapKind.none) return;
  text.ends[last - 1] = text.ends[last] ?? 0;
  text.runs[last - 1] = Math.min(255, (text.runs[last - 1] ?? 0) + 1);
  text.length = last;
}

/** The label of a surrogate pair or of a plus; they are rare, so the pass calls out for them. */
export function rareLabel(layer: LooseLayer, text: string, at: number, kind: number): number {
  if (kind === looseKind.plus) {
    return isMeantPlus(text.charCodeAt(at + 1)) ? layer.labelOfUnit(0x2b) : looseKind.filler;
  }
  const codePoint = text.codePointAt(at) ?? 0;
  if (codePoint <= 0xffff) return looseKind.filler;
  const unit = looseAstral(codePoint) ?? text.charCodeAt(at + 1);
  return unit === looseKind.filler ? unit : layer.labelOfUnit(unit);
}

/** The loose form of `text`; good until the next call. */
export function loosenText(layer: LooseLayer, text: string): LooseText {
  const out = text.length <= scratch.labels.length ? scratch : createText(text.length);
  const { labels, starts, ends, gaps, runs } = out;
  const { labelOf, partOf, pairs, pairShift, firstPlainLabel } = layer;
  out.length = 0;
  let gap: number = gapKind.none;
  let previous = 0;
  for (let at = 0; at < text.length; at++) {
    let label = labelOf[text.charCodeAt(at)] ?? 0;
    const start = at;
    if (label === looseKind.highSurrogate || label === looseKind.plus) {
      const kind = label;
      label = rareLabel(layer, text, at, kind);
      if (kind === looseKind.highSurrogate && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) at++;
    }
    if (label <= looseKind.pause) {
      if (label > gap) gap = label;
      continue;
    }
    let here = out.length;
    if (
      label === previous &&
      gap !== gapKind.pause &&
      label >= firstPlainLabel &&
      !isDoublePart(layer, label) &&
      start - (ends[here - 1] ?? 0) <= widestRepeatGap
    ) {
      gap = gapKind.none;
      here--;
      ends[here] = at + 1;
      runs[here] = Math.min(255, (runs[here] ?? 0) + 1);
      continue;
    }
    labels[here] = label;
    starts[here] = start;
    ends[here] = at + 1;
    gaps[here] = gap;
    runs[here] = 1;
    out.length = here + 1;
    gap = gapKind.none;
    const part = partOf[label] ?? 0;
    if (part !== 0 && here > 0) {
      const bit = pairBit(partOf[labels[here - 1] ?? 0] ?? 0, part, pairShift);
      if (((pairs[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0) {
        joinSplits(out, layer, labelOf[text.charCodeAt(at + 1)] ?? 0);
      }
    }
    previous = labels[out.length - 1] ?? 0;
  }
  return out;
}
