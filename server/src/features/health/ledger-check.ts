import type { Checkpoints } from "../../platform/ledger/checkpoints.ts";
import type { LedgerChecks } from "../ledger/ledger-checks.service.ts";
import { broken, ok } from "./health-line.ts";
import type { HealthCheck } from "./health-line.ts";
import { sayAgo } from "./spoken-time.ts";

/** Whether the ledger is still what was signed and given to people. */
export function ledgerCheck(
  checkpoints: Pick<Checkpoints, "latest" | "check">,
  checks: Pick<LedgerChecks, "findLast">,
): HealthCheck {
  return {
    id: "ledger",
    title: "留痕校验",
    async look(nowMs) {
      const last = await checks.findLast();
      if (last && last.broken > 0) {
        return broken(
          `${sayAgo(last.finishedAtMs, nowMs)}检查全部记录，${last.broken} 处对不上，可能被改动过。`,
          "保留数据库现状，停止维护操作，通知安全负责人；处理后到“审计”页面再检查一次。",
        );
      }
      const latest = await checkpoints.latest();
      if (!latest) return ok("还没有签名，有记录后五分钟内会签。");
      const { checked, broken: wrong } = await checkpoints.check();
      if (wrong.length > 0) {
        return broken(
          `${checked} 个校验值中有 ${wrong.length} 个对不上，记录可能被改动过。`,
          "保留数据库现状，停止维护操作，通知安全负责人；对照管理员手机里的“今日留痕校验值”。",
        );
      }
      const ago = sayAgo(latest.signedAtMs, nowMs);
      return ok(`共 ${latest.size} 条，${ago}签名，${checked} 个校验值都对得上。`);
    },
  };
}
