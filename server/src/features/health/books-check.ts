import type { Reconciliation } from "../reconciliation/reconciliation.service.ts";
import { broken, ok } from "./health-line.ts";
import type { HealthCheck } from "./health-line.ts";

/** Whether the archive's books of yesterday and today hold. */
export function booksCheck(reconciliation: Pick<Reconciliation, "checkRecent">): HealthCheck {
  return {
    id: "books",
    title: "存档对账",
    async look(nowMs) {
      const days = await reconciliation.checkRecent(nowMs);
      if (days.length === 0) return ok("今天和昨天没有拉到消息。");
      const wrong = days.filter(({ holds }) => !holds).map(({ day }) => day);
      return wrong.length === 0
        ? ok("今天和昨天的账对得上。")
        : broken(`${wrong.join("、")} 的账对不上。`, "打开“对账”查看差在哪里，并重新拉取那一天。");
    },
  };
}
