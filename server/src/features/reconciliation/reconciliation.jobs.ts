import { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import type { Effect, Jobs } from "../../platform/jobs/jobs.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import { formatShanghaiDay, shanghaiDay } from "../../platform/shanghai-day.ts";
import type { Reconciliation } from "./reconciliation.service.ts";

interface Deps {
  clock: Clock;
  reconciliation: Pick<Reconciliation, "checkRecent">;
}

const COUNT = "reconciliation.count";

/** The books of each day go on record when it has ended. */
export function registerReconciliationJobs({ jobs, ...deps }: Deps & { jobs: Jobs }): void {
  jobs.register({ kind: COUNT, payload: z.object({}), run: () => recordEndedDay(deps) });
  // Half past midnight, Asia/Shanghai.
  jobs.schedule(COUNT, "0 30 0 * * *");
}

/**
 * The effect puts yesterday's books on record, so that what arrived cannot be counted otherwise later. A day on which
 * nothing came is on record as such.
 */
export async function recordEndedDay({ clock, reconciliation }: Deps): Promise<Effect> {
  const atMs = clock.now();
  const yesterday = formatShanghaiDay(shanghaiDay(atMs) - 1);
  const counted = (await reconciliation.checkRecent(atMs)).find(({ day }) => day === yesterday);
  const { pulled = 0, stored = 0, duplicated = 0, undecodable = 0 } = counted ?? {};
  const { excluded = 0, expired = 0, holds = true } = counted ?? {};
  return (tx) => {
    recordEntry(tx, {
      kind: "reconciliation.counted",
      actorId: "system",
      objectId: yesterday,
      atMs,
      details: { pulled, stored, duplicated, undecodable, excluded, expired, holds },
    });
    return Promise.resolve();
  };
}
