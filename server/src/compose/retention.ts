import type { EntityManager } from "typeorm";
import type { Approvals } from "../features/approvals/approvals.service.ts";
import { archiveExpiry } from "../features/archive/expiry.ts";
import type { ArchiveExpiry } from "../features/archive/expiry.ts";
import { forgetActs, listActsOf, listAgedActs } from "../features/cases/act-expiry.ts";
import { countCasesOf, forgetCasesOf, neededByCases } from "../features/cases/expiry.ts";
import type { HitMarks } from "../features/cases/hit-marks.ts";
import { forgetCustomers } from "../features/customers/expiry.ts";
import type { Members } from "../features/members/members.service.ts";
import { emergencyRecords } from "../features/emergency/expiry.ts";
import { extensionRecords, readingRecords } from "../features/reading/expiry.ts";
import { ruleScanRecords } from "../features/rule-scans/expiry.ts";
import { createDestroyMessages } from "../features/retention/destroy-messages.ts";
import { createDue } from "../features/retention/due.ts";
import { createExpiry } from "../features/retention/expiry.service.ts";
import type { Expiry } from "../features/retention/expiry.service.ts";
import { createLegalHolds } from "../features/retention/holds.service.ts";
import { createPersonActs } from "../features/retention/person-acts.ts";
import { registerPersonDestruction } from "../features/retention/person-destruction.jobs.ts";
import { addPersonDestructionRoutes } from "../features/retention/person-destruction.routes.ts";
import { createPersonDestructions } from "../features/retention/person-destruction.service.ts";
import { createRetentionPolicy } from "../features/retention/policy.service.ts";
import { createPreview } from "../features/retention/preview.ts";
import { createReports } from "../features/retention/reports.ts";
import type { DestructionReports } from "../features/retention/reports.ts";
import { registerRetentionJobs } from "../features/retention/retention.jobs.ts";
import { addRetentionRoutes } from "../features/retention/retention.routes.ts";
import type { ApiRoutes } from "../features/sign-in/actor.ts";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import type { Jobs } from "../platform/jobs/jobs.ts";
import type { Logger } from "../platform/log.ts";
import type { Vault } from "../platform/vault/vault.ts";

export interface RetentionDeps {
  database: Database;
  vault: Vault;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  members: Pick<Members, "namesOf" | "find">;
  hitMarks: Pick<HitMarks, "placeOf">;
  approvals: Pick<Approvals, "register" | "request">;
  /** For how long backups are kept. */
  backupDays: number;
  /** What others keep of messages, to be destroyed in the same transaction. */
  forget: readonly ((tx: EntityManager, seqs: readonly number[]) => Promise<void>)[];
  /** Things a transaction. */
  stepSize?: number;
}

export interface Retention {
  reports: DestructionReports;
  expiry: Expiry;
  addRoutes(routes: ApiRoutes): void;
  registerJobs(): void;
  /** Ends a nightly run after its current step. */
  stop(): void;
}

/** Who keeps what for how long, and who destroys it: the parts of several features that meet here. */
export function composeRetention(deps: RetentionDeps): Retention {
  const { database, vault, jobs } = deps;
  const due = createDue({
    archive: archiveExpiry,
    neededByCases,
    listActs: listAgedActs,
  });
  // Also somebody of whom nothing is kept but that they were deleted.
  const hasParty: ArchiveExpiry["hasParty"] = async (manager, id) =>
    (await archiveExpiry.hasParty(manager, id)) || (await listActsOf(manager, id)).length > 0;
  const keepers = [
    readingRecords(vault),
    extensionRecords(vault),
    emergencyRecords(vault),
    ruleScanRecords,
  ];
  const policy = createRetentionPolicy(deps);
  const destroyMessages = createDestroyMessages({
    ...deps,
    archive: archiveExpiry,
    forgetCases: forgetCasesOf,
    forgetCustomers,
  });
  const expiry = createExpiry({
    ...deps,
    policy,
    due,
    archive: archiveExpiry,
    destroyMessages,
    forgetActs,
    keepers,
  });
  const people = createPersonDestructions({
    ...deps,
    archive: { ...archiveExpiry, hasParty },
    destroyMessages,
    countCases: countCasesOf,
    forgetCustomers,
    acts: createPersonActs({ listOf: listActsOf, forget: forgetActs }),
    keepers,
  });
  const reports = createReports(database);
  return {
    reports,
    expiry,
    addRoutes(routes) {
      addRetentionRoutes(routes, {
        policy,
        preview: createPreview({ ...deps, due, keepers, countCases: countCasesOf }),
        holds: createLegalHolds({ ...deps, archive: { ...archiveExpiry, hasParty } }),
        reports,
      });
      addPersonDestructionRoutes(routes, people);
    },
    registerJobs() {
      registerRetentionJobs({ jobs, database, expiry });
      registerPersonDestruction({ ...deps, people });
    },
    stop: () => expiry.stop(),
  };
}
