import { setImmediate as nextTurn } from "node:timers/promises";
import type { EntityManager } from "typeorm";
import type { PreviewView, RetentionClassId, RetentionDays } from "#shared/contract/retention";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { formatShanghaiDay, shanghaiDay } from "../../platform/shanghai-day.ts";
import { classIds, findWrongDays } from "./classes.ts";
import type { Due, DueSlice, NextDue } from "./due.ts";
import { nextRunAfter } from "./night.ts";
import type { RecordKeeper } from "./record-keeper.ts";

/**
 * What the next nightly run would destroy if these were the days: numbers and days, nothing that was said. Throws
 * `invalid_request` for days that are not allowed.
 */
export type Preview = (days: RetentionDays) => Promise<PreviewView>;

export interface PreviewDeps {
  database: Database;
  clock: Clock;
  due: Due;
  keepers: readonly RecordKeeper[];
  countCases: (manager: EntityManager, seqs: readonly number[]) => Promise<number>;
}

const SLICE = 1000;
/** A page waits for it. */
const TAKES_AT_MOST_MS = 8000;

export function createPreview(deps: PreviewDeps): Preview {
  const { database, clock, due, keepers, countCases } = deps;
  const { read } = database;

  return async (days) => {
    const wrong = findWrongDays(days);
    if (Object.keys(wrong).length > 0) throw new AppError("invalid_request", wrong);
    const terms = { today: shanghaiDay(nextRunAfter(clock.now())), days };
    const counts = createCounts();
    const giveUpAt = performance.now() + TAKES_AT_MOST_MS;
    let isPartial = false;

    async function walk<T, P>(
      next: NextDue<T, P>,
      start: P,
      note: (slice: DueSlice<T, P>) => Promise<void> | void,
    ): Promise<void> {
      for (let place: P | null = start; place !== null;) {
        isPartial = performance.now() > giveUpAt;
        if (isPartial) return;
        const slice: DueSlice<T, P> = await next(read, terms, place, SLICE);
        await note(slice);
        place = slice.next;
        await nextTurn();
      }
    }

    await walk(due.messages, { day: 0 }, async (slice) => {
      for (const { kind, receivedAtMs } of slice.due) counts.add(kind, receivedAtMs);
      for (const { kind } of slice.held) counts.hold(kind, 1);
      const [first] = slice.due;
      if (!first) return;
      const seqs = slice.due.map(({ seq }) => seq);
      const cases = await countCases(read, seqs);
      for (let n = 0; n < cases; n += 1) counts.add("case", first.receivedAtMs);
    });
    await walk(due.items, 0, (slice) => {
      for (const { receivedAtMs } of slice.due) counts.add("undecodable", receivedAtMs);
      counts.hold("undecodable", slice.held.length);
    });
    await walk(due.acts, "", (slice) => {
      for (const { sentAtMs } of slice.due) counts.add("case", sentAtMs);
      counts.hold("case", slice.held.length);
    });
    for (const keeper of keepers) {
      await walk(due.recordsOf(keeper), "", (slice) => {
        for (const { atMs } of slice.due) counts.add(keeper.classId, atMs);
        counts.hold(keeper.classId, slice.held.length);
      });
    }
    return { isPartial, classes: counts.list() };
  };
}

interface Count {
  destroyed: number;
  held: number;
  fromMs: number | null;
  toMs: number | null;
}

function createCounts() {
  const counts = new Map<RetentionClassId, Count>(
    classIds.map((id) => [id, { destroyed: 0, held: 0, fromMs: null, toMs: null }]),
  );
  const of = (id: RetentionClassId): Count => counts.get(id) as Count;
  const dayOf = (ms: number | null): string | null =>
    ms === null ? null : formatShanghaiDay(shanghaiDay(ms));
  return {
    add(id: RetentionClassId, atMs: number): void {
      const count = of(id);
      count.destroyed += 1;
      count.fromMs = Math.min(count.fromMs ?? atMs, atMs);
      count.toMs = Math.max(count.toMs ?? atMs, atMs);
    },
    hold(id: RetentionClassId, held: number): void {
      of(id).held += held;
    },
    list: (): PreviewView["classes"] =>
      [...counts].map(([id, { destroyed, held, fromMs, toMs }]) => ({
        id,
        destroyed,
        held,
        fromDay: dayOf(fromMs),
        toDay: dayOf(toMs),
      })),
  };
}
