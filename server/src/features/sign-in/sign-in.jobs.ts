import { z } from "zod";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { FailureLog } from "./failure-log.ts";
import type { Sessions } from "./sessions.service.ts";
import type { SignInService } from "./sign-in.service.ts";

/** Removes sessions and attempts that have run out, every ten minutes. */
export function registerSignInJobs({
  jobs,
  sessions,
  signIn,
  failures,
}: {
  jobs: Jobs;
  sessions: Sessions;
  signIn: SignInService;
  failures: FailureLog;
}): void {
  jobs.register({
    kind: "sign-in.prune",
    payload: z.object({}),
    run: () => {
      failures.report();
      return Promise.resolve(async (tx) => {
        await sessions.prune(tx);
        await signIn.prune(tx);
      });
    },
  });
  jobs.schedule("sign-in.prune", "0 */10 * * * *");
}
