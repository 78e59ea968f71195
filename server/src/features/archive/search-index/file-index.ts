import { existsSync } from "node:fs";
import type { SearchThreads } from "../search-threads.ts";
import { LostIndexError } from "./search-index.ts";
import type { IndexEntry, SearchIndex } from "./search-index.ts";

/** The index in files, one a month: what goes with SQLite. All work on them is a thread's. */
export function createFileIndex({
  folder,
  threads,
}: {
  folder: string;
  threads: Pick<SearchThreads, "onFiles">;
}): SearchIndex {
  return {
    backend: "files",
    async index(generation, entries, months) {
      for (const [month, those] of groupByMonth(entries)) {
        const file = { folder, generation, month };
        const mustExist = months.includes(month);
        const isWritten = await threads.onFiles("writeMonth", file, those, mustExist);
        if (!isWritten) throw new LostIndexError(`the index of ${month} is not there`);
      }
    },
    async query(generation, { month, ...query }) {
      const found = await threads.onFiles("queryMonth", { folder, generation, month }, query);
      if (!found) throw new LostIndexError(`the index of ${month} is not there`);
      return found;
    },
    async forget(generation, seqs, months) {
      const empty: number[] = [];
      for (const month of months) {
        const file = { folder, generation, month };
        const left = await threads.onFiles("forgetInMonth", file, seqs);
        if (left === null) throw new LostIndexError(`the index of ${month} is not there`);
        if (left === "nothing") empty.push(month);
      }
      return empty;
    },
    drop: (_generation, month) => threads.onFiles("removeMonth", { folder, month }),
    async clear() {
      // At every start of a product without an index: no thread for nothing.
      if (existsSync(folder)) await threads.onFiles("removeAllMonths", folder);
    },
  };
}

export function groupByMonth(entries: readonly IndexEntry[]): Map<number, IndexEntry[]> {
  const months = new Map<number, IndexEntry[]>();
  for (const entry of entries) {
    const those = months.get(entry.month);
    if (those) those.push(entry);
    else months.set(entry.month, [entry]);
  }
  return months;
}
