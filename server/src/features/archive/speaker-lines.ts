import type { Sibling } from "#shared/rules/window";
import type { Reach } from "./neighbours.ts";

/** A message in the line of one who speaks in one conversation. */
export interface Placed {
  seq: number;
  sentAtMs: number;
  /** In the order of storing; 0 when it is not known. */
  ordinal: number;
}

/**
 * What those who speak in a portion of history said, each in the order of sending, to find what stood around a
 * message when it came: the same as `Neighbours` gives at ingest, of messages that are all stored by now.
 */
export interface SpeakerLines {
  add(speaker: string, message: Placed & { text: string }): void;
  /** Once all have been added. */
  close(): void;
  of(speaker: string, message: Placed): { before: Sibling[]; after: Sibling[] };
}

interface Said extends Placed {
  text: string;
}

export function createSpeakerLines({ messages, minutes }: Reach): SpeakerLines {
  const lines = new Map<string, Said[]>();
  const others = messages - 1;
  const spanMs = minutes * 60_000;

  /** Those that were there when `message` came, from the nearest on; as many as a window holds. */
  function walk(line: readonly Said[], from: number, step: 1 | -1, message: Placed): Sibling[] {
    const found: Sibling[] = [];
    for (let at = from; found.length < others; at += step) {
      const one = line[at];
      if (!one || Math.abs(one.sentAtMs - message.sentAtMs) > spanMs) break;
      if (wasBefore(one, message))
        found.push({ id: one.seq, text: one.text, sentAtMs: one.sentAtMs });
    }
    return found;
  }

  return {
    add(speaker, message) {
      const line = lines.get(speaker);
      if (line) line.push(message);
      else lines.set(speaker, [message]);
    },
    close() {
      for (const line of lines.values()) line.sort(byTime);
    },
    of(speaker, message) {
      const line = lines.get(speaker) ?? [];
      const at = placeIn(line, message);
      const own = line[at]?.seq === message.seq ? 1 : 0;
      return {
        before: walk(line, at - 1, -1, message).reverse(),
        after: walk(line, at + own, 1, message),
      };
    },
  };
}

function wasBefore(one: Placed, message: Placed): boolean {
  const isCounted = one.ordinal > 0 && message.ordinal > 0;
  return isCounted ? one.ordinal < message.ordinal : one.seq < message.seq;
}

/** The first place whose message does not come before `message`. */
function placeIn(line: readonly Said[], message: Placed): number {
  let [low, high] = [0, line.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const one = line[middle];
    if (one && byTime(one, message) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function byTime(a: Placed, b: Placed): number {
  return a.sentAtMs - b.sentAtMs || a.seq - b.seq;
}
