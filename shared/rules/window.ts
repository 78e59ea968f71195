/**
 * Several messages of one speaker, read as one text. What stands over the border of two messages counts only
 * when it looks like something split on purpose: one of the pieces is all that its message says, or all of the
 * messages are short. Else 「路口」 and 「交通」 would say what nobody said.
 */
import type { Place } from "./condition.ts";

/** Another message of the same speaker in the same conversation. */
export interface Sibling {
  /** By which a place names it. */
  readonly id: number;
  readonly text: string;
  readonly sentAtMs: number;
}

/** The present message among the speaker's others, which are in the order of sending. */
export interface Surroundings {
  readonly text: string;
  readonly sentAtMs: number;
  readonly before: readonly Sibling[];
  /** Known when the present message comes late. */
  readonly after: readonly Sibling[];
}

export interface WindowSize {
  readonly messages: number;
  readonly minutes: number;
}

/** How far apart a strong rule expects the pieces of one word, which it finds without being told to. */
export const splitWindow: WindowSize = { messages: 6, minutes: 5 };

/** A window is no longer than this beside the present message, so that a hostile one costs little. */
const mostUnits = 4000;
/** A message of so many letters and digits may be a piece though it says more than the piece. */
const shortMessage = 8;

export interface WindowPart {
  /** Absent: the present message. */
  readonly id?: number;
  readonly text: string;
  /** Where it stands in the joined text. */
  readonly start: number;
}

export interface JoinedWindow {
  readonly text: string;
  readonly parts: readonly WindowPart[];
}

interface Piece {
  readonly part: WindowPart;
  /** In the message. */
  readonly start: number;
  readonly end: number;
}

function join(messages: readonly { id?: number; text: string }[]): JoinedWindow {
  let text = "";
  const parts = messages.map((message) => {
    const part = { ...message, start: text.length };
    text += message.text;
    return part;
  });
  return { text, parts };
}

/**
 * All windows of the size that hold the present message and others, first the one that ends with it. More than one
 * there is only when the present message came later than its successors.
 */
export function windowsAround(
  { text, sentAtMs, before, after }: Surroundings,
  { messages, minutes }: WindowSize,
): JoinedWindow[] {
  const line = [...before, { text, sentAtMs }, ...after];
  const present = before.length;
  const windows: JoinedWindow[] = [];
  for (let last = present; last < Math.min(line.length, present + messages); last++) {
    const endMs = line[last]?.sentAtMs ?? 0;
    let first = last;
    let units = 0;
    while (first > 0 && last - first + 1 < messages) {
      const next = line[first - 1];
      if (next === undefined || endMs - next.sentAtMs > minutes * 60_000) break;
      units += first - 1 === present ? 0 : next.text.length;
      if (units > mostUnits) break;
      first--;
    }
    if (first > present) break;
    if (last > first) windows.push(join(line.slice(first, last + 1).map(nameAndText)));
  }
  return windows;
}

function nameAndText(one: { id?: number; text: string }): { id?: number; text: string } {
  return one.id === undefined ? { text: one.text } : { id: one.id, text: one.text };
}

function piecesOf({ parts }: JoinedWindow, { start, end }: Place): Piece[] {
  return parts.flatMap((part) => {
    const from = Math.max(start, part.start) - part.start;
    const to = Math.min(end, part.start + part.text.length) - part.start;
    return from < to ? [{ part, start: from, end: to }] : [];
  });
}

/** A place of the joined text as one place in each message that it touches. */
export function splitPlace(window: JoinedWindow, place: Place): Place[] {
  return piecesOf(window, place).map(({ part, start, end }) => ({
    start,
    end,
    ...(place.word !== undefined && { word: place.word }),
    ...(part.id !== undefined && { message: part.id }),
  }));
}

/** A place in one of the messages as one of the joined text. */
export function joinPlace(part: WindowPart, place: Place): Place {
  return { ...place, start: place.start + part.start, end: place.end + part.start };
}

const speaking = /[\p{L}\p{N}]/gu;

function countSpeaking(text: string): number {
  return text.match(speaking)?.length ?? 0;
}

/** Does the place stand over a border, and look as if it were split on purpose? */
export function isSplit(window: JoinedWindow, place: Place): boolean {
  const pieces = piecesOf(window, place);
  if (pieces.length < 2) return false;
  return (
    pieces.some(({ part, start, end }) => isAll(part.text, start, end)) ||
    pieces.every(({ part }) => countSpeaking(part.text) <= shortMessage)
  );
}

function isAll(text: string, start: number, end: number): boolean {
  return countSpeaking(text.slice(0, start)) + countSpeaking(text.slice(end)) === 0;
}
