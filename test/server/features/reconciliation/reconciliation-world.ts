import { pino } from "pino";
import type { ApiRoutes } from "../../../../server/src/features/sign-in/actor.ts";
import {
  explainPullFailure,
  explainWaiting,
} from "../../../../server/src/features/health/archive-words.ts";
import { sayDuration } from "../../../../server/src/features/health/spoken-time.ts";
import { parsePullFailure } from "../../../../server/src/features/archive/pull-failure.ts";
import { createArchiveAlarms } from "../../../../server/src/features/reconciliation/alarms.ts";
import type { ArchiveAlarms } from "../../../../server/src/features/reconciliation/alarms.ts";
import { addReconciliationRoutes } from "../../../../server/src/features/reconciliation/reconciliation.routes.ts";
import { createReconciliation } from "../../../../server/src/features/reconciliation/reconciliation.service.ts";
import { registerArchiveRoutes } from "../../../../server/src/features/archive/archive.routes.ts";
import type { Reconciliation } from "../../../../server/src/features/reconciliation/reconciliation.service.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { createJobs } from "../../../../server/src/platform/jobs/jobs.ts";
import type { Jobs } from "../../../../server/src/platform/jobs/jobs.ts";
import type { TextCard } from "../../../../server/src/wecom/card-body.ts";
import { createTestApi } from "../../../support/test-api.ts";
import type { TestApi } from "../../../support/test-api.ts";
import type { ArchiveWorld } from "../archive/archive-world.ts";

const log = pino({ level: "silent" });

export interface ReconciliationWorld {
  reconciliation: Reconciliation;
  /** As one more process has them. */
  openAlarms(jobs: Jobs): ArchiveAlarms;
  api: TestApi;
  /** What administrators were told, oldest first. */
  cards: TextCard[];
  /** Looks for troubles and pushes what is due, as the clock does. */
  watch(): Promise<void>;
}

/** The books of an archive, read and watched. */
export function openReconciliation(
  database: Database,
  { reader, undecodable, repulls }: ArchiveWorld,
  clock: { now(): number },
  missing: string | null = null,
): ReconciliationWorld {
  const troubles = {
    database,
    reader,
    undecodable,
    explainFailure: explainPullFailure,
    explainWaiting,
  };
  const reconciliation = createReconciliation({
    ...troubles,
    clock,
    missing,
    parseFailure: parsePullFailure,
  });
  const cards: TextCard[] = [];
  const openAlarms = (jobs: Jobs): ArchiveAlarms =>
    createArchiveAlarms({
      ...troubles,
      jobs,
      clock,
      operatorIds: () => Promise.resolve(["liuyang", "zhouning"]),
      publicUrl: "https://wecom.example.com",
      sayDuration,
      messages: {
        pushTextCard(card) {
          cards.push(card);
          return Promise.resolve({ messageId: "1", responseCode: null, invalidMemberIds: [] });
        },
      },
    });
  return {
    reconciliation,
    cards,
    openAlarms,
    api: createTestApi((routes: ApiRoutes) => {
      addReconciliationRoutes(routes, { reconciliation, repulls });
      registerArchiveRoutes(routes, { undecodable });
    }),
    async watch() {
      const jobs = createJobs(database, log);
      const alarms = openAlarms(jobs);
      alarms.registerJobs();
      await database.write(await alarms.look());
      jobs.start();
      await jobs.idle();
      await jobs.stop();
    },
  };
}
