/** What the page 审批 asks of the server. */
import type {
  ApprovalDecision,
  ApprovalList,
  ApprovalSummary,
  ApprovalView,
} from "#shared/contract/approval";
import { api } from "../../page-api.ts";

const path = "/api/approvals";
const pathOf = (id: string): string => `${path}/${encodeURIComponent(id)}`;

export function getSummary(): Promise<ApprovalSummary> {
  return api.get(`${path}/summary`);
}

export function listApprovals(state: "waiting" | "ended", cursor?: string): Promise<ApprovalList> {
  return api.get(path, { state, cursor });
}

/** 409 when somebody else was faster. */
export function decideApproval(id: string, decision: ApprovalDecision): Promise<ApprovalView> {
  return api.post(`${pathOf(id)}/decision`, decision);
}

export function withdrawApproval(id: string): Promise<ApprovalView> {
  return api.post(`${pathOf(id)}/withdraw`);
}
