import { conflictWords } from "#shared/contract/grant";
import type { Grants } from "../access/grants.service.ts";
import { attention, broken, ok } from "./health-line.ts";
import type { HealthCheck } from "./health-line.ts";

/** Whether rights that hold each other in check are in different hands. */
export function separationCheck(grants: Pick<Grants, "view">): HealthCheck {
  return {
    id: "separation",
    title: "权限分离",
    async look() {
      const { conflicts, founders, isSmallCompany } = await grants.view();
      const [open] = conflicts.filter(({ isAccepted }) => !isAccepted);
      if (open) {
        return broken(
          `${open.memberName}：${conflictWords[open.kind]}。`,
          "在“权限”页收回其中一个角色。",
        );
      }
      const both = founders.find(({ roles }) => roles.length > 1);
      if (both && !isSmallCompany) {
        return attention(
          "还没有任命系统管理员和安全管理员，两个角色暂由设置里的管理员一人担任。",
          "在“权限”页任命三个人：系统管理员、安全管理员、审计员。",
        );
      }
      if (both) return ok("系统管理员和安全管理员暂由设置里的管理员担任（不到 20 人的公司可以）。");
      const accepted = conflicts.length;
      return ok(
        accepted > 0 ? `有 ${accepted} 处已接受的风险，见“权限”页。` : "管理角色由不同的人担任。",
      );
    },
  };
}
