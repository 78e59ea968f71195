import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { AppMessages } from "../../wecom/app-messages.ts";
import { NativeSyncRow, SYNC_ROW } from "./interception.entity.ts";
import type { InterceptionSync } from "./interception.sync.ts";

const SYNC = "interception.sync";
const PUSH_DRIFT = "interception.push-drift";
/** Several changes shortly after each other cost one sync. */
const WINDOW_MS = 2_000;
const BUSY_MS = 5_000;
const HOUR_MS = 3600_000;

/** Asks for a sync with the caller's transaction. `isAsked`: by a person who waits for it. */
export async function requestSync(
  { database, jobs, clock }: { database: Database; jobs: Jobs; clock: Clock },
  tx: EntityManager,
  isAsked: boolean,
): Promise<void> {
  const requested = { requested_at_ms: clock.now() };
  const fresh = { started_at_ms: 0, finished_at_ms: null, done: 0, total: 0, errcode: null };
  await insertNew(tx, "native_sync", "id", [{ id: SYNC_ROW, ...requested, ...fresh }]);
  await tx.update(NativeSyncRow, { id: SYNC_ROW }, { requestedAtMs: clock.now() });
  const nowMs = await database.nowMs(tx);
  if (isAsked) {
    await jobs.enqueue(tx, SYNC, { isAsked }, { runAtMs: nowMs });
    return;
  }
  // The end of the next window, when this transaction has long been committed.
  const slot = Math.floor(nowMs / WINDOW_MS) + 2;
  await jobs.enqueue(tx, SYNC, {}, { dedupe: `${SYNC}:${slot}`, runAtMs: slot * WINDOW_MS });
}

/** Tells administrators of drift, once an hour at most. */
export async function enqueueDrift(
  { database, jobs }: { database: Database; jobs: Jobs },
  tx: EntityManager,
): Promise<void> {
  const hour = Math.floor((await database.nowMs(tx)) / HOUR_MS);
  await jobs.enqueue(tx, PUSH_DRIFT, {}, { dedupe: `${PUSH_DRIFT}:${hour}` });
}

interface Deps {
  database: Database;
  jobs: Jobs;
  sync: InterceptionSync;
  countDrifted: () => Promise<number>;
  messages: Pick<AppMessages, "pushTextCard">;
  /** Who can put it right. Asked each time. */
  writerIds: () => Promise<readonly string[]>;
  publicUrl: string;
}

export function registerInterceptionJobs(deps: Deps): void {
  const { database, jobs, sync, countDrifted, messages, writerIds, publicUrl } = deps;
  jobs.register({
    kind: SYNC,
    // The hourly one brings nothing.
    payload: z.object({ isAsked: z.boolean().default(false) }),
    async run(payload) {
      if ((await sync.run(payload.isAsked)) === "done") return;
      return async (tx) => {
        const runAtMs = (await database.nowMs(tx)) + BUSY_MS;
        const dedupe = `${SYNC}@again:${Math.floor(runAtMs / BUSY_MS)}`;
        await jobs.enqueue(tx, SYNC, payload, { runAtMs, dedupe });
      };
    },
  });
  jobs.schedule(SYNC, "0 35 * * * *");
  jobs.register({
    kind: PUSH_DRIFT,
    payload: z.object({}),
    async run() {
      const count = await countDrifted();
      const writers = await writerIds();
      if (count === 0 || writers.length === 0) return;
      await messages.pushTextCard({
        toMemberIds: writers,
        title: `有 ${count} 条原生拦截规则被改动`,
        description:
          "有人在企业微信管理后台改了或删了本应用下发的敏感词规则。请核对，需要时一键恢复。",
        url: `${publicUrl}/admin/interception`,
        buttonText: "去核对",
      });
    },
  });
}
