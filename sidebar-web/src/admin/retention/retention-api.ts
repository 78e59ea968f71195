/** What the page 保存与销毁 asks of the server. */
import type {
  HoldList,
  HoldRequest,
  HoldView,
  PolicyRequest,
  PreviewView,
  RetentionDays,
  RetentionView,
  RunList,
} from "#shared/contract/retention";
import { api } from "../../page-api.ts";

const path = "/api/admin/retention";

/** A file; the browser saves it. */
export const reportsFile = `${path}/runs.csv`;

export function getRetention(): Promise<RetentionView> {
  return api.get(path);
}

export function previewDays(days: RetentionDays): Promise<PreviewView> {
  return api.post(`${path}/preview`, { days });
}

/** 409 when somebody else was faster. */
export function changePolicy(request: PolicyRequest): Promise<RetentionView> {
  return api.post(`${path}/policy`, request);
}

export function listHolds(): Promise<HoldList> {
  return api.get(`${path}/holds`);
}

/** 400 names the field that is wrong. */
export function placeHold(request: HoldRequest): Promise<HoldView> {
  return api.post(`${path}/holds`, request);
}

export function releaseHold(id: string, reason: string): Promise<HoldView> {
  return api.post(`${path}/holds/${encodeURIComponent(id)}/release`, { reason });
}

export function listRuns(): Promise<RunList> {
  return api.get(`${path}/runs`);
}
