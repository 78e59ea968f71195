import { setImmediate as nextTurn } from "node:timers/promises";
import type { EntityManager } from "typeorm";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { acquireLease } from "../../platform/jobs/lease.ts";
import type { Lease } from "../../platform/jobs/lease.ts";
import type { Logger } from "../../platform/log.ts";
import { findUnusedKeys } from "../../platform/vault/key-sweep.ts";
import { monthOf } from "../../platform/vault/vault.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { AgedMessage, ArchiveExpiry } from "../archive/expiry.ts";
import type { ActCase } from "../cases/act-expiry.ts";
import type { DestroyMessages } from "./destroy-messages.ts";
import { cutoffDay } from "./due.ts";
import type { Due, Terms } from "./due.ts";
import { EXPIRY_LEASE } from "./holds.service.ts";
import type { RetentionPolicy } from "./policy.service.ts";
import type { RecordKeeper } from "./record-keeper.ts";
import type { RunRow } from "./retention.entity.ts";
import { countKeys, countResult, endRun, openRun } from "./runs.ts";

/**
 * The nightly destruction of what has been kept long enough. Each step is one transaction that first makes sure that
 * nobody else is at it, then reads the holds, then destroys a bounded number of things with all that hangs on them and
 * counts them for the report. So a kill loses nothing, and what is left is found again by looking.
 */
export interface Expiry {
  /**
   * Once a day. "out_of_time": the window has closed, and what is left is the next night's; "stopped": the process
   * ends, and the run goes on when it is called again; "busy": another process is at it.
   */
  run(): Promise<"done" | "out_of_time" | "stopped" | "busy">;
  /** Ends a run after its current step. */
  stop(): void;
}

export interface ExpiryDeps {
  database: Database;
  vault: Pick<Vault, "destroyKeys">;
  clock: Clock;
  log: Logger;
  policy: Pick<RetentionPolicy, "current" | "daysOf">;
  due: Due;
  archive: Pick<ArchiveExpiry, "destroyItems" | "foldBooks">;
  destroyMessages: DestroyMessages;
  forgetActs: (tx: EntityManager, acts: readonly ActCase[]) => Promise<void>;
  keepers: readonly RecordKeeper[];
  /** Things a transaction; tests take fewer. */
  stepSize?: number;
}

const LEASE_MS = 60_000;
const STEP = 200;
const DAY_MS = 24 * 3600_000;

export function createExpiry(deps: ExpiryDeps): Expiry {
  const { database, vault, clock, log, policy, due, archive } = deps;
  const limit = deps.stepSize ?? STEP;
  const stopping = new AbortController();

  /** The parts of a run, each until nothing is left of it; false when the time was over before. */
  function partsOf(run: RunRow, terms: Terms, lease: Lease): (() => Promise<boolean>)[] {
    const isOver = (): boolean => stopping.signal.aborted || clock.now() >= run.untilMs;
    const prolong = async (): Promise<void> => {
      if (!(await lease.renew())) throw new LostExpiryError();
    };

    /** `step` takes its place and returns the next one, null at the end. */
    async function repeat<P>(
      start: P,
      step: (tx: EntityManager, place: P) => Promise<P | null>,
    ): Promise<boolean> {
      for (let place: P | null = start; place !== null;) {
        if (isOver()) return false;
        const here: P = place;
        place = await database.write(async (tx) => {
          await prolong();
          return await step(tx, here);
        });
        await nextTurn();
      }
      return true;
    }

    const messages = () =>
      repeat({ day: 0 }, async (tx, place) => {
        const slice = await due.messages(tx, terms, place, limit);
        const withCase = new Set(await deps.destroyMessages(tx, slice.due));
        const cases = slice.due.filter(({ seq }) => withCase.has(seq));
        await countResult(tx, run.id, "case", cases.map(cameAt), 0);
        for (const kind of ["single", "group", "internal"] as const) {
          const gone = slice.due.filter((one) => one.kind === kind).map(cameAt);
          const held = slice.held.filter((one) => one.kind === kind).length;
          await countResult(tx, run.id, kind, gone, held);
        }
        return slice.next;
      });

    const items = () =>
      repeat(0, async (tx, place) => {
        const slice = await due.items(tx, terms, place, limit);
        await archive.destroyItems(tx, slice.due);
        const gone = slice.due.map(({ receivedAtMs }) => receivedAtMs);
        await countResult(tx, run.id, "undecodable", gone, slice.held.length);
        return slice.next;
      });

    const records = deps.keepers.map(
      (keeper) => () =>
        repeat("", async (tx, place) => {
          const slice = await due.recordsOf(keeper)(tx, terms, place, limit);
          if (slice.due.length > 0) {
            await keeper.destroy(
              tx,
              slice.due.map(({ id }) => id),
            );
          }
          const gone = slice.due.map(({ atMs }) => atMs);
          await countResult(tx, run.id, keeper.classId, gone, slice.held.length);
          return slice.next;
        }),
    );

    const acts = () =>
      repeat("", async (tx, place) => {
        const slice = await due.acts(tx, terms, place, limit);
        await deps.forgetActs(tx, slice.due);
        const gone = slice.due.map(({ sentAtMs }) => sentAtMs);
        await countResult(tx, run.id, "case", gone, slice.held.length);
        return slice.next;
      });

    const books = () =>
      repeat(0, async (tx) => {
        const before = {
          single: cutoffDay(terms, "single"),
          group: cutoffDay(terms, "group"),
          internal: cutoffDay(terms, "internal"),
        };
        return (await archive.foldBooks(tx, before, limit)) < limit ? null : 0;
      });

    const keys = async (): Promise<boolean> => {
      // A month counts as over a day late, for processes whose clock is slow.
      const unused = await findUnusedKeys(database, monthOf(clock.now() - DAY_MS), async () => {
        await prolong();
        return isOver();
      });
      if (unused === null) return false;
      return await repeat(0, async (tx, from) => {
        const ids = unused.slice(from, from + limit);
        await countKeys(tx, run.id, await vault.destroyKeys(tx, ids));
        return from + limit < unused.length ? from + limit : null;
      });
    };

    return [messages, items, ...records, acts, books, keys];
  }

  async function runUnder(lease: Lease): Promise<"done" | "out_of_time" | "stopped"> {
    const { version } = await policy.current();
    const run = await database.write((tx) => openRun(tx, { version, nowMs: clock.now() }));
    if (run.state !== "running") return run.state;
    const terms = { today: run.today, days: await policy.daysOf(run.policyVersion) };
    for (const part of partsOf(run, terms, lease)) {
      if (await part()) continue;
      if (stopping.signal.aborted) return "stopped";
      return await end(run, "out_of_time");
    }
    return await end(run, "done");
  }

  async function end<S extends "done" | "out_of_time">(run: RunRow, state: S): Promise<S> {
    await database.write((tx) => endRun(tx, run.id, state, clock.now()));
    log.info({ runId: run.id, state }, "retention run ended");
    return state;
  }

  return {
    async run() {
      const lease = await acquireLease(database, EXPIRY_LEASE, LEASE_MS);
      if (!lease) return "busy";
      try {
        return await runUnder(lease);
      } finally {
        await lease.release();
      }
    },
    stop() {
      stopping.abort();
    },
  };
}

function cameAt({ receivedAtMs }: AgedMessage): number {
  return receivedAtMs;
}

/** Another process has taken over; what this one was about to destroy is left to it. */
class LostExpiryError extends Error {
  override name = "LostExpiryError";
}
