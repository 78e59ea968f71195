import type { EntityManager } from "typeorm";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { Database } from "../../platform/database/database.ts";
import { ArchiveCursor } from "./archive.entity.ts";
import { formatPullFailure } from "./pull-failure.ts";
import type { PullFailure } from "./pull-failure.ts";

/** Another puller has moved the cursor or holds a newer lease: what we were about to store is undone. */
export class StaleFenceError extends Error {
  override name = "StaleFenceError";
}

export interface CursorMove {
  corpId: string;
  fence: number;
  /** What the cursor must be now; the same as `to` when there was nothing new. */
  from: number;
  to: number;
  nowMs: number;
}

/** The last stored seq, 0 in the beginning. */
export async function readCursor(database: Database, corpId: string): Promise<number> {
  const row = await database.read.findOneBy(ArchiveCursor, { corpId });
  if (row) return row.seq;
  const start = { corp_id: corpId, seq: 0, fence: 0 };
  const untouched = { pulled_at_ms: null, last_error: null, failed_at_ms: null };
  await database.write((tx) =>
    insertNew(tx, "archive_cursor", "corp_id", [{ ...start, ...untouched }]),
  );
  return 0;
}

/** Compare and set; throws `StaleFenceError` when the row is not as this puller left it. */
export async function moveCursor(tx: EntityManager, move: CursorMove): Promise<void> {
  const { corpId, fence, from, to, nowMs } = move;
  const { affected } = await tx
    .createQueryBuilder()
    .update(ArchiveCursor)
    .set({ seq: to, fence, pulledAtMs: nowMs, lastError: null, failedAtMs: null })
    .where("corp_id = :corpId AND seq = :from AND fence <= :fence", { corpId, from, fence })
    .execute();
  if (affected !== 1) throw new StaleFenceError();
}

/** For the health page; a puller that has been replaced says nothing. */
export async function noteFailure(
  tx: EntityManager,
  { corpId, fence, nowMs }: Pick<CursorMove, "corpId" | "fence" | "nowMs">,
  failure: PullFailure,
): Promise<void> {
  await tx
    .createQueryBuilder()
    .update(ArchiveCursor)
    .set({ lastError: formatPullFailure(failure), failedAtMs: nowMs })
    .where("corp_id = :corpId AND fence <= :fence", { corpId, fence })
    .execute();
}
