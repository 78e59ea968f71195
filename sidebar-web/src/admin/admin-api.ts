/** What the admin console asks of the server. */
import type {
  DeadJobList,
  HealthView,
  FetchAgainResult,
  LostMediaList,
  RetryResult,
  UndecodableList,
} from "#shared/contract/health";
import type { ExcludeResult } from "#shared/contract/reconciliation";
import type { RuleDraft, RuleList, RuleView, TrialRequest, TrialView } from "#shared/contract/rule";
import { api } from "../page-api.ts";

const rulePath = (id: string): string => `/api/admin/rules/${encodeURIComponent(id)}`;

export function listRules(): Promise<RuleList> {
  return api.get("/api/admin/rules");
}

export function createRule(draft: RuleDraft): Promise<RuleView> {
  return api.post("/api/admin/rules", draft);
}

/** `revision` is the one that was edited; 409 when it is not the newest any more. */
export function updateRule(id: string, revision: number, draft: RuleDraft): Promise<RuleView> {
  return api.put(rulePath(id), { revision, draft });
}

export function switchRule(id: string, isEnabled: boolean): Promise<RuleView> {
  return api.post(`${rulePath(id)}/switch`, { isEnabled });
}

/** Out of the working draft. */
export function removeRule(id: string): Promise<RuleList> {
  return api.delete(rulePath(id));
}

/** As it is published again; all of them without an id. */
export function revertRule(id: string | null): Promise<RuleList> {
  return api.post(`${id === null ? "/api/admin/rules" : rulePath(id)}/revert`);
}

export function tryRules(request: TrialRequest): Promise<TrialView> {
  return api.post("/api/admin/rules/trial", request);
}

export function getHealth(): Promise<HealthView> {
  return api.get("/api/admin/health");
}

export function listDeadJobs(): Promise<DeadJobList> {
  return api.get("/api/admin/jobs/dead");
}

export function retryJob(id: string): Promise<void> {
  return api.post(`/api/admin/jobs/${encodeURIComponent(id)}/retry`);
}

/** Files of messages that could not be had from WeCom. */
export function listLostMedia(): Promise<LostMediaList> {
  return api.get("/api/admin/archive/lost-media");
}

export function fetchLostMediaAgain(): Promise<FetchAgainResult> {
  return api.post("/api/admin/archive/lost-media/fetch");
}

export function listUndecodable(): Promise<UndecodableList> {
  return api.get("/api/admin/archive/undecodable");
}

export function retryUndecodable(): Promise<RetryResult> {
  return api.post("/api/admin/archive/undecodable/retry");
}

/** Nobody waits for these any more; the items themselves stay. */
export function excludeUndecodable(seqs: readonly number[]): Promise<ExcludeResult> {
  return api.post("/api/admin/archive/undecodable/exclude", { seqs });
}
