import { statfs } from "node:fs/promises";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import { attention, broken, ok } from "./health-line.ts";
import type { HealthCheck } from "./health-line.ts";
import { sayDuration } from "./spoken-time.ts";

const SKEW_ATTENTION_MS = 2_000;
const SKEW_BROKEN_MS = 30_000;
const DUE_ATTENTION_MS = 60_000;
const DUE_BROKEN_MS = 10 * 60_000;
const GIB = 1024 ** 3;

/** Answers, and its clock agrees with ours: callbacks and sessions use the one, jobs and leases the other. */
export function databaseCheck(database: Database, clock: Clock): HealthCheck {
  return {
    id: "database",
    title: "数据库",
    async look() {
      const before = clock.now();
      const theirs = await database.nowMs();
      const after = clock.now();
      const skewMs = Math.abs(theirs - (before + after) / 2);
      const detail = `${database.dialect === "sqlite" ? "SQLite" : "MySQL"} 应答 ${after - before} 毫秒，时钟相差 ${sayDuration(skewMs)}。`;
      const remedy = "在服务器和数据库主机上开启时间同步（NTP）。";
      if (skewMs > SKEW_BROKEN_MS) return broken(detail, remedy);
      return skewMs > SKEW_ATTENTION_MS ? attention(detail, remedy) : ok(detail);
    },
  };
}

export function jobsCheck(jobs: Jobs, database: Database): HealthCheck {
  return {
    id: "jobs",
    title: "后台任务",
    async look() {
      const { ready, dead, oldestDueAtMs } = await jobs.countWaiting();
      const nowMs = await database.nowMs();
      const lateMs = oldestDueAtMs === null ? 0 : Math.max(0, nowMs - oldestDueAtMs);
      const late = lateMs > 0 ? `，最久的已等 ${sayDuration(lateMs)}` : "";
      const detail = `排队 ${ready} 个${late}；失败后停下的 ${dead} 个。`;
      if (lateMs > DUE_BROKEN_MS) {
        return broken(detail, "任务没有被处理：查看日志，必要时重启服务。");
      }
      if (dead > 0) return attention(detail, "看看下面的失败任务，解决原因后点“重试”。");
      if (lateMs > DUE_ATTENTION_MS) {
        return attention(detail, "任务有积压：稍等片刻，仍不减少就查看日志。");
      }
      return ok(detail);
    },
  };
}

/** The disk that holds the data folder. */
export function diskCheck(dataDir: string): HealthCheck {
  return {
    id: "disk",
    title: "磁盘空间",
    async look() {
      const { bavail, blocks, bsize } = await statfs(dataDir);
      const freeBytes = bavail * bsize;
      const freeShare = blocks > 0 ? bavail / blocks : 0;
      const detail = `数据目录所在磁盘还剩 ${(freeBytes / GIB).toFixed(1)} GB（${Math.floor(freeShare * 100)}%）。`;
      const remedy = "清理磁盘或扩容；写满以后消息无法保存。";
      if (freeBytes < GIB) return broken(detail, remedy);
      return freeShare < 0.1 && freeBytes < 20 * GIB ? attention(detail, remedy) : ok(detail);
    },
  };
}
