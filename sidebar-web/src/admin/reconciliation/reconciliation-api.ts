/** What the page 对账 asks of the server. */
import type {
  ReconciledConversations,
  ReconciliationView,
  RepullList,
  RepullRequest,
  RepullView,
} from "#shared/contract/reconciliation";
import { api } from "../../page-api.ts";

const path = "/api/admin/archive/reconciliation";

export function getReconciliation(from: string): Promise<ReconciliationView> {
  return api.get(path, { from });
}

export function listConversations(day: string): Promise<ReconciledConversations> {
  return api.get(`${path}/days/${day}`);
}

export function listRepulls(): Promise<RepullList> {
  return api.get("/api/admin/archive/repulls");
}

/** 400 names the number that is wrong. */
export function requestRepull(range: RepullRequest): Promise<RepullView> {
  return api.post("/api/admin/archive/repulls", range);
}
