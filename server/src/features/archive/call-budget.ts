import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import { CallBudgetRow } from "./call-budget.entity.ts";

/** WeCom allows 600 pulls a minute. */
export const PULLS_PER_MINUTE = 600;

/** Keeps all processes together to so many calls in any minute. */
export interface CallBudget {
  /** Resolves when a call may be made; rejects when `signal` ends the waiting. */
  take(signal: AbortSignal): Promise<void>;
}

export interface CallBudgetDeps {
  database: Database;
  clock: Clock;
  /** Whose budget: budgets of one name are one. */
  name: string;
  callsPerMinute?: number;
  /** What part of the budget this taker may use up; the rest stays for others. */
  share?: number;
  /** For tests. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Calls that are taken from the table at a time: a row that every call writes would be the slowest part of it. No more
 * than a server makes that looks once a second, or those that talk all day would leave nothing to others.
 */
const CHUNK = 5;
/** Calls of a chunk are made within this time or lost, so that a chunk's minute has an end. */
const CHUNK_LIFE_MS = 5_000;
const MINUTE_MS = 60_000;

export function createCallBudget(deps: CallBudgetDeps): CallBudget {
  const { database, clock, name, callsPerMinute = PULLS_PER_MINUTE, share = 1 } = deps;
  const wait = deps.wait ?? ((ms: number, signal: AbortSignal) => delay(ms, undefined, { signal }));
  const chunks = Math.floor(callsPerMinute / CHUNK);
  const mine = Math.max(1, Math.floor(chunks * share));
  let left = 0;
  let leftUntilMs = 0;

  /** Takes a chunk, or tells how long there is none. Times are the database's. */
  async function takeChunk(): Promise<number> {
    return await database.write(async (tx) => {
      const nowMs = await database.nowMs(tx);
      await insertNew(tx, "call_budget", "name", [{ name, version: 0, starts: "[]" }]);
      const { version, starts } = await tx.findOneByOrFail(CallBudgetRow, { name });
      const oldest = starts.at(-mine);
      const freeAtMs = oldest === undefined ? 0 : oldest + MINUTE_MS + CHUNK_LIFE_MS;
      if (freeAtMs > nowMs) return freeAtMs - nowMs;
      const { affected } = await tx.update(
        CallBudgetRow,
        { name, version },
        { version: version + 1, starts: [...starts.slice(1 - chunks), nowMs] },
      );
      // Another process has taken one at this moment; the next try sees it.
      return affected === 1 ? 0 : 1;
    });
  }

  return {
    async take(signal) {
      while (left === 0 || clock.now() >= leftUntilMs) {
        const askedAtMs = clock.now();
        const waitMs = await takeChunk();
        if (waitMs > 0) await wait(waitMs, signal);
        else [left, leftUntilMs] = [CHUNK, askedAtMs + CHUNK_LIFE_MS];
      }
      left -= 1;
    },
  };
}
