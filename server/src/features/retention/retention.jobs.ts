import { z } from "zod";
import type { Database } from "../../platform/database/database.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { Expiry } from "./expiry.service.ts";
import { NIGHTLY } from "./night.ts";

export const EXPIRE = "retention.expire";
const AGAIN_MS = 60_000;

/** Every night; what was interrupted goes on a minute later, in whatever process. */
export function registerRetentionJobs({
  jobs,
  database,
  expiry,
}: {
  jobs: Jobs;
  database: Database;
  expiry: Pick<Expiry, "run">;
}): void {
  jobs.register({
    kind: EXPIRE,
    payload: z.object({}),
    async run() {
      const outcome = await expiry.run();
      if (outcome === "done" || outcome === "out_of_time") return;
      return async (tx) => {
        // Whoever is at it may not live to finish; once it has, looking again does nothing.
        const runAtMs = (Math.floor((await database.nowMs(tx)) / AGAIN_MS) + 1) * AGAIN_MS;
        await jobs.enqueue(tx, EXPIRE, {}, { dedupe: `${EXPIRE}@again:${runAtMs}`, runAtMs });
      };
    },
  });
  jobs.schedule(EXPIRE, NIGHTLY);
}
