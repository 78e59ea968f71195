import type { EntityManager } from "typeorm";
import { insertNew } from "../../platform/database/insert-new.ts";
import { shanghaiDay } from "../../platform/shanghai-day.ts";
import { ArchiveDay } from "./archive-books.entity.ts";

/** Items that came after `from`. */
export interface PassedPage {
  from: number;
  to: number;
  items: readonly { seq: number }[];
}

/**
 * Notes which numbers the cursor has passed on the day. Left-out ones are normal, since WeCom counts the whole corp;
 * they are shown and alarm nobody.
 */
export async function noteArchiveDay(
  tx: EntityManager,
  page: PassedPage,
  receivedAtMs: number,
): Promise<void> {
  const { first, count, skipped, widest } = findGaps(page);
  const day = shanghaiDay(receivedAtMs);
  const nothing = { pages: 0, gaps: 0, skipped: 0, widest_gap: 0 };
  await insertNew(tx, "archive_day", "day", [
    { day, first_seq: first, last_seq: page.to, ...nothing, last_page_at_ms: receivedAtMs },
  ]);
  await tx
    .createQueryBuilder()
    .update(ArchiveDay)
    .set({
      lastSeq: page.to,
      pages: () => "pages + 1",
      gaps: () => `gaps + ${count}`,
      skipped: () => `skipped + ${skipped}`,
      widestGap: () => `CASE WHEN widest_gap < ${widest} THEN ${widest} ELSE widest_gap END`,
      lastPageAtMs: receivedAtMs,
    })
    .where("day = :day", { day })
    .execute();
}

interface Gaps {
  first: number;
  count: number;
  /** Numbers that are missing, in all and in the widest place. */
  skipped: number;
  widest: number;
}

/** What was before the very first item is nobody's gap: the archive begins where the licence began. */
export function findGaps({ from, items }: PassedPage): Gaps {
  const seqs = items.map(({ seq }) => seq).sort((left, right) => left - right);
  const first = seqs[0] ?? from;
  const gaps: Gaps = { first, count: 0, skipped: 0, widest: 0 };
  let before = from === 0 ? first : from;
  for (const seq of seqs) {
    const missing = Math.max(0, seq - before - 1);
    if (missing > 0) gaps.count += 1;
    gaps.skipped += missing;
    gaps.widest = Math.max(gaps.widest, missing);
    before = Math.max(before, seq);
  }
  return gaps;
}
