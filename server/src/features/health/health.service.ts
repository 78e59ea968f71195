import { setTimeout as delay } from "node:timers/promises";
import type { DeadJobList, HealthView } from "#shared/contract/health";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { Logger } from "../../platform/log.ts";
import { broken } from "./health-line.ts";
import type { Finding, HealthCheck, HealthLine } from "./health-line.ts";

/** How things stand, in words that an administrator can act on. */
export interface Health {
  view(): Promise<HealthView>;
  listDeadJobs(): Promise<DeadJobList>;
  /** Throws `not_found` when there is no such dead job. */
  retryDeadJob(id: string): Promise<void>;
  /** Whether the database answers, for machines. */
  isReady(): Promise<boolean>;
}

interface Deps {
  database: Database;
  jobs: Pick<Jobs, "listDead" | "retryDead">;
  clock: Clock;
  log: Logger;
  /** In the order in which they are shown. */
  checks: readonly HealthCheck[];
  /** How long one check, or the question whether we are ready, may take. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 3_000;

export function createHealth(deps: Deps): Health {
  const { database, jobs, clock, log, timeoutMs = TIMEOUT_MS } = deps;

  /** One that fails or hangs becomes a line of its own and keeps no other from being shown. */
  async function look(check: HealthCheck, nowMs: number): Promise<HealthLine> {
    const { id, title } = check;
    const finding = await within(timeoutMs, async () => check.look(nowMs)).catch(
      (error: unknown): Finding => {
        log.warn({ check: id, err: error }, "health check failed");
        return error instanceof TimeoutError
          ? broken("检查超时，没有结果。", "稍后刷新；一直如此请查看日志。")
          : broken("检查时出错。", "查看日志中同一时间的错误。");
      },
    );
    return { id, title, ...finding };
  }

  return {
    async view() {
      const checkedAtMs = clock.now();
      const lines = await Promise.all(deps.checks.map((check) => look(check, checkedAtMs)));
      return { checkedAtMs, lines };
    },

    async listDeadJobs() {
      const dead = await jobs.listDead();
      return {
        jobs: dead.map(({ id, kind, attempts, lastError, createdAtMs, finishedAtMs }) => ({
          id,
          kind,
          attempts,
          lastError: lastError ?? "",
          createdAtMs,
          finishedAtMs: finishedAtMs ?? createdAtMs,
        })),
      };
    },

    async retryDeadJob(id) {
      if (!(await jobs.retryDead(id))) throw new AppError("not_found");
    },

    async isReady() {
      return await within(timeoutMs, () => database.read.query("SELECT 1")).then(
        () => true,
        () => false,
      );
    },
  };
}

class TimeoutError extends Error {
  override name = "TimeoutError";
}

async function within<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const limit = delay(ms, undefined, { signal: stop.signal }).then(() => {
    throw new TimeoutError("took too long");
  });
  // Whichever loses the race is heard by nobody.
  limit.catch(() => undefined);
  try {
    return await Promise.race([work(), limit]);
  } finally {
    stop.abort();
  }
}
