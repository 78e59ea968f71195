import { In } from "typeorm";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { acquireLease } from "../../platform/jobs/lease.ts";
import type { Lease } from "../../platform/jobs/lease.ts";
import type { Logger } from "../../platform/log.ts";
import type { ObjectStore } from "../../platform/objects/object-store.ts";
import { DestroyedKeyError } from "../../platform/vault/vault.ts";
import { mediaFailureOf } from "../../wecom/media-failure.ts";
import type { Downloads } from "./media-download.ts";
import { MediaRow } from "./media.entity.ts";
import type { MediaProblem } from "./media.entity.ts";
import { createDueQueue } from "./due-queue.ts";
import { objectName } from "./object-name.ts";

/**
 * The one who fetches and erases files; of all processes one at a time (lease). Several files come at once, none
 * waits for another for longer than a chunk takes, and what fails is tried again later, for as long as WeCom keeps it.
 */
export interface MediaRounds {
  /** Works until nothing is due. "busy": another process is at it. */
  run(): Promise<"done" | "busy">;
  /** Ends a round that is under way after the chunks under way. */
  stop(): void;
}

interface Deps {
  database: Database;
  downloads: Downloads;
  store: ObjectStore;
  clock: Clock;
  log: Logger;
  /** Files at once; each needs a few chunks of memory. */
  parallel?: number;
}

const LEASE_MS = 90_000;
const RENEW_MS = 30_000;
const PARALLEL = 4;
const BATCH = 50;
/** So many in a row that could not be reached: then it is not the files, and the round ends. */
const MAX_UNREACHABLE = 8;
/** As often what came may differ from what was announced; then it is kept as it is, and said to be so. */
const MAX_MISMATCHES = 3;
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 30 * 60_000;
/** WeCom keeps files for some five days. */
const GIVE_UP_AFTER_MS = 6 * 24 * 3600_000;

/** The round ends here: the process stops, or another has taken over. */
class RoundOverError extends Error {
  override name = "RoundOverError";
}

export function createMediaRounds(deps: Deps): MediaRounds {
  const { database, downloads, store, clock, log, parallel = PARALLEL } = deps;
  const stopping = new AbortController();

  async function update(row: MediaRow, change: Partial<MediaRow>): Promise<boolean> {
    const { affected } = await database.write((tx) =>
      tx.update(MediaRow, { id: row.id, state: "waiting" }, change),
    );
    return affected === 1;
  }

  async function eraseForgotten(mayGoOn: () => Promise<void>): Promise<void> {
    for (;;) {
      const rows = await database.read.find(MediaRow, { where: { state: "erasing" }, take: BATCH });
      if (rows.length === 0) return;
      await mayGoOn();
      for (const { id } of rows) await removeContent(id);
      await database.write((tx) => tx.delete(MediaRow, { id: In(rows.map(({ id }) => id)) }));
      log.info({ count: rows.length }, "media erased");
    }
  }

  async function removeContent(id: string): Promise<void> {
    await store.delete(objectName(id));
    await downloads.discard(id);
  }

  /** Resolves with whether WeCom was reached. */
  async function fetchOne(row: MediaRow, mayGoOn: () => Promise<void>): Promise<boolean> {
    try {
      const download = await downloads.fetch(row, mayGoOn);
      if (!download) return true;
      const { file, sizeBytes, isAsAnnounced } = download;
      if (!isAsAnnounced && row.mismatches + 1 < MAX_MISMATCHES) {
        await beginAnew(row);
        return true;
      }
      await putIntoStore(row, file);
      const problem = isAsAnnounced ? null : "mismatch";
      await finish(row, { state: "stored", problem, sizeBytes, storedAtMs: clock.now() });
      return true;
    } catch (error) {
      return await noteFailure(row, error);
    }
  }

  async function putIntoStore(row: MediaRow, file: string): Promise<void> {
    await store.put(objectName(row.id), file).catch((error: unknown) => {
      throw new NotStorableError("the store does not take the file", { cause: error });
    });
    await downloads.discard(row.id);
  }

  /**
   * Its message may have been destroyed meanwhile: then nothing of the file may stay. Another round may have stored it
   * while this one was stopped past its lease: then it is the other's.
   */
  async function finish(row: MediaRow, change: Partial<MediaRow>): Promise<void> {
    if (await update(row, change)) return;
    const isOthers = await database.read.existsBy(MediaRow, { id: row.id, state: "stored" });
    if (!isOthers) await removeContent(row.id);
  }

  async function beginAnew(row: MediaRow): Promise<void> {
    log.warn({ mediaId: row.id }, "a file is not as announced");
    await downloads.discard(row.id);
    const again = { sealedBytes: 0, nextIndex: "", mismatches: row.mismatches + 1 };
    await update(row, { ...again, ...tryLater(row, "mismatch") });
  }

  function tryLater(row: MediaRow, problem: MediaProblem): Partial<MediaRow> {
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** row.attempts, LONGEST_PAUSE_MS);
    const nextTryAtMs = clock.now() + pauseMs;
    return { problem, attempts: row.attempts + 1, nextTryAtMs };
  }

  async function noteFailure(row: MediaRow, error: unknown): Promise<boolean> {
    if (error instanceof RoundOverError) throw error;
    if (error instanceof DestroyedKeyError) {
      // Nobody will be able to read it.
      await update(row, { state: "erasing" });
      return true;
    }
    const problem = problemOf(error);
    log.warn({ mediaId: row.id, problem, err: error }, "a file could not be fetched");
    if (problem === "expired") await giveUp(row, { state: "expired", problem: null });
    else if (problem === "bad_id") await giveUp(row, { state: "failed", problem });
    else if (clock.now() >= row.createdAtMs + GIVE_UP_AFTER_MS) {
      await giveUp(row, { state: "failed", problem: "gave_up" });
    } else await update(row, tryLater(row, problem));
    return problem !== "unreachable";
  }

  async function giveUp(row: MediaRow, change: Partial<MediaRow>): Promise<void> {
    await downloads.discard(row.id);
    await update(row, change);
  }

  /** Some workers over one list, which is filled up while there is something due. */
  async function fetchAll(mayGoOn: () => Promise<void>): Promise<void> {
    const queue = createDueQueue(database, clock);
    let unreachable = 0;

    async function work(): Promise<void> {
      while (unreachable < MAX_UNREACHABLE) {
        const row = await queue.take();
        if (!row) return;
        await mayGoOn();
        unreachable = (await fetchOne(row, mayGoOn)) ? 0 : unreachable + 1;
        queue.finish(row);
      }
    }

    const outcomes = await Promise.allSettled(Array.from({ length: parallel }, work));
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }

  return {
    async run() {
      const lease = await acquireLease(database, "media", LEASE_MS);
      if (!lease) return "busy";
      const mayGoOn = keeper(lease, clock, stopping.signal);
      try {
        await eraseForgotten(mayGoOn);
        await fetchAll(mayGoOn);
        return "done";
      } catch (error) {
        if (error instanceof RoundOverError) return "busy";
        throw error;
      } finally {
        await lease.release();
      }
    },
    stop: () => stopping.abort(),
  };
}

/** The folder or the S3 store does not take a file. */
class NotStorableError extends Error {
  override name = "NotStorableError";
}

function problemOf(error: unknown): MediaProblem | "expired" {
  if (error instanceof NotStorableError || isOfDisk(error)) return "not_storable";
  const failure = mediaFailureOf(error);
  if (failure === "way") return "unreachable";
  return failure === "chunk" ? "refused" : failure;
}

/** ENOSPC, EACCES, EIO … */
function isOfDisk(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && /^E[A-Z]+$/.test(code);
}

/** Prolongs the lease once a third of its time has gone. */
function keeper(lease: Lease, clock: Clock, signal: AbortSignal): () => Promise<void> {
  let renewedAtMs = clock.now();
  return async () => {
    if (signal.aborted) throw new RoundOverError();
    if (clock.now() - renewedAtMs < RENEW_MS) return;
    renewedAtMs = clock.now();
    if (!(await lease.renew())) throw new RoundOverError();
  };
}
