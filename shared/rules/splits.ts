/** 拆字: a character written as its parts (亻言 for 信). Only compiling needs the table. */
import { canonicalPart } from "./split-parts.ts";
import { splitEntries } from "./tables/splits.ts";

/** Forms that the table lacks because a part has no code point of its own. */
const additions = "微彳山攵 微彳山几攵 赚贝兼 赔贝立口 薇艹微 徽彳山系攵";

/** A character and its parts as the table names them, two or more. */
export interface Split {
  readonly whole: number;
  readonly parts: readonly number[];
}

let entriesByWhole: Map<number, string[]> | undefined;

/** Character → its splits, read from the table when first asked for: only compiling needs it. */
function splitEntriesByWhole(): Map<number, string[]> {
  if (entriesByWhole !== undefined) return entriesByWhole;
  entriesByWhole = new Map();
  for (const entry of `${splitEntries} ${additions}`.split(" ")) {
    const known = entriesByWhole.get(entry.charCodeAt(0));
    if (known === undefined) entriesByWhole.set(entry.charCodeAt(0), [entry.slice(1)]);
    else known.push(entry.slice(1));
  }
  return entriesByWhole;
}

/** The splits of the given characters, and of parts of theirs that are split themselves. */
export function splitsOf(units: Iterable<number>): Split[] {
  const entries = splitEntriesByWhole();
  const splits: Split[] = [];
  const seen = new Set<number>();
  const queue = [...units];
  for (let unit = queue.pop(); unit !== undefined; unit = queue.pop()) {
    if (seen.has(unit)) continue;
    seen.add(unit);
    for (const form of entries.get(unit) ?? []) {
      const parts = Array.from(form, (part) => part.charCodeAt(0));
      splits.push({ whole: unit, parts });
      queue.push(...parts.map(canonicalPart));
    }
  }
  return splits;
}
