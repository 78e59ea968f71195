import type { DestructionReports } from "../retention/reports.ts";
import { attention, ok } from "./health-line.ts";
import type { HealthCheck } from "./health-line.ts";
import { sayAgo } from "./spoken-time.ts";

/** One night may be missed; after two something is wrong. */
const LATE_MS = 50 * 3600_000;

/** Whether what is too old is destroyed night by night. */
export function retentionCheck(reports: Pick<DestructionReports, "findLast">): HealthCheck {
  return {
    id: "retention",
    title: "到期销毁",
    async look(nowMs) {
      const last = await reports.findLast();
      if (!last) return ok("还没有运行过，每天凌晨 2:10 检查一次。");
      const sum = last.results
        .filter(({ id }) => id !== "case")
        .reduce((total, { destroyed }) => total + destroyed, 0);
      const what = sum === 0 ? "没有到期的" : `销毁 ${sum} 条`;
      const detail = `上次在${sayAgo(last.startedAtMs, nowMs)}，${what}。`;
      if (nowMs - last.startedAtMs > LATE_MS) {
        return attention(detail, "每晚的销毁没有运行：看看“后台任务”和下面的失败任务。");
      }
      if (last.state === "out_of_time") {
        return attention(
          detail,
          "一晚没有做完，今晚会继续；连续几天这样，请让服务在夜间保持运行。",
        );
      }
      return ok(detail);
    },
  };
}
