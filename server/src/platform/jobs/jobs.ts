import { EventEmitter, once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Cron } from "croner";
import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import type { z } from "zod";
import type { Database } from "../database/database.ts";
import { insertNew } from "../database/insert-new.ts";
import type { Logger } from "../log.ts";
import type { Job } from "./job.entity.ts";
import { createJobQueue, LostLeaseError } from "./job-queue.ts";
import type { Effect } from "./job-queue.ts";

export type { Effect } from "./job-queue.ts";

export interface JobKind<P> {
  kind: string;
  payload: z.ZodType<P>;
  /**
   * Does the work that reaches outside, then returns its effect. It may run more than once
   * (crash, lost lease), so what it does outside must bear repetition; the effect happens once.
   * Throw an error with `retryAfterMs` to choose when to try again.
   */
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a job without an effect returns nothing
  run(payload: P): Promise<Effect | void>;
  /** Tries before the job is dead; default 8, about an hour with the back-off. */
  maxAttempts?: number;
}

export interface EnqueueOptions {
  dedupe?: string;
  /** Database time; default now. */
  runAtMs?: number;
}

export interface NewJob {
  kind: string;
  /** Ids only: the table is not sealed. */
  payload: Record<string, unknown>;
  options?: EnqueueOptions;
}

export interface Jobs {
  register<P>(kind: JobKind<P>): void;
  /** A job of this kind at each time of the cron pattern (Asia/Shanghai); of all processes one runs it. */
  schedule(kind: string, pattern: string): void;
  /** Commits with the caller's transaction. `dedupe` makes a repetition a no-op. */
  enqueue(
    tx: EntityManager,
    kind: string,
    payload: Record<string, unknown>,
    options?: EnqueueOptions,
  ): Promise<void>;
  /** The same for many at the price of one clock read and one statement. */
  enqueueAll(tx: EntityManager, newJobs: readonly NewJob[]): Promise<void>;
  start(): void;
  /** Stops claiming and waits for the jobs under way. */
  stop(): Promise<void>;
  listDead(): Promise<Job[]>;
  /** Gives a dead job all its tries again; false when there is no such dead job. */
  retryDead(id: string): Promise<boolean>;
  countWaiting(): Promise<{ ready: number; dead: number; oldestDueAtMs: number | null }>;
  /** Resolves when nothing is due or running; for tests. */
  idle(): Promise<void>;
}

const CLAIM_SIZE = 32;
const HEARTBEAT_MS = 20_000;
const POLL_MS = 500;
const MAX_ATTEMPTS = 8;
const PRUNE_EVERY_MS = 3600_000;

export function createJobs(database: Database, log: Logger): Jobs {
  const queue = createJobQueue(database);
  const kinds = new Map<string, JobKind<unknown>>();
  const schedules: { kind: string; cron: Cron }[] = [];
  const running = new Map<string, Promise<void>>();
  const signal = new EventEmitter();
  const flags = new Set<"stopping" | "woken">();
  let nextPlanAtMs = 0;
  let nextPruneAtMs = 0;
  let loop: Promise<void> = Promise.resolve();
  let heartbeat: NodeJS.Timeout | undefined;

  const wake = (): void => {
    flags.add("woken");
    signal.emit("wake");
  };

  async function execute(job: Job): Promise<void> {
    const kind = kinds.get(job.kind);
    if (!kind) return;
    const maxAttempts = kind.maxAttempts ?? MAX_ATTEMPTS;
    try {
      // Beyond its last try: that one ended with the process, and must not end this one, too.
      if (job.attempts > maxAttempts) throw new ProcessDiedError();
      const effect = await kind.run(kind.payload.parse(JSON.parse(job.payload)));
      await queue.finish(job, effect ?? undefined);
    } catch (error) {
      const about = { jobId: job.id, kind: job.kind, attempt: job.attempts };
      if (error instanceof LostLeaseError) {
        log.warn(about, "job was taken over by another process");
        return;
      }
      const isDead = job.attempts >= maxAttempts;
      log[isDead ? "error" : "warn"]({ ...about, isDead, err: error }, "job failed");
      await queue.giveBack(job, error, isDead);
    }
  }

  async function planSchedules(nowMs: number): Promise<void> {
    const slots = schedules.flatMap(({ kind, cron }) => {
      const slotMs = cron.nextRun(new Date(nowMs))?.getTime();
      return slotMs === undefined ? [] : [{ kind, slotMs }];
    });
    nextPlanAtMs = Math.min(nowMs + 60_000, ...slots.map(({ slotMs }) => slotMs));
    if (slots.length === 0) return;
    await database.write(async (tx) => {
      for (const { kind, slotMs } of slots) {
        const options = { dedupe: `${kind}@${slotMs}`, runAtMs: slotMs };
        await jobs.enqueue(tx, kind, {}, options);
      }
    });
  }

  /** One round: plan, claim, hand out. Returns whether anything was claimed. */
  async function round(): Promise<boolean> {
    const nowMs = await database.nowMs();
    if (nowMs >= nextPlanAtMs) await planSchedules(nowMs);
    if (nowMs >= nextPruneAtMs) {
      nextPruneAtMs = nowMs + PRUNE_EVERY_MS;
      await queue.prune(nowMs);
    }
    const claimed = await queue.claim([...kinds.keys()], CLAIM_SIZE - running.size, nowMs);
    for (const job of claimed) {
      const done = execute(job)
        .catch((error: unknown) => {
          // The database refused even the note of the failure: the lease runs out and the job is claimed again.
          log.error({ jobId: job.id, kind: job.kind, err: error }, "job could not be finished");
        })
        .finally(() => {
          running.delete(job.id);
          wake();
        });
      running.set(job.id, done);
    }
    return claimed.length > 0;
  }

  async function runLoop(): Promise<void> {
    while (!flags.has("stopping")) {
      flags.delete("woken");
      // SQLite answers without leaving the turn: a backlog must not keep requests and timers waiting.
      await nextTurn();
      const hasWork = await round().catch((error: unknown) => {
        log.error({ err: error }, "jobs cannot be read");
        return false;
      });
      if (!hasWork) signal.emit("idle");
      if (!hasWork && !flags.has("woken") && !flags.has("stopping")) await sleepUntilWoken();
    }
  }

  async function sleepUntilWoken(): Promise<void> {
    const timer = setTimeout(() => signal.emit("wake"), POLL_MS * (0.75 + Math.random() / 2));
    await once(signal, "wake");
    clearTimeout(timer);
  }

  const jobs: Jobs = {
    register(kind) {
      kinds.set(kind.kind, kind);
    },
    schedule(kind, pattern) {
      schedules.push({
        kind,
        cron: new Cron(pattern, { timezone: "Asia/Shanghai", paused: true }),
      });
    },
    enqueue: (tx, kind, payload, options = {}) => jobs.enqueueAll(tx, [{ kind, payload, options }]),
    async enqueueAll(tx, newJobs) {
      if (newJobs.length === 0) return;
      const nowMs = await database.nowMs(tx);
      const rows = newJobs.map(({ kind, payload, options }) => {
        const id = uuidv7();
        return {
          id,
          kind,
          dedupe: options?.dedupe ?? id,
          payload: JSON.stringify(payload),
          state: "ready",
          run_at_ms: options?.runAtMs ?? nowMs,
          lease_until_ms: 0,
          owner: null,
          fence: 0,
          attempts: 0,
          last_error: null,
          created_at_ms: nowMs,
          finished_at_ms: null,
        };
      });
      await insertNew(tx, "job", "dedupe", rows);
      database.afterCommit(wake);
    },
    start() {
      loop = runLoop();
      heartbeat = setInterval(() => {
        queue.renew([...running.keys()]).catch((error: unknown) => {
          log.warn({ err: error }, "leases of jobs could not be renewed");
        });
      }, HEARTBEAT_MS);
    },
    async stop() {
      flags.add("stopping");
      wake();
      await loop;
      await Promise.all(running.values());
      clearInterval(heartbeat);
    },
    listDead: () => queue.listDead(),
    async retryDead(id) {
      const isRetried = await queue.retryDead(id);
      wake();
      return isRetried;
    },
    countWaiting: () => queue.countWaiting(),
    async idle() {
      for (;;) {
        await Promise.all(running.values());
        const due = await queue.countDue();
        if (due === 0 && running.size === 0) return;
        wake();
        await once(signal, "idle");
      }
    },
  };
  return jobs;
}

/** The process that ran the job's last try did not live to say how it went. */
class ProcessDiedError extends Error {
  override name = "ProcessDiedError";
}
