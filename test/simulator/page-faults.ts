import type { WireItem } from "./archive.ts";

/** What can be wrong with a page of the archive while its items are sound. */
export type PageFault =
  /** Items come twice, and some that were served before come again. */
  | "duplicated"
  /** Newest first. */
  | "out_of_order"
  /** Half of what there is, and less than was asked for. */
  | "short"
  /** The answer ends in the middle. */
  | "cut_off"
  /** Items name a key version that they were not sealed for. */
  | "wrong_key";

export const PAGE_FAULTS: readonly PageFault[] = [
  "duplicated",
  "out_of_order",
  "short",
  "cut_off",
  "wrong_key",
];

/** So many items come again. */
const REPEATED = 5;

/** The page after `seq` as the fault lets it be. `read` is the sound archive. */
export function disturbPage(
  fault: PageFault | null,
  read: (seq: number, limit: number) => WireItem[],
  seq: number,
  limit: number,
): WireItem[] {
  const page = read(seq, limit);
  switch (fault) {
    case "duplicated": {
      const before = read(Math.max(0, seq - REPEATED), REPEATED).filter((item) => item.seq <= seq);
      return [...before, ...page.flatMap((item) => [item, item])].slice(0, limit);
    }
    case "out_of_order":
      return page.reverse();
    case "short":
      return page.slice(0, Math.ceil(page.length / 2));
    case "wrong_key":
      return page.map((item) => ({ ...item, publickey_ver: item.publickey_ver + 1 }));
    case "cut_off":
    case null:
      return page;
  }
}
