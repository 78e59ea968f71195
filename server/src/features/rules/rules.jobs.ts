import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { AppMessages } from "../../wecom/app-messages.ts";
import type { Rules } from "./rules.service.ts";

const PUSH_FAILED = "rules.push-failed";

/** A rule was switched off because it failed: administrators are told. */
export async function enqueueFailedRule(
  jobs: Jobs,
  tx: EntityManager,
  ruleId: string,
): Promise<void> {
  await jobs.enqueue(tx, PUSH_FAILED, { ruleId });
}

interface Deps {
  jobs: Jobs;
  rules: Pick<Rules, "list">;
  messages: Pick<AppMessages, "pushTextCard">;
  adminMemberIds: readonly string[];
  publicUrl: string;
}

export function registerRuleJobs(deps: Deps): void {
  const { jobs, rules, messages, adminMemberIds, publicUrl } = deps;
  jobs.register({
    kind: PUSH_FAILED,
    payload: z.object({ ruleId: z.string() }),
    async run({ ruleId }) {
      const rule = (await rules.list()).rules.find(({ id }) => id === ruleId);
      if (!rule || rule.isEnabled) return;
      await messages.pushTextCard({
        toMemberIds: adminMemberIds,
        title: `规则「${rule.title}」出错，已自动停用`,
        description: "其他规则照常工作。请打开这条规则，检查词和条件，改好后重新启用。",
        url: `${publicUrl}/admin/rules/${ruleId}`,
        buttonText: "去检查",
      });
    },
  });
}
