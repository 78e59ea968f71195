import { z } from "zod";
import type { EntityManager } from "typeorm";
import type { Clock } from "../../platform/clock.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { Effect, Jobs } from "../../platform/jobs/jobs.ts";
import type { AppMessages } from "../../wecom/app-messages.ts";
import type { TextCard } from "../../wecom/card-body.ts";
import { AlarmRow } from "./alarm.entity.ts";
import type { TroubleKind } from "./alarm.entity.ts";
import { findTroubles } from "./troubles.ts";
import type { Trouble, TroublesDeps } from "./troubles.ts";

/**
 * Tells administrators long before WeCom forgets: of an archive that is not being pulled after two hours, of items
 * that cannot be opened after a day, then again every twelve hours, once each time.
 */
export interface ArchiveAlarms {
  registerJobs(): void;
  /** Looks once; the effect enqueues the cards that are due. */
  look(): Promise<Effect>;
}

export interface AlarmDeps extends TroublesDeps {
  jobs: Jobs;
  clock: Clock;
  messages: Pick<AppMessages, "pushTextCard">;
  /** Who can put it right. Asked each time. */
  operatorIds: () => Promise<readonly string[]>;
  publicUrl: string;
  sayDuration: (ms: number) => string;
}

const WATCH = "archive.watch";
const PUSH = "archive.push-alarm";
const HOUR_MS = 3600_000;
const FIRST_MS: Record<TroubleKind, number> = {
  not_pulled: 2 * HOUR_MS,
  undecodable: 24 * HOUR_MS,
};
const AGAIN_MS = 12 * HOUR_MS;
const kinds: readonly TroubleKind[] = ["not_pulled", "undecodable"];

/** 0 before the first card is due. What waits and has been forgotten by WeCom gets no worse: no further step. */
export function stepOf({ kind, sinceMs, forgottenAtMs }: Trouble, nowMs: number): number {
  const untilMs = kind === "undecodable" ? Math.min(nowMs, forgottenAtMs) : nowMs;
  const lateMs = untilMs - sinceMs - FIRST_MS[kind];
  return lateMs < 0 ? 0 : 1 + Math.floor(lateMs / AGAIN_MS);
}

export function createArchiveAlarms(deps: AlarmDeps): ArchiveAlarms {
  const { jobs, clock, messages, operatorIds, publicUrl, sayDuration } = deps;

  async function follow(tx: EntityManager, trouble: Trouble, nowMs: number): Promise<void> {
    const { kind, sinceMs } = trouble;
    await insertNew(tx, "archive_alarm", "kind", [
      { kind, since_ms: sinceMs, step: 0, told_at_ms: null },
    ]);
    const step = stepOf(trouble, nowMs);
    // Not another clock's, and not of a trouble that is over and has come back: each step is told once.
    const { affected } = await tx
      .createQueryBuilder()
      .update(AlarmRow)
      .set({ step, sinceMs, toldAtMs: nowMs })
      .where("kind = :kind AND step < :step", { kind, step })
      .execute();
    if (affected !== 1) return;
    await jobs.enqueue(tx, PUSH, { kind }, { dedupe: `${PUSH}:${kind}:${sinceMs}:${step}` });
  }

  async function push({ kind }: { kind: TroubleKind }): Promise<void> {
    const nowMs = clock.now();
    const trouble = (await findTroubles(deps, nowMs)).find((one) => one.kind === kind);
    if (!trouble || stepOf(trouble, nowMs) === 0) return;
    await messages.pushTextCard(await cardOf(trouble, nowMs));
  }

  async function cardOf(trouble: Trouble, nowMs: number): Promise<TextCard> {
    const { kind, sinceMs, count, cause, remedy, forgottenAtMs } = trouble;
    const leftMs = forgottenAtMs - nowMs;
    const title =
      kind === "not_pulled"
        ? `会话存档已停 ${sayDuration(nowMs - sinceMs)}`
        : `${count ?? 0} 条存档消息一直打不开`;
    const left =
      leftMs > 0
        ? `企业微信只保留 5 天，最早的还剩 ${sayDuration(leftMs)}。`
        : "最早的已超过企业微信保留的 5 天。";
    return {
      toMemberIds: await operatorIds(),
      title,
      description: `原因：${cause}。${left}${remedy}`,
      url: `${publicUrl}/admin/reconciliation`,
      buttonText: "去查看",
    };
  }

  const alarms: ArchiveAlarms = {
    async look() {
      const nowMs = clock.now();
      const troubles = await findTroubles(deps, nowMs);
      return async (tx) => {
        for (const kind of kinds) {
          const trouble = troubles.find((one) => one.kind === kind);
          if (trouble) await follow(tx, trouble, nowMs);
          else await tx.delete(AlarmRow, { kind });
        }
      };
    },

    registerJobs() {
      jobs.register({ kind: WATCH, payload: z.object({}), run: () => alarms.look() });
      jobs.register({
        kind: PUSH,
        payload: z.object({ kind: z.enum(["not_pulled", "undecodable"]) }),
        run: push,
      });
      jobs.schedule(WATCH, "0 */10 * * * *");
    },
  };
  return alarms;
}
