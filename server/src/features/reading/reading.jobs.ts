import { z } from "zod";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { Extensions } from "./extensions.service.ts";

const EXPIRE = "reading.expire";

/** What was allowed for some days is over by itself; this only writes it down. */
export function registerReadingJobs(jobs: Jobs, extensions: Pick<Extensions, "expire">): void {
  jobs.register({
    kind: EXPIRE,
    payload: z.object({}),
    run: () => Promise.resolve((tx) => extensions.expire(tx)),
  });
  jobs.schedule(EXPIRE, "0 7 * * * *");
}
