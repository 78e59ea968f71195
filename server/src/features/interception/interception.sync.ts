import { Not, In } from "typeorm";
import { compileNative } from "#shared/rules/native/compile-native";
import type { NativeCompilation } from "#shared/rules/native/compile-native";
import type { NativeSource } from "#shared/rules/native/express";
import { acquireLease } from "../../platform/jobs/lease.ts";
import type { Lease } from "../../platform/jobs/lease.ts";
import type { Logger } from "../../platform/log.ts";
import { WecomError } from "../../wecom/wecom-error.ts";
import { NativeImportRow, NativeRuleRow, NativeSyncRow, SYNC_ROW } from "./interception.entity.ts";
import { createSyncSteps } from "./sync-steps.ts";
import type { StepDeps } from "./sync-steps.ts";

export interface InterceptionSync {
  /**
   * Tells WeCom what is marked, takes back what is not any more, and looks for what others have changed. `isAsked`:
   * also when there is nothing of ours, to see others' rules. `busy`: another process is at it.
   */
  run(isAsked: boolean): Promise<"done" | "busy">;
}

export interface SyncDeps extends StepDeps {
  log: Logger;
  /** The rules in force. */
  listRules: () => Promise<readonly NativeSource[]>;
}

const LEASE = "interception";
/** Longer than a call with its tries, of which each step makes two. */
const LEASE_MS = 120_000;

/** Within the room that others' rules leave. */
export function compileWithin(
  rules: readonly NativeSource[],
  imports: readonly NativeImportRow[],
): NativeCompilation {
  const takenNames = imports.map(({ body }) => body.name);
  return compileNative(rules, { takenRules: imports.length, takenNames });
}

export function createInterceptionSync(deps: SyncDeps): InterceptionSync {
  const { database, clock, log, intercept, listRules } = deps;
  const steps = createSyncSteps(deps);

  async function note(change: Partial<NativeSyncRow>): Promise<void> {
    await database.write(async (tx) => {
      await tx.update(NativeSyncRow, { id: SYNC_ROW }, change);
    });
  }

  async function begin(): Promise<void> {
    const fresh = {
      startedAtMs: clock.now(),
      finishedAtMs: null,
      done: 0,
      total: 0,
      errcode: null,
    };
    await database.write(async (tx) => {
      const row = await tx.findOneBy(NativeSyncRow, { id: SYNC_ROW });
      const requestedAtMs = row?.requestedAtMs ?? fresh.startedAtMs;
      await tx.save(NativeSyncRow, { id: SYNC_ROW, requestedAtMs, ...fresh });
    });
  }

  async function work(lease: Lease, rules: readonly NativeSource[]): Promise<void> {
    const [listed, visible] = [await intercept.list(), await intercept.visibleScope()];
    await steps.adoptLost(listed);
    const rows = await database.read.find(NativeRuleRow);
    const ours = new Set(rows.map(({ wecomRuleId }) => wecomRuleId));
    const others = listed.filter(({ wecomRuleId }) => !ours.has(wecomRuleId));
    const gone = Not(In(others.map(({ wecomRuleId }) => wecomRuleId)));
    await database.write(async (tx) => {
      await tx.delete(NativeImportRow, { wecomRuleId: gone });
    });

    let done = 0;
    const walk = async (todo: readonly (() => Promise<void>)[], total: number): Promise<void> => {
      for (const step of todo) {
        if (!(await lease.renew())) throw new SyncLostError();
        await step();
        await note({ done: (done += 1), total });
      }
    };
    await walk(
      others.map((other) => () => steps.importOne(other)),
      others.length + rows.length,
    );
    const { rules: wanted } = compileWithin(rules, await database.read.find(NativeImportRow));
    const keys = new Set(wanted.map(({ key }) => key));
    const unwanted = rows.filter(({ id }) => !keys.has(id));
    const seen = { listed: new Set(listed.map(({ wecomRuleId }) => wecomRuleId)), visible };
    const rowOf = new Map(rows.map((row) => [row.id, row]));
    await walk(
      [
        // First, so that their places and names are free.
        ...unwanted.map((row) => () => steps.remove(row)),
        ...wanted.map((rule) => () => steps.settle(rule, rowOf.get(rule.key), seen)),
      ],
      others.length + unwanted.length + wanted.length,
    );
  }

  /** An app that was never given the interface must not fail once an hour for nothing. */
  async function isUsed(rules: readonly NativeSource[]): Promise<boolean> {
    if (rules.some(({ native }) => native !== undefined)) return true;
    return (
      (await database.read.exists(NativeRuleRow)) || (await database.read.exists(NativeImportRow))
    );
  }

  return {
    async run(isAsked) {
      const lease = await acquireLease(database, LEASE, LEASE_MS);
      if (!lease) return "busy";
      try {
        await begin();
        const rules = await listRules();
        if (isAsked || (await isUsed(rules))) await work(lease, rules);
        await note({ finishedAtMs: clock.now() });
      } catch (error) {
        const isRefused = error instanceof WecomError;
        const errcode = isRefused ? error.errcode : 0;
        await note({ finishedAtMs: clock.now(), errcode });
        // No use in trying again until somebody has changed something: the next hour does.
        const isFinal = isRefused && !error.isRetryable;
        if (!isFinal) throw error;
        log.warn({ errcode }, "WeCom does not let us manage its interception");
      } finally {
        await lease.release();
      }
      return "done";
    },
  };
}

/** Another process has taken over. */
class SyncLostError extends Error {
  override name = "SyncLostError";
  readonly retryAfterMs = 5_000;
}
