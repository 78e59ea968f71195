import { randomUUID } from "node:crypto";
import { In } from "typeorm";
import type { EntityManager } from "typeorm";
import type { Database } from "../database/database.ts";
import { Job } from "./job.entity.ts";

/** What a job changes in the database; commits together with the mark that the job is done. */
export type Effect = (tx: EntityManager) => Promise<void>;

/** Another process has claimed the job meanwhile; what this one did is undone. */
export class LostLeaseError extends Error {
  override name = "LostLeaseError";
}

/**
 * The table of jobs as one process sees it: claimed by a lease and a conditional update, finished under
 * the fence of that claim. Times are the database's.
 */
export interface JobQueue {
  /** Up to `limit` jobs that are due, or whose process has died, and are ours from now on. */
  claim(kinds: readonly string[], limit: number, nowMs: number): Promise<Job[]>;
  /** Marks the job done and applies its effect, in one transaction. Throws `LostLeaseError`. */
  finish(job: Job, effect: Effect | undefined): Promise<void>;
  /** Puts a failed job back, or aside as dead. */
  giveBack(job: Job, error: unknown, isDead: boolean): Promise<void>;
  /** Prolongs the leases of jobs under way. */
  renew(ids: readonly string[]): Promise<void>;
  /** Removes what has been done for three days. */
  prune(nowMs: number): Promise<void>;
  listDead(): Promise<Job[]>;
  retryDead(id: string): Promise<boolean>;
  countWaiting(): Promise<{ ready: number; dead: number; oldestDueAtMs: number | null }>;
  /** Jobs that are running anywhere or could run now. */
  countDue(): Promise<number>;
}

const LEASE_MS = 60_000;
const KEEP_DONE_MS = 3 * 24 * 3600_000;

export function createJobQueue(database: Database): JobQueue {
  const owner = randomUUID();
  const held = (job: Job) => ({ id: job.id, owner, fence: job.fence, state: "running" as const });

  return {
    async claim(kinds, limit, nowMs) {
      if (limit <= 0 || kinds.length === 0) return [];
      const candidates = await database.read
        .createQueryBuilder(Job, "j")
        .select("j.id", "id")
        .where(
          "((j.state = 'ready' AND j.runAtMs <= :nowMs) OR (j.state = 'running' AND j.leaseUntilMs < :nowMs)) AND j.kind IN (:...kinds)",
          { nowMs, kinds },
        )
        .orderBy("j.runAtMs")
        .limit(limit)
        .getRawMany<{ id: string }>();
      if (candidates.length === 0) return [];
      const ids = candidates.map(({ id }) => id);
      return await database.write(async (tx) => {
        await tx
          .createQueryBuilder()
          .update(Job)
          .set({
            state: "running",
            owner,
            leaseUntilMs: nowMs + LEASE_MS,
            fence: () => "fence + 1",
            attempts: () => "attempts + 1",
          })
          .where(
            "id IN (:...ids) AND (state = 'ready' OR (state = 'running' AND lease_until_ms < :nowMs))",
            { ids, nowMs },
          )
          .execute();
        return await tx.findBy(Job, { id: In(ids), owner, state: "running" });
      });
    },

    async finish(job, effect) {
      await database.write(async (tx) => {
        const finishedAtMs = await database.nowMs(tx);
        const done = { state: "done", finishedAtMs, lastError: null } as const;
        const { affected } = await tx.update(Job, held(job), done);
        if (affected !== 1) throw new LostLeaseError();
        await effect?.(tx);
      });
    },

    async giveBack(job, error, isDead) {
      await database.write(async (tx) => {
        const nowMs = await database.nowMs(tx);
        await tx.update(Job, held(job), {
          state: isDead ? "dead" : "ready",
          runAtMs: nowMs + (retryAfterMs(error) ?? backOffMs(job.attempts)),
          owner: null,
          lastError: nameOf(error),
          finishedAtMs: isDead ? nowMs : null,
        });
      });
    },

    async renew(ids) {
      if (ids.length === 0) return;
      await database.write(async (tx) => {
        const leaseUntilMs = (await database.nowMs(tx)) + LEASE_MS;
        await tx.update(Job, { id: In([...ids]), owner, state: "running" }, { leaseUntilMs });
      });
    },

    async prune(nowMs) {
      await database.write((tx) =>
        tx
          .createQueryBuilder()
          .delete()
          .from(Job)
          .where("state = 'done' AND finished_at_ms < :before", { before: nowMs - KEEP_DONE_MS })
          .execute(),
      );
    },

    listDead: () =>
      database.read.find(Job, {
        where: { state: "dead" },
        order: { finishedAtMs: "DESC" },
        take: 100,
      }),

    async retryDead(id) {
      const { affected } = await database.write(async (tx) =>
        tx.update(
          Job,
          { id, state: "dead" },
          { state: "ready", attempts: 0, runAtMs: await database.nowMs(tx), finishedAtMs: null },
        ),
      );
      return affected === 1;
    },

    async countWaiting() {
      const [ready, dead, oldest] = await Promise.all([
        database.read.countBy(Job, { state: "ready" }),
        database.read.countBy(Job, { state: "dead" }),
        database.read.findOne(Job, { where: { state: "ready" }, order: { runAtMs: "ASC" } }),
      ]);
      return { ready, dead, oldestDueAtMs: oldest?.runAtMs ?? null };
    },

    async countDue() {
      return await database.read
        .createQueryBuilder(Job, "j")
        .where("j.state = 'running' OR (j.state = 'ready' AND j.runAtMs <= :nowMs)", {
          nowMs: await database.nowMs(),
        })
        .getCount();
    },
  };
}

/** 1 s, 4 s, 16 s … at most 15 min, with jitter so that failed jobs do not come back in step. */
function backOffMs(attempts: number): number {
  return Math.min(4 ** (attempts - 1) * 1000, 15 * 60_000) * (0.75 + Math.random() / 2);
}

function retryAfterMs(error: unknown): number | undefined {
  const { retryAfterMs: after } = error as { retryAfterMs?: unknown };
  return typeof after === "number" ? after : undefined;
}

/** Kept in the table and shown to administrators, so without a message that might quote data. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { errcode, code } = error as { errcode?: unknown; code?: unknown };
  const detail = errcode ?? code;
  const suffix = typeof detail === "string" || typeof detail === "number" ? ` ${detail}` : "";
  return `${error.name}${suffix}`.slice(0, 500);
}
