/** Many short texts in one array of UTF-16 units; a text becomes a string only when someone asks for it. */
import { unitsToString } from "./fold.ts";
import type { Section } from "./packed.ts";

export interface Phrases {
  readonly count: number;
  readonly get: (index: number) => string;
  readonly all: () => string[];
}

export const sectionsPerPhrases = 2;

export function packPhrases(texts: readonly string[]): Section[] {
  const starts = new Uint32Array(texts.length + 1);
  for (const [index, text] of texts.entries())
    starts[index + 1] = (starts[index] ?? 0) + text.length;
  const units = new Uint16Array(starts[texts.length] ?? 0);
  for (const [index, text] of texts.entries()) {
    const start = starts[index] ?? 0;
    for (let at = 0; at < text.length; at++) units[start + at] = text.charCodeAt(at);
  }
  return [starts, units];
}

export function loadPhrases(sections: readonly Section[]): Phrases {
  // packPhrases is the only maker.
  const [starts, units] = sections as [Uint32Array<ArrayBuffer>, Uint16Array<ArrayBuffer>];
  const count = starts.length - 1;
  const get = (index: number): string =>
    unitsToString(units.subarray(starts[index], starts[index + 1]));
  return { count, get, all: () => Array.from({ length: count }, (_, index) => get(index)) };
}
