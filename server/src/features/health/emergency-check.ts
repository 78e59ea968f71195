import type { Emergencies } from "../emergency/emergencies.service.ts";
import { attention, broken, ok } from "./health-line.ts";
import type { HealthCheck } from "./health-line.ts";

/** Whether somebody has looked at every time that rights were stepped over. */
export function emergencyCheck(emergencies: Pick<Emergencies, "countUnreviewed">): HealthCheck {
  return {
    id: "emergency",
    title: "紧急访问复核",
    async look() {
      const { waiting, overdue } = await emergencies.countUnreviewed();
      const remedy = "请没有参与的合规专员、个人信息保护负责人或法务到“阅读授权”页复核。";
      if (overdue > 0) return broken(`有 ${overdue} 次紧急访问超过 2 个工作日没有复核。`, remedy);
      if (waiting > 0) return attention(`有 ${waiting} 次紧急访问等待复核。`, remedy);
      return ok("每次紧急访问都复核过。");
    },
  };
}
