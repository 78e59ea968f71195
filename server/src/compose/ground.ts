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
import { createStamps } from "../platform/ledger/stamps.ts";
import type { Stamps } from "../platform/ledger/stamps.ts";
import { loadSigningKey } from "../platform/ledger/signing-key.ts";
import type { SigningKey } from "../platform/ledger/signing-key.ts";
import { createLog } from "../platform/log.ts";
import type { Logger } from "../platform/log.ts";
import { createTimeStampAuthority } from "../platform/time-stamp/authority.ts";
import { createKeySource } from "../platform/vault/key-source.ts";
import type { KeySource } from "../platform/vault/key-source.ts";
import { createKeyring, VaultSealedError } from "../platform/vault/keyring.ts";
import type { OutsideKeyring } from "../platform/vault/keyring.ts";
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
  /** What goes into every package of evidence: both verifiers. */
  evidenceDir: string;
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
  keySource: KeySource;
  keyring: OutsideKeyring;
  vault: Vault;
  jobs: Jobs;
  events: LiveEvents;
  checkpoints: Checkpoints;
  /** Of its published heads, by a stranger. */
  stamps: Stamps;
  /** Of the ledger. */
  signingKey: SigningKey;
}

export async function openGround(config: Config, surroundings: Surroundings): Promise<Ground> {
  const clock = surroundings.clock ?? systemClock;
  mkdirSync(config.dataDir, { recursive: true });
  const log = createLog(config.logLevel, surroundings.logDestination);
  const database = await openDatabase({ url: config.databaseUrl, entities });
  const keySource = createKeySource(config.vaultKey);
  const keyring = createKeyring({ database, source: keySource, clock });
  await openOrStaySealed(keyring, log);
  const name = `${new URL(config.publicUrl).host}/ledger`;
  const key = loadSigningKey(config.ledgerKeyFile, name, !(await hasCheckpoints(database)));
  const checkpoints = createCheckpoints({ database, clock, key });
  const authority = config.timeStamps && createTimeStampAuthority(config.timeStamps, { clock });
  return {
    clock,
    log,
    database,
    keySource,
    keyring,
    vault: createVault(database, keyring, clock),
    jobs: createJobs(database, log),
    events: createLiveEvents(database, log),
    checkpoints,
    stamps: createStamps({ database, clock, checkpoints, authority }),
    signingKey: key,
  };
}

/** Without its key the server starts all the same: it takes what WeCom sends, and opens nothing. */
async function openOrStaySealed(keyring: OutsideKeyring, log: Logger): Promise<void> {
  try {
    await keyring.open();
  } catch (error) {
    if (!(error instanceof VaultSealedError)) throw error;
    log.error({ err: error }, "the vault key is not there: the server starts sealed");
  }
}
