/** What the page 证据包 asks of the server. */
import type { EvidenceList, EvidenceRequest, EvidenceView } from "#shared/contract/evidence";
import { api } from "../../page-api.ts";

const path = "/api/evidence";

export function listPackages(cursor?: string): Promise<EvidenceList> {
  return api.get(path, { cursor });
}

/** 400 names the field that is wrong. */
export function requestPackage(request: EvidenceRequest): Promise<EvidenceView> {
  return api.post(path, request);
}

/** The zip; the browser saves it. */
export function packageFile(id: string): string {
  return `${path}/${encodeURIComponent(id)}/package`;
}
