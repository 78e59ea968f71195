import type { ApprovalList } from "#shared/contract/approval";
import type { RuleChanges } from "#shared/contract/rule-set";
import type { WebClient } from "./web-client.ts";

/** Settings of the small company, in which somebody has to agree. */
export const twoAdministrators = { ADMIN_MEMBER_IDS: "liuyang,sunhao" };

/** Publishes the working draft over HTTP: one person asks, another one agrees. */
export async function publishDraft(writer: WebClient, second: WebClient): Promise<void> {
  const { body: draft } = await writer.get<RuleChanges>("/api/admin/rules/changes");
  const asked = { hash: draft.hash, reason: "测试里发布规则" };
  const answer = await writer.post("/api/admin/rules/proposals", asked);
  if (answer.status !== 204) throw new Error(`not asked for: ${answer.status} ${answer.text}`);
  const { body } = await second.get<ApprovalList>("/api/approvals");
  const [approval] = body.approvals;
  const decided = await second.post(`/api/approvals/${approval?.id}/decision`, {
    decision: "approved",
  });
  if (decided.status !== 200) throw new Error(`not published: ${decided.text}`);
}
