import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { AppMessages } from "../../wecom/app-messages.ts";
import type { Access } from "../access/access.service.ts";
import type { Rules } from "./rules.service.ts";

const PUSH_FAILED = "rules.push-failed";
const TELL_RESTORED = "rules.tell-restored";

/** A rule was switched off because it failed: administrators are told. */
export async function enqueueFailedRule(
  jobs: Jobs,
  tx: EntityManager,
  ruleId: string,
): Promise<void> {
  await jobs.enqueue(tx, PUSH_FAILED, { ruleId });
}

/** One person has brought a version back: those who might have been asked are told. */
export async function enqueueTellRestored(
  jobs: Jobs,
  tx: EntityManager,
  version: number,
): Promise<void> {
  await jobs.enqueue(tx, TELL_RESTORED, { version });
}

interface Deps {
  jobs: Jobs;
  access: Pick<Access, "holdersOf">;
  rules: Pick<Rules, "drafts" | "versions">;
  messages: Pick<AppMessages, "pushTextCard">;
  publicUrl: string;
}

export function registerRuleJobs(deps: Deps): void {
  const { jobs, access, rules, messages, publicUrl } = deps;
  jobs.register({
    kind: TELL_RESTORED,
    payload: z.object({ version: z.number() }),
    async run({ version }) {
      const { versions } = await rules.versions.list(version + 1, 1);
      const [restored] = versions;
      const holders = await access.holdersOf("rule.publish");
      if (!restored || holders.length === 0) return;
      await messages.pushTextCard({
        toMemberIds: holders,
        title: `规则已恢复到第 ${restored.restores} 版`,
        description: `${restored.publishedBy}撤回了最近一次发布，现在是第 ${version} 版，立即生效。`,
        url: `${publicUrl}/admin/publishing/versions`,
        buttonText: "查看",
      });
    },
  });
  jobs.register({
    kind: PUSH_FAILED,
    payload: z.object({ ruleId: z.string() }),
    async run({ ruleId }) {
      const rule = (await rules.drafts.list()).rules.find(({ id }) => id === ruleId);
      const writers = await access.holdersOf("rule.write");
      if (!rule || writers.length === 0) return;
      await messages.pushTextCard({
        toMemberIds: writers,
        title: `规则「${rule.title}」出错，已自动停用`,
        description: "其他规则照常工作。请打开这条规则，检查词和条件，改好、启用后重新发布。",
        url: `${publicUrl}/admin/rules/${ruleId}`,
        buttonText: "去检查",
      });
    },
  });
}
