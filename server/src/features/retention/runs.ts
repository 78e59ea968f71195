import { LessThanOrEqual, MoreThan } from "typeorm";
import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import type { RetentionClassId } from "#shared/contract/retention";
import { insertNew } from "../../platform/database/insert-new.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import { shanghaiDay } from "../../platform/shanghai-day.ts";
import { WINDOW_MS } from "./night.ts";
import { ResultRow, RunRow } from "./retention.entity.ts";

/**
 * The run of this day, if it has begun; one that was interrupted goes on as long as its window is open. Else a new
 * one by the newest policy.
 */
export async function openRun(
  tx: EntityManager,
  { version, nowMs }: { version: number; nowMs: number },
): Promise<RunRow> {
  const open = { state: "running" } as const;
  const interrupted = await tx.findOneBy(RunRow, { ...open, untilMs: MoreThan(nowMs) });
  if (interrupted) {
    // It walks from the beginning again: what is gone is counted, what is held is counted anew.
    await tx.update(ResultRow, { runId: interrupted.id }, { held: 0 });
    return interrupted;
  }
  await tx.update(
    RunRow,
    { ...open, untilMs: LessThanOrEqual(nowMs) },
    { state: "out_of_time", finishedAtMs: nowMs },
  );
  const ofToday = await tx.findOneBy(RunRow, { today: shanghaiDay(nowMs) });
  if (ofToday) return ofToday;
  const run = Object.assign(new RunRow(), {
    id: uuidv7(),
    policyVersion: version,
    today: shanghaiDay(nowMs),
    ...open,
    keysDestroyed: 0,
    startedAtMs: nowMs,
    untilMs: nowMs + WINDOW_MS,
    finishedAtMs: null,
  });
  await tx.insert(RunRow, run);
  return run;
}

export async function endRun(
  tx: EntityManager,
  id: string,
  state: "done" | "out_of_time",
  nowMs: number,
): Promise<void> {
  await tx.update(RunRow, { id }, { state, finishedAtMs: nowMs });
  const results = await tx.findBy(ResultRow, { runId: id });
  recordEntry(tx, {
    kind: "retention.ran",
    actorId: "system",
    objectId: id,
    atMs: nowMs,
    details: Object.fromEntries(results.map(({ classId, destroyed }) => [classId, destroyed])),
  });
}

/** Adds to the report, in the transaction that destroys; `goneAtMs` is when each thing had come. */
export async function countResult(
  tx: EntityManager,
  runId: string,
  classId: RetentionClassId,
  goneAtMs: readonly number[],
  held: number,
): Promise<void> {
  if (goneAtMs.length === 0 && held === 0) return;
  await insertNew(tx, "retention_result", "class_id", [
    { run_id: runId, class_id: classId, destroyed: 0, held: 0, from_day: null, to_day: null },
  ]);
  const row = await tx.findOneByOrFail(ResultRow, { runId, classId });
  const known = [row.fromDay, row.toDay].filter((day) => day !== null);
  const days = [...known, ...goneAtMs.map(shanghaiDay)];
  await tx.update(
    ResultRow,
    { runId, classId },
    {
      destroyed: row.destroyed + goneAtMs.length,
      held: row.held + held,
      fromDay: days.length === 0 ? null : Math.min(...days),
      toDay: days.length === 0 ? null : Math.max(...days),
    },
  );
}

export async function countKeys(tx: EntityManager, id: string, destroyed: number): Promise<void> {
  await tx.increment(RunRow, { id }, "keysDestroyed", destroyed);
}
