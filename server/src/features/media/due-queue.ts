import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { MediaRow } from "./media.entity.ts";

/** The files that are due, for several workers of one round: each file is with one of them at a time. */
export interface DueQueue {
  /** Undefined when nothing more is due now. */
  take(): Promise<MediaRow | undefined>;
  /** The row says what became of it. */
  finish(row: MediaRow): void;
}

const BATCH = 50;

export function createDueQueue(database: Database, clock: Clock): DueQueue {
  const underWay = new Set<string>();
  let queue: MediaRow[] = [];
  let filling: Promise<void> | null = null;
  /** Under way at some moment of the query that fills the queue, whose rows may be older than what became of them. */
  let taken = new Set<string>();

  async function fill(): Promise<void> {
    taken = new Set(underWay);
    const due = await database.read
      .createQueryBuilder(MediaRow, "m")
      .where("m.state = 'waiting' AND m.nextTryAtMs <= :nowMs", { nowMs: clock.now() })
      .orderBy("m.nextTryAtMs")
      .limit(BATCH)
      .getMany();
    queue = due.filter(({ id }) => !taken.has(id));
    filling = null;
  }

  return {
    async take() {
      if (queue.length === 0) await (filling ??= fill());
      const row = queue.shift();
      if (row) {
        underWay.add(row.id);
        taken.add(row.id);
      }
      return row;
    },
    finish({ id }) {
      underWay.delete(id);
    },
  };
}
