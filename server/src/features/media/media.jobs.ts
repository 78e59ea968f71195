import { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import { FETCH_MEDIA } from "./media-intake.ts";
import type { MediaRounds } from "./media-rounds.ts";

const AGAIN_MS = 2_000;

/** A round with each page that brings files, and by the clock for those that are to be tried again. */
export function registerMediaJobs({
  jobs,
  rounds,
  clock,
}: {
  jobs: Jobs;
  rounds: MediaRounds;
  clock: Clock;
}): void {
  jobs.register({
    kind: FETCH_MEDIA,
    payload: z.object({}),
    async run() {
      if ((await rounds.run()) === "done") return;
      // What came after the other round's last look must not wait for the clock; once for all who were turned away.
      const runAtMs = (Math.floor(clock.now() / AGAIN_MS) + 1) * AGAIN_MS;
      const options = { dedupe: `${FETCH_MEDIA}@again:${runAtMs}`, runAtMs };
      return (tx) => jobs.enqueue(tx, FETCH_MEDIA, {}, options);
    },
  });
  jobs.schedule(FETCH_MEDIA, "*/30 * * * * *");
}
