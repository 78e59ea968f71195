import type { EntityManager } from "typeorm";
import { z } from "zod";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { AppMessages } from "../../wecom/app-messages.ts";
import type { Members } from "../members/members.service.ts";
import type { Approvals } from "./approvals.service.ts";

const TELL_DECIDERS = "approvals.tell-deciders";
const TELL_REQUESTER = "approvals.tell-requester";
const EXPIRE = "approvals.expire";

export async function enqueueTellDeciders(
  jobs: Jobs,
  tx: EntityManager,
  id: string,
): Promise<void> {
  await jobs.enqueue(tx, TELL_DECIDERS, { id });
}

export async function enqueueTellRequester(
  jobs: Jobs,
  tx: EntityManager,
  id: string,
): Promise<void> {
  await jobs.enqueue(tx, TELL_REQUESTER, { id });
}

const outcomes = {
  approved: "已同意",
  refused: "没有同意",
  withdrawn: "已撤回",
  expired: "已过期，没有人处理",
  waiting: "等待处理",
} as const;

const payload = z.object({ id: z.string() });

/** Tells those who may decide, then the one who asked; ends what nobody decided. */
export function registerApprovalJobs({
  jobs,
  approvals,
  members,
  messages,
  publicUrl,
}: {
  jobs: Jobs;
  approvals: Approvals;
  members: Pick<Members, "namesOf">;
  messages: Pick<AppMessages, "pushTextCard">;
  publicUrl: string;
}): void {
  const url = `${publicUrl}/admin/approvals`;

  jobs.register({
    kind: TELL_DECIDERS,
    payload,
    async run({ id }) {
      const waiting = await approvals.waiting(id);
      // With nobody to decide it runs out, and the requester is told.
      if (!waiting || waiting.deciderIds.length === 0) return;
      const names = await members.namesOf([waiting.requestedBy]);
      await messages.pushTextCard({
        toMemberIds: waiting.deciderIds,
        title: "有一项申请等你审批",
        description: `${names.get(waiting.requestedBy) ?? waiting.requestedBy}申请：${waiting.title}`,
        url,
        buttonText: "去审批",
      });
    },
  });

  jobs.register({
    kind: TELL_REQUESTER,
    payload,
    async run({ id }) {
      const { requestedBy, title, state } = await approvals.outcome(id);
      if (state === "withdrawn") return;
      await messages.pushTextCard({
        toMemberIds: [requestedBy],
        title: `你的申请${outcomes[state]}`,
        description: title,
        url,
        buttonText: "查看",
      });
    },
  });

  jobs.register({
    kind: EXPIRE,
    payload: z.object({}),
    run: () => Promise.resolve((tx) => approvals.expire(tx)),
  });
  jobs.schedule(EXPIRE, "0 */10 * * * *");
}
