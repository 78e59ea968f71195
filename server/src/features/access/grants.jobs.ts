import type { EntityManager } from "typeorm";
import { z } from "zod";
import { grantableRole, roleNames } from "#shared/contract/access";
import { conflictWords } from "#shared/contract/grant";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { AppMessages } from "../../wecom/app-messages.ts";
import type { Access } from "./access.service.ts";
import type { Grants, RightsChange } from "./grants.service.ts";

const TELL = "access.tell";
const CHECK = "access.check-separation";

const change = z.object({ memberId: z.string(), role: grantableRole, isGiven: z.boolean() });

export async function enqueueTellOfRights(
  jobs: Jobs,
  tx: EntityManager,
  told: RightsChange,
): Promise<void> {
  await jobs.enqueue(tx, TELL, { ...told });
}

/** Tells whoever was given or lost a role, and every night who holds what should not be in one hand. */
export function registerGrantJobs({
  jobs,
  grants,
  access,
  messages,
  publicUrl,
}: {
  jobs: Jobs;
  grants: Pick<Grants, "conflicts">;
  access: Pick<Access, "holdersOf">;
  messages: Pick<AppMessages, "pushTextCard">;
  publicUrl: string;
}): void {
  jobs.register({
    kind: TELL,
    payload: change,
    async run({ memberId, role, isGiven }) {
      await messages.pushTextCard({
        toMemberIds: [memberId],
        title: isGiven ? `你现在是${roleNames[role]}` : `你不再是${roleNames[role]}`,
        description: isGiven
          ? "权限已生效，请重新打开页面。你做的每一步都会记入留痕。"
          : "权限已收回，不需要你做什么。有疑问请联系管理员。",
        url: `${publicUrl}/admin/`,
        buttonText: "打开",
      });
    },
  });

  jobs.register({
    kind: CHECK,
    payload: z.object({}),
    async run() {
      const open = (await grants.conflicts()).filter(({ isAccepted }) => !isAccepted);
      const [first] = open;
      if (!first) return;
      await messages.pushTextCard({
        toMemberIds: await access.holdersOf("access.read"),
        title: `有 ${open.length} 处权限没有分开`,
        description: `${first.memberName}：${conflictWords[first.kind]}。请在“权限”页收回其中一个角色。`,
        url: `${publicUrl}/admin/access`,
        buttonText: "去查看",
      });
    },
  });
  jobs.schedule(CHECK, "0 0 3 * * *");
}
