/** What the page 原生拦截 asks of the server. */
import type { DirectoryNamesView, InterceptionView } from "#shared/contract/interception";
import { api } from "../../page-api.ts";

const path = "/api/admin/interception";

export function getInterception(): Promise<InterceptionView> {
  return api.get(path);
}

export function syncInterception(): Promise<InterceptionView> {
  return api.post(`${path}/sync`);
}

export function restorePart(id: string): Promise<InterceptionView> {
  return api.post(`${path}/parts/${encodeURIComponent(id)}/restore`);
}

export function getDirectoryNames(): Promise<DirectoryNamesView> {
  return api.get(`${path}/directory`);
}
