/** What the page 发布规则 asks of the server. */
import type { ApprovalDecision, ApprovalList, ApprovalView } from "#shared/contract/approval";
import type { Restored, RuleChanges, VersionChanges, VersionList } from "#shared/contract/rule-set";
import { api } from "../../page-api.ts";

const rulesPath = "/api/admin/rules";

export function getChanges(): Promise<RuleChanges> {
  return api.get(`${rulesPath}/changes`);
}

export function listVersions(before?: number): Promise<VersionList> {
  return api.get(`${rulesPath}/versions`, { before: before?.toString() });
}

export function getVersionChanges(number: number): Promise<VersionChanges> {
  return api.get(`${rulesPath}/versions/${number}/changes`);
}

/** Asks a second person to agree to the working draft as it was looked at. */
export function proposeDraft(hash: string, reason: string): Promise<void> {
  return api.post(`${rulesPath}/proposals`, { hash, reason });
}

export function getProposal(base: string, hash: string): Promise<RuleChanges> {
  return api.get(`${rulesPath}/proposals/${base}/${hash}`);
}

export function restoreVersion(number: number, reason: string): Promise<Restored> {
  return api.post(`${rulesPath}/versions/${number}/restore`, { reason });
}

/** Requests to publish that the person has made or may decide. */
export async function listProposals(): Promise<ApprovalView[]> {
  const { approvals } = await api.get<ApprovalList>("/api/approvals");
  return approvals.filter(({ kind }) => kind === "rules.publish");
}

export function decideProposal(id: string, decision: ApprovalDecision): Promise<ApprovalView> {
  return api.post(`/api/approvals/${id}/decision`, decision);
}

export function withdrawProposal(id: string): Promise<ApprovalView> {
  return api.post(`/api/approvals/${id}/withdraw`);
}
