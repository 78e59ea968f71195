import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { ScanStep } from "./rule-scan-step.ts";

const STEP = "rule-scans.step";

/** With the transaction that ends the step before. */
export async function enqueueScanStep(
  jobs: Jobs,
  tx: EntityManager,
  job: { id: string; step: number },
): Promise<void> {
  await jobs.enqueue(tx, STEP, { ...job }, { dedupe: `${STEP}:${job.id}:${job.step}` });
}

export function registerRuleScanJobs({ jobs, step }: { jobs: Jobs; step: ScanStep }): void {
  jobs.register({
    kind: STEP,
    payload: z.object({ id: z.string(), step: z.number().int() }),
    // The step itself says when it has failed too often, so that the scan is ended as well.
    maxAttempts: 20,
    run: async (job) => await step(job),
  });
}
