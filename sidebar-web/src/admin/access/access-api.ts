/** What the page 权限 asks of the server. */
import type { Findings } from "#shared/contract/access-findings";
import type { AccessView, Candidates, GrantRequest } from "#shared/contract/grant";
import { api } from "../../page-api.ts";

const path = "/api/admin/access";
const grantPath = (id: string): string => `${path}/grants/${encodeURIComponent(id)}`;

export function getAccess(): Promise<AccessView> {
  return api.get(path);
}

export function findCandidates(text: string): Promise<Candidates> {
  return api.get(`${path}/candidates`, { text });
}

/** 400 names what stands in the way. */
export function requestGrant(request: GrantRequest): Promise<{ approvalId: string }> {
  return api.post(`${path}/grants`, request);
}

export function requestRevocation(id: string, reason: string): Promise<{ approvalId: string }> {
  return api.post(`${grantPath(id)}/revocation`, { reason });
}

export function keepGrant(id: string): Promise<void> {
  return api.post(`${grantPath(id)}/keep`);
}

export function getFindings(days: number): Promise<Findings> {
  return api.get(`${path}/findings`, { days: String(days) });
}

/** The browser saves it. */
export function findingsFile(days: number): string {
  return `${path}/findings.csv?days=${days}`;
}
