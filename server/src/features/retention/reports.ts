import { In } from "typeorm";
import type { RunView } from "#shared/contract/retention";
import type { Database } from "../../platform/database/database.ts";
import { formatShanghaiDay, formatShanghaiTime } from "../../platform/shanghai-day.ts";
import { classIds, titleOf } from "./classes.ts";
import { toCsv } from "../../platform/csv.ts";
import { ResultRow, RunRow } from "./retention.entity.ts";

/** What was destroyed, run by run: numbers and days. */
export interface DestructionReports {
  /** The newest 50. */
  list(): Promise<RunView[]>;
  findLast(): Promise<RunView | null>;
  /** All of them, a line for each class of each run. */
  csv(): Promise<string>;
}

const LISTED = 50;

const states: Record<RunView["state"], string> = {
  running: "进行中",
  done: "完成",
  out_of_time: "时间用完，次日继续",
};

const headers = [
  "开始时间（北京时间）",
  "结束时间（北京时间）",
  "结果",
  "期限版本",
  "类别",
  "销毁数量",
  "最早一天",
  "最晚一天",
  "因留存未销毁",
  "本次销毁的密钥（全部类别合计）",
];

/** Also in the file, since it may be all that somebody gets to see. */
export const BACKUPS_REMAIN =
  "说明：这里记录的是在用数据库中的销毁。此前做的备份里可能还有这些内容，直到备份自己到期；备份期限以公司的备份制度为准。";

export function createReports({ read }: Database): DestructionReports {
  async function present(rows: readonly RunRow[]): Promise<RunView[]> {
    const results = await read.findBy(ResultRow, { runId: In(rows.map(({ id }) => id)) });
    return rows.map((row) => ({
      id: row.id,
      startedAtMs: row.startedAtMs,
      finishedAtMs: row.finishedAtMs,
      state: row.state,
      policyVersion: row.policyVersion,
      keysDestroyed: row.keysDestroyed,
      results: results
        .filter(({ runId }) => runId === row.id)
        .sort((left, right) => classIds.indexOf(left.classId) - classIds.indexOf(right.classId))
        .map(({ classId, destroyed, held, fromDay, toDay }) => ({
          id: classId,
          title: titleOf(classId),
          destroyed,
          held,
          fromDay: fromDay === null ? null : formatShanghaiDay(fromDay),
          toDay: toDay === null ? null : formatShanghaiDay(toDay),
        })),
    }));
  }

  const find = async (take?: number): Promise<RunView[]> => {
    const order = { startedAtMs: "DESC", id: "DESC" } as const;
    return await present(
      await read.find(RunRow, { order, ...(take === undefined ? {} : { take }) }),
    );
  };

  return {
    list: () => find(LISTED),
    findLast: async () => (await find(1))[0] ?? null,
    async csv() {
      const lines = (await find()).flatMap((run) => {
        const nothing = { title: "（没有到期的）", destroyed: 0, held: 0, fromDay: "", toDay: "" };
        return (run.results.length === 0 ? [nothing] : run.results).map((result) => [
          formatShanghaiTime(run.startedAtMs),
          run.finishedAtMs === null ? "" : formatShanghaiTime(run.finishedAtMs),
          states[run.state],
          String(run.policyVersion),
          result.title,
          String(result.destroyed),
          result.fromDay ?? "",
          result.toDay ?? "",
          String(result.held),
          String(run.keysDestroyed),
        ]);
      });
      return toCsv([headers, ...lines, [BACKUPS_REMAIN]]);
    },
  };
}
