/** Cuts a text into pieces by the places that rules found in it. Pure; offsets are UTF-16 units. */
import { ruleLevels, type RuleLevel } from "#shared/rules/rule";

/** What marking needs to know of a finding; findings of the engine and of the server both have it. */
export interface Markable {
  readonly level: RuleLevel;
  readonly spans: readonly { readonly start: number; readonly end: number }[];
}

export interface MarkedPiece {
  readonly text: string;
  readonly start: number;
  /** The gravest level of the findings on this piece; `null` for plain text. */
  readonly level: RuleLevel | null;
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly rank: number;
}

function placesWithin(length: number, findings: readonly Markable[]): Place[] {
  return findings.flatMap(({ level, spans }) =>
    spans
      .map(({ start, end }) => ({
        start: Math.max(0, start),
        end: Math.min(length, end),
        rank: ruleLevels.indexOf(level),
      }))
      .filter(({ start, end }) => start < end),
  );
}

function byStart(a: Place, b: Place): number {
  return a.start - b.start || b.end - a.end;
}

/**
 * The text in pieces whose texts joined give the text again. Where findings overlap the gravest level
 * shows; places outside the text (a quote that was cut) are left out.
 */
export function markText(text: string, findings: readonly Markable[]): MarkedPiece[] {
  const places = placesWithin(text.length, findings);
  const cuts = new Set([0, text.length]);
  for (const { start, end } of places) cuts.add(start).add(end);
  const bounds = [...cuts].sort((a, b) => a - b);
  const pieces: MarkedPiece[] = [];
  for (const [index, start] of bounds.entries()) {
    const end = bounds[index + 1];
    if (end === undefined) break;
    const ranks = places.filter((p) => p.start <= start && p.end >= end).map((p) => p.rank);
    const level = ruleLevels[Math.max(-1, ...ranks)] ?? null;
    const last = pieces.at(-1);
    if (last?.level === level) {
      pieces[pieces.length - 1] = { ...last, text: last.text + text.slice(start, end) };
    } else pieces.push({ text: text.slice(start, end), start, level });
  }
  return pieces;
}

/**
 * The words of a finding as they stand in the text, each once, in order of appearance; words that
 * overlap are one, as 保本 and 保息 in 保本保息.
 */
export function wordsFound(text: string, finding: Markable): string[] {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of placesWithin(text.length, [finding]).sort(byStart)) {
    const last = joined.at(-1);
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  return [...new Set(joined.map(({ start, end }) => text.slice(start, end)))];
}

/** Findings with the gravest first; the order among equals stays. */
export function gravestFirst<T extends Markable>(findings: readonly T[]): T[] {
  return [...findings].sort((a, b) => ruleLevels.indexOf(b.level) - ruleLevels.indexOf(a.level));
}
