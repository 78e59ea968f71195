import { v7 as uuidv7 } from "uuid";
import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { Database } from "../../../platform/database/database.ts";
import { acquireLease } from "../../../platform/jobs/lease.ts";
import type { Lease } from "../../../platform/jobs/lease.ts";
import type { Jobs } from "../../../platform/jobs/jobs.ts";
import type { Logger } from "../../../platform/log.ts";
import type { Vault } from "../../../platform/vault/vault.ts";
import { marksFor } from "../known-messages.ts";
import type { SearchThreads } from "../search-threads.ts";
import {
  advanceCursor,
  findCursor,
  listLate,
  listMonths,
  MovedCursorError,
  noteMonths,
  removeLate,
  removeMonths,
  resetCursor,
} from "./index-state.ts";
import type { IndexCursor } from "./index-state.ts";
import { monthOf } from "./index-months.ts";
import { LostIndexError } from "./search-index.ts";
import type { IndexEntry, SearchIndex } from "./search-index.ts";

/** Keeps the index behind the table `message`: what is new comes in, what is forgotten goes. */
export interface IndexFollower {
  registerJobs(): void;
  /** Brings in what is missing, at most `steps` portions; false when there is more. */
  follow(steps: number): Promise<boolean>;
  /** Begins the index anew: it is known to be incomplete. */
  rebuild(): Promise<void>;
  /** In the transaction that removes messages: their entries go soon after. */
  forgetMessages(tx: EntityManager, seqs: readonly number[]): Promise<void>;
}

export interface IndexFollowerDeps {
  database: Database;
  vault: Pick<Vault, "hashKey">;
  jobs: Jobs;
  log: Logger;
  index: SearchIndex;
  threads: Pick<SearchThreads, "tokenize">;
}

export const FOLLOW = "search.follow";
const FORGET = "search.forget";
const LEASE = "search.index";
const LEASE_MS = 120_000;
const PORTION = 1_000;
/** Some seconds of work; then other jobs and a stopping server get their turn. */
const STEPS_A_JOB = 100;
/** A list of ids in one job. */
const SEQS_A_JOB = 1_000;

/** One name for the follower and the search: the key of a month of a generation. */
export function nameOfHashKey(generation: string, month: number): string {
  return `search-index ${generation} ${month}`;
}

export function createIndexFollower(deps: IndexFollowerDeps): IndexFollower {
  const { database, vault, jobs, log, index, threads } = deps;

  async function tokenize(
    generation: string,
    rows: readonly { seq: number; month: number }[],
  ): Promise<IndexEntry[]> {
    if (rows.length === 0) return [];
    const months = new Set(rows.map(({ month }) => month));
    const seqs = rows.map(({ seq }) => seq);
    const hashKeys = new Map<number, Uint8Array>();
    for (const month of months) {
      hashKeys.set(month, await vault.hashKey(nameOfHashKey(generation, month)));
    }
    return await threads.tokenize({
      sql: `SELECT seq, sent_at_ms, body, conversation_id FROM message WHERE seq IN (${marksFor(seqs)})`,
      values: seqs,
      hashKeys,
    });
  }

  async function readRows(
    where: string,
    values: readonly number[],
  ): Promise<{ seq: number; month: number }[]> {
    const rows = await database.read.query<{ seq: string | number; sent_at_ms: string | number }[]>(
      `SELECT seq, sent_at_ms FROM message WHERE ${where}`,
      [...values],
    );
    return rows.map((row) => ({ seq: Number(row.seq), month: monthOf(Number(row.sent_at_ms)) }));
  }

  /** Those that came after the index had passed their place. */
  async function takeLate(cursor: IndexCursor): Promise<boolean> {
    const seqs = await listLate(database.read, PORTION);
    if (seqs.length === 0) return false;
    const rows = await readRows(`seq IN (${marksFor(seqs)})`, seqs);
    const entries = await tokenize(cursor.generation, rows);
    await index.index(cursor.generation, entries, await listMonths(database.read));
    await database.write(async (tx) => {
      const now = await findCursor(tx);
      if (now?.generation !== cursor.generation) throw new MovedCursorError();
      await noteMonths(tx, monthsOf(entries));
      await removeLate(tx, seqs);
    });
    return true;
  }

  async function takeNext(cursor: IndexCursor): Promise<boolean> {
    const where = `seq > ? ORDER BY seq LIMIT ${PORTION}`;
    const rows = await readRows(where, [cursor.seq]);
    const last = rows.at(-1);
    if (!last) return false;
    const entries = await tokenize(cursor.generation, rows);
    await index.index(cursor.generation, entries, await listMonths(database.read));
    await database.write((tx) =>
      advanceCursor(tx, cursor, {
        to: last.seq,
        indexed: new Set(rows.map(({ seq }) => seq)),
        months: monthsOf(entries),
      }),
    );
    return rows.length === PORTION;
  }

  async function takeSome(cursor: IndexCursor): Promise<boolean> {
    try {
      return (await takeLate(cursor)) || (await takeNext(cursor));
    } catch (error) {
      await beginWhenLost(error);
      return true;
    }
  }

  /** The cursor of this back end; a new one when there is none or it is another's. */
  async function cursorOfOurs(): Promise<IndexCursor> {
    const cursor = await findCursor(database.read);
    if (cursor?.backend === index.backend) return cursor;
    await begin();
    return await cursorOfOurs();
  }

  /** The cursor first: what is gone must be counted on no more. */
  async function begin(): Promise<void> {
    const generation = uuidv7();
    await database.write((tx) => resetCursor(tx, { backend: index.backend, generation }));
    await index.clear();
    log.info({ generation, backend: index.backend }, "the search index is built anew");
  }

  /** One at a time over all processes, or an entry could come in after it was forgotten. */
  async function alone<T>(work: (lease: Lease) => Promise<T>): Promise<T> {
    const lease = await acquireLease(database, LEASE, LEASE_MS);
    if (!lease) throw new BusyIndexError();
    try {
      return await work(lease);
    } finally {
      await lease.release();
    }
  }

  async function forget(seqs: readonly number[]): Promise<void> {
    const cursor = await findCursor(database.read);
    if (cursor?.backend !== index.backend) return;
    const months = await listMonths(database.read);
    const empty = await index.forget(cursor.generation, seqs, months);
    // First nobody counts on them, then they go.
    await database.write((tx) => removeMonths(tx, empty));
    for (const month of empty) await index.drop(cursor.generation, month);
  }

  /** An index of which a part is gone is begun anew, and whatever was to be done to it is done. */
  async function beginWhenLost(error: unknown): Promise<void> {
    if (!(error instanceof LostIndexError)) throw error;
    log.warn({ err: error }, "a part of the search index is gone");
    await begin();
  }

  const follower: IndexFollower = {
    registerJobs() {
      jobs.register({
        kind: FOLLOW,
        payload: z.object({}),
        async run() {
          const isDone = await follower.follow(STEPS_A_JOB).catch((error: unknown) => {
            // Another one is at it, or has begun anew: it goes on there.
            if (error instanceof BusyIndexError || error instanceof MovedCursorError) return true;
            throw error;
          });
          return isDone ? undefined : (tx) => jobs.enqueue(tx, FOLLOW, {});
        },
        maxAttempts: 2,
      });
      jobs.register({
        kind: FORGET,
        payload: z.object({ seqs: z.array(z.number()) }),
        run: ({ seqs }) => alone(() => forget(seqs).catch(beginWhenLost)),
        maxAttempts: 30,
      });
      jobs.schedule(FOLLOW, "*/10 * * * * *");
    },

    follow: (steps) =>
      alone(async (lease) => {
        for (let step = 0; step < steps; step += 1) {
          const cursor = await cursorOfOurs();
          const hasMore = await takeSome(cursor);
          if (!hasMore) return true;
          if (!(await lease.renew())) throw new MovedCursorError();
        }
        return false;
      }),

    rebuild: () => alone(begin),

    async forgetMessages(tx, seqs) {
      for (let from = 0; from < seqs.length; from += SEQS_A_JOB) {
        const portion = seqs.slice(from, from + SEQS_A_JOB);
        await removeLate(tx, portion);
        await jobs.enqueue(tx, FORGET, { seqs: portion });
      }
    },
  };
  return follower;
}

/** Another process or job works on the index at this moment. */
class BusyIndexError extends Error {
  override name = "BusyIndexError";
  readonly retryAfterMs = 3_000;
}

function monthsOf(rows: readonly { month: number }[]): number[] {
  return [...new Set(rows.map(({ month }) => month))];
}
