/** What the manager's pages ask of the server. */
import type { CaseList, CaseView } from "#shared/contract/case";
import { api } from "../page-api.ts";

export type CaseFilter = "open" | "decided";
export type Decision = "handled" | "false_alarm";

export function listCases(state: CaseFilter, cursor?: string): Promise<CaseList> {
  return api.get("/api/manager/cases", { state, cursor });
}

export function getCase(id: string): Promise<CaseView> {
  return api.get(`/api/manager/cases/${encodeURIComponent(id)}`);
}

export function decideCase(id: string, decision: Decision): Promise<CaseView> {
  return api.post(`/api/manager/cases/${encodeURIComponent(id)}/decision`, { decision });
}
