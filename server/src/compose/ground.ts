import { mkdirSync } from "node:fs";
import type { DestinationStream } from "pino";
import type { Config } from "../config.ts";
import { entities } from "../entities.ts";
import { systemClock } from "../platform/clock.ts";
import type { Clock } from "../platform/clock.ts";
import { openDatabase } from "../platform/database/database.ts";
import type { Database } from "../platform/database/database.ts";
import { createLiveEvents } from "../platform/events/live-events.ts";
import type { LiveEvents } from "../platform/events/live-events.ts";
import { createJobs } from "../platform/jobs/jobs.ts";
import type { Jobs } from "../platform/jobs/jobs.ts";
import { createCheckpoints, hasCheckpoints } from "../platform/ledger/checkpoints.ts";
import type { Checkpoints } from "../platform/ledger/checkpoints.ts";
import { loadSigningKey } from "../platform/ledger/signing-key.ts";
import { createLog } from "../platform/log.ts";
import type { Logger } from "../platform/log.ts";
import { DataKey } from "../platform/vault/data-key.entity.ts";
import { loadKeyEncryptionKey } from "../platform/vault/key-encryption-key.ts";
import type { KeyEncryptionKey } from "../platform/vault/key-encryption-key.ts";
import { createVault } from "../platform/vault/vault.ts";
import type { Vault } from "../platform/vault/vault.ts";

/** What is not a setting: where the code's own files lie. */
export interface Surroundings {
  /** The worker that opens archived messages; TypeScript while developing. */
  decryptWorkerFile: string;
  /** The one that looks through stored messages. */
  searchWorkerFile: string;
  /** The one that decodes voices. */
  voiceWorkerFile: string;
  /** What Node needs to run those files. */
  workerExecArgv?: string[];
  /** The built program that runs WeCom's archive library. */
  sdkHostProgram: string;
  /** Built pages. */
  pagesDir: string;
  clock?: Clock;
  /** Default: stdout. */
  logDestination?: DestinationStream;
}

/** What every part stands on. */
export interface Ground {
  clock: Clock;
  log: Logger;
  database: Database;
  vault: Vault;
  jobs: Jobs;
  events: LiveEvents;
  checkpoints: Checkpoints;
}

export async function openGround(config: Config, surroundings: Surroundings): Promise<Ground> {
  const clock = surroundings.clock ?? systemClock;
  mkdirSync(config.dataDir, { recursive: true });
  const log = createLog(config.logLevel, surroundings.logDestination);
  const database = await openDatabase({ url: config.databaseUrl, entities });
  const vault = createVault(database, await openVaultKey(config, database), clock);
  const name = `${new URL(config.publicUrl).host}/ledger`;
  const key = loadSigningKey(config.ledgerKeyFile, name, !(await hasCheckpoints(database)));
  return {
    clock,
    log,
    database,
    vault,
    jobs: createJobs(database, log),
    events: createLiveEvents(database, log),
    checkpoints: createCheckpoints({ database, clock, key }),
  };
}

/** A missing key file is made only while nothing has been sealed yet: a new one could open nothing old. */
async function openVaultKey(config: Config, database: Database): Promise<KeyEncryptionKey> {
  const isNew = !(await database.read.exists(DataKey));
  return loadKeyEncryptionKey(config.vaultKeyFile, isNew);
}
