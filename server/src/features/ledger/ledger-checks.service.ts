import { v7 as uuidv7 } from "uuid";
import type { LedgerView } from "#shared/contract/audit";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import type { Effect, Jobs } from "../../platform/jobs/jobs.ts";
import { checkLedger } from "../../platform/ledger/check-ledger.ts";
import type { Checkpoints } from "../../platform/ledger/checkpoints.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { SigningKey } from "../../platform/ledger/signing-key.ts";
import type { Logger } from "../../platform/log.ts";
import { LedgerCheckRow } from "./ledger-check.entity.ts";

export const CHECK_LEDGER = "ledger.check";

/** Looking through all of the ledger, every week and when somebody asks, and what came of it. */
export interface LedgerChecks {
  view(): Promise<LedgerView>;
  /** A second wish while one is under way changes nothing. */
  start(): Promise<LedgerView>;
  /** The last one that was finished; null before the first. */
  findLast(): Promise<{ finishedAtMs: number; broken: number } | null>;
  /** Does the looking; returns what is wrong and the effect that puts it on record. */
  run(): Promise<{ places: string[]; effect: Effect }>;
}

interface Deps {
  database: Database;
  clock: Clock;
  jobs: Jobs;
  log: Logger;
  checkpoints: Checkpoints;
  signingKey: Pick<SigningKey, "fingerprint">;
}

const PROGRESS_EVERY_MS = 500;
/** One that was interrupted is begun anew. */
const STALE_MS = 60 * 60_000;

export function createLedgerChecks(deps: Deps): LedgerChecks {
  const { database, clock, jobs, log, checkpoints } = deps;

  async function newest(): Promise<LedgerCheckRow | null> {
    const [row] = await database.read.find(LedgerCheckRow, { order: { id: "DESC" }, take: 1 });
    return row ?? null;
  }

  const isRunning = (row: LedgerCheckRow | null): boolean =>
    row?.finishedAtMs === null && clock.now() - row.startedAtMs < STALE_MS;

  async function begin(): Promise<LedgerCheckRow> {
    const running = await newest();
    if (running && isRunning(running)) return running;
    const row = Object.assign(new LedgerCheckRow(), {
      id: uuidv7(),
      startedAtMs: clock.now(),
      finishedAtMs: null,
      progress: 0,
      broken: 0,
    });
    await database.write((tx) => tx.insert(LedgerCheckRow, row));
    return row;
  }

  function progressOf(id: string): (share: number) => Promise<void> {
    let nextAtMs = 0;
    return async (share) => {
      if (performance.now() < nextAtMs) return;
      nextAtMs = performance.now() + PROGRESS_EVERY_MS;
      const progress = Math.floor(share * 99);
      await database.write((tx) => tx.update(LedgerCheckRow, { id }, { progress }));
    };
  }

  const checks: LedgerChecks = {
    async view() {
      const [head, published, check] = await Promise.all([
        checkpoints.latest(),
        checkpoints.latestPublished(),
        newest(),
      ]);
      return {
        size: head?.size ?? 0,
        root: head?.root ?? null,
        signedAtMs: head?.signedAtMs ?? null,
        publishedAtMs: published?.publishedAtMs ?? null,
        keyFingerprint: deps.signingKey.fingerprint,
        check,
      };
    },

    async start() {
      const running = await newest();
      if (!isRunning(running)) {
        const { id } = await begin();
        await database.write((tx) => jobs.enqueue(tx, CHECK_LEDGER, {}, { dedupe: id }));
      }
      return await checks.view();
    },

    async findLast() {
      const rows = await database.read.find(LedgerCheckRow, { order: { id: "DESC" }, take: 2 });
      const row = rows.find(({ finishedAtMs }) => finishedAtMs !== null);
      return row ? { finishedAtMs: row.finishedAtMs ?? 0, broken: row.broken } : null;
    },

    async run() {
      const { id } = await begin();
      const heads = await checkpoints.check();
      const { tiles, entries, broken } = await checkLedger(database, progressOf(id));
      log.info({ heads: heads.checked, tiles, entries }, "the ledger was looked through");
      const places = [...heads.broken.map((size) => `head ${size}`), ...broken];
      const finishedAtMs = clock.now();
      return {
        places,
        effect: async (tx) => {
          const done = { finishedAtMs, progress: 100, broken: places.length };
          await tx.update(LedgerCheckRow, { id }, done);
          recordEntry(tx, {
            kind: places.length === 0 ? "ledger.checked" : "ledger.broken",
            actorId: "system",
            objectId: id,
            atMs: finishedAtMs,
            details: { heads: heads.checked, tiles, entries, broken: places.length },
          });
        },
      };
    },
  };
  return checks;
}
