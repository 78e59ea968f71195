import type { Config } from "../config.ts";
import type { DecryptPool } from "../features/archive/decrypt-pool.ts";
import type { ArchiveReader } from "../features/archive/reader.service.ts";
import type { UndecodableService } from "../features/archive/undecodable.service.ts";
import type { HeldCallbacks } from "../features/callbacks/held-callbacks.ts";
import type { Inbox } from "../features/callbacks/inbox.service.ts";
import type { Grants } from "../features/access/grants.service.ts";
import { archiveComponentCheck } from "../features/health/archive-component-check.ts";
import {
  archiveCheck,
  archiveKeysCheck,
  undecodableCheck,
} from "../features/health/archive-checks.ts";
import { archiveFlowCheck } from "../features/health/archive-flow-check.ts";
import { archiveSeatsCheck } from "../features/health/archive-seats-check.ts";
import { booksCheck } from "../features/health/books-check.ts";
import { clockCheck } from "../features/health/clock-check.ts";
import type { Emergencies } from "../features/emergency/emergencies.service.ts";
import { emergencyCheck } from "../features/health/emergency-check.ts";
import { createHealth } from "../features/health/health.service.ts";
import type { Health } from "../features/health/health.service.ts";
import { interceptionCheck } from "../features/health/interception-check.ts";
import { ledgerCheck } from "../features/health/ledger-check.ts";
import { keyAgeCheck } from "../features/health/key-age-check.ts";
import { mediaCheck } from "../features/health/media-check.ts";
import { databaseCheck, diskCheck, jobsCheck } from "../features/health/platform-checks.ts";
import { retentionCheck } from "../features/health/retention-check.ts";
import { separationCheck } from "../features/health/separation-check.ts";
import { searchCheck } from "../features/health/search-check.ts";
import { timeStampCheck } from "../features/health/time-stamp-check.ts";
import { vaultCheck } from "../features/health/vault-check.ts";
import {
  callbacksCheck,
  callbackUrl,
  directoryCheck,
  wecomCheck,
} from "../features/health/wecom-checks.ts";
import type { Interception } from "../features/interception/interception.service.ts";
import type { LedgerChecks } from "../features/ledger/ledger-checks.service.ts";
import type { Keys } from "../features/keys/keys.service.ts";
import type { Members } from "../features/members/members.service.ts";
import type { Reconciliation } from "../features/reconciliation/reconciliation.service.ts";
import type { ArchiveAccess } from "../wecom/archive-access.ts";
import { listArchiveSeats } from "../wecom/archive-seats.ts";
import type { WecomClient } from "../wecom/wecom-client.ts";
import type { Ground } from "./ground.ts";

type MediaOfHealth = Parameters<typeof mediaCheck>[0];
type SearchOfHealth = Parameters<typeof searchCheck>[0];
type ReportsOfHealth = Parameters<typeof retentionCheck>[0];

interface Deps extends Pick<ArchiveAccess, "host" | "missing"> {
  client: WecomClient;
  inbox: Inbox;
  held: HeldCallbacks;
  members: Members;
  reader: ArchiveReader;
  pool: DecryptPool;
  undecodable: UndecodableService;
  reconciliation: Reconciliation;
  media: MediaOfHealth;
  search: SearchOfHealth;
  reports: ReportsOfHealth;
  grants: Grants;
  emergencies: Emergencies;
  interception: Pick<Interception, "standing">;
  keys: Keys;
  ledgerChecks: Pick<LedgerChecks, "findLast">;
}

/** Everything that is looked at, in the order of the page. */
export function composeHealth(config: Config, ground: Ground, deps: Deps): Health {
  const { database, jobs, clock, checkpoints } = ground;
  const { client, inbox, reader, missing } = deps;
  const { receivers } = config.wecom;
  return createHealth({
    ...ground,
    checks: [
      wecomCheck(client),
      clockCheck(client),
      callbacksCheck(inbox, receivers, config.publicUrl),
      archiveCheck(reader, missing),
      archiveComponentCheck(deps),
      archiveSeatsCheck(() => listArchiveSeats(client), missing),
      archiveFlowCheck({
        reader,
        inbox,
        callbackUrl: receivers.archive ? callbackUrl(config.publicUrl, "archive") : null,
        missing,
      }),
      archiveKeysCheck(deps.pool),
      undecodableCheck(deps.undecodable),
      mediaCheck(deps.media),
      booksCheck(deps.reconciliation),
      ledgerCheck(checkpoints, deps.ledgerChecks),
      timeStampCheck(ground.stamps),
      retentionCheck(deps.reports),
      searchCheck(deps.search),
      interceptionCheck(deps.interception),
      directoryCheck(deps.members),
      separationCheck(deps.grants),
      emergencyCheck(deps.emergencies),
      jobsCheck(jobs, database),
      databaseCheck(database, clock),
      vaultCheck({ ...ground, held: deps.held }),
      keyAgeCheck(deps.keys),
      diskCheck(config.dataDir),
    ],
  });
}
