/** What the page 审计 asks of the server. */
import type { AuditFilter, AuditPage, LedgerView } from "#shared/contract/audit";
import { api } from "../../page-api.ts";

export function listActs(filter: AuditFilter, cursor: number | null): Promise<AuditPage> {
  return api.get("/api/admin/audit", {
    ...filter,
    cursor: cursor === null ? undefined : String(cursor),
  });
}

/** The browser saves it. */
export function actsFile(filter: AuditFilter): string {
  const given = Object.entries(filter).flatMap(([name, value]) => (value ? [[name, value]] : []));
  return `/api/admin/audit.csv?${new URLSearchParams(given).toString()}`;
}

export function getLedger(): Promise<LedgerView> {
  return api.get("/api/admin/ledger");
}

export function startCheck(): Promise<LedgerView> {
  return api.post("/api/admin/ledger/check");
}
