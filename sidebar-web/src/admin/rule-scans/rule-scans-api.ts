/** What 试跑 and 回溯 ask of the server. */
import type {
  LatestScan,
  RuleScanKind,
  RuleScanRequest,
  RuleScanView,
  SampleLabel,
  SampleSummary,
  SampleView,
  ScanOfProposal,
} from "#shared/contract/rule-scan";
import { api } from "../../page-api.ts";

const path = "/api/admin/rule-scans";

export function getLatestScan(kind: RuleScanKind): Promise<LatestScan> {
  return api.get(`${path}/latest`, { kind });
}

export function getScanOfProposal(base: string, hash: string): Promise<ScanOfProposal> {
  return api.get(`${path}/proposals/${base}/${hash}`);
}

export function startScan(request: RuleScanRequest): Promise<RuleScanView> {
  return api.post(path, request);
}

export function cancelScan(id: string): Promise<RuleScanView> {
  return api.post(`${path}/${id}/cancel`);
}

export function openSample(id: string, purpose: string): Promise<SampleView> {
  return api.post(`${path}/${id}/sample`, { purpose });
}

export function labelItem(
  id: string,
  item: string,
  label: SampleLabel | null,
): Promise<SampleSummary> {
  return api.post(`${path}/${id}/sample/${item}/label`, { label });
}
