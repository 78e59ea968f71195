import { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import type { Effect, Jobs } from "../../platform/jobs/jobs.ts";
import type { Logger } from "../../platform/log.ts";
import type { DecryptPool } from "./decrypt-pool.ts";
import type { PullService } from "./pull.service.ts";
import { REPULL_ARCHIVE } from "./repull.service.ts";
import type { RepullService } from "./repull.service.ts";
import type { UndecodableService } from "./undecodable.service.ts";

export const PULL_ARCHIVE = "archive.pull";
const RETRY_UNDECODABLE = "archive.retry_undecodable";
const SECOND_MS = 1000;
const RETRY_SLOT_MS = 15_000;
/** Ranges are pulled again one after the other. */
const REPULL_AGAIN_MS = 5_000;

export interface ArchiveJobsDeps {
  jobs: Jobs;
  pulls: PullService;
  repulls: RepullService;
  undecodable: UndecodableService;
  pool: DecryptPool;
  clock: Clock;
  log: Logger;
}

/**
 * WeCom tells of news at most every 15 s (document 95039). While people are talking that is too slow for a
 * warning: for so long after the last news every second brings a look of our own.
 */
const LIVELY_MS = 20_000;

/** Pulls when WeCom says that there is something, and by the clock, since WeCom may forget to say so. */
export function registerArchiveJobs(deps: ArchiveJobsDeps): void {
  const { jobs, pulls, repulls, undecodable, pool, clock, log } = deps;
  let lookAgainUntilMs = 0;
  jobs.register({
    kind: PULL_ARCHIVE,
    payload: z.object({}),
    async run() {
      const hasNewKeys = pool.reload();
      const result = await pulls.pull();
      const isRetryDue = hasNewKeys || (await undecodable.hasOpenable());
      return async (tx) => {
        if (result === "news") lookAgainUntilMs = clock.now() + LIVELY_MS;
        // What arrived after the other puller's last look must not wait for the clock.
        const isAgainDue = result === "busy" || clock.now() < lookAgainUntilMs;
        if (isAgainDue) await enqueueAgain(jobs, clock)(tx);
        if (isRetryDue) {
          const slot = Math.floor(clock.now() / RETRY_SLOT_MS);
          await jobs.enqueue(tx, RETRY_UNDECODABLE, {}, { dedupe: `${RETRY_UNDECODABLE}@${slot}` });
        }
      };
    },
  });
  jobs.register({
    kind: RETRY_UNDECODABLE,
    payload: z.object({}),
    async run() {
      const { resolved, remaining } = await undecodable.retryAll();
      log.info({ resolved, remaining }, "undecodable items tried again");
    },
  });
  jobs.register({
    kind: REPULL_ARCHIVE,
    payload: z.object({ repullId: z.string() }),
    async run({ repullId }) {
      if ((await repulls.run(repullId)) === "done") return;
      const slot = Math.floor(clock.now() / REPULL_AGAIN_MS) + 1;
      const runAtMs = slot * REPULL_AGAIN_MS;
      const options = { dedupe: `${REPULL_ARCHIVE}:${repullId}@${slot}`, runAtMs };
      return (tx) => jobs.enqueue(tx, REPULL_ARCHIVE, { repullId }, options);
    },
  });
  jobs.schedule(PULL_ARCHIVE, "*/15 * * * * *");
}

/** What the callback "there are new messages" makes happen. */
export function pullSoon(jobs: Jobs): Effect {
  return (tx) => jobs.enqueue(tx, PULL_ARCHIVE, {});
}

/** In a second, once for all who were turned away in this one. */
function enqueueAgain(jobs: Jobs, clock: Clock): Effect {
  const runAtMs = (Math.floor(clock.now() / SECOND_MS) + 1) * SECOND_MS;
  return (tx) =>
    jobs.enqueue(tx, PULL_ARCHIVE, {}, { dedupe: `${PULL_ARCHIVE}@again:${runAtMs}`, runAtMs });
}
