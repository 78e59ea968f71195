import { auditFilter, auditPage, auditQuery, ledgerView } from "#shared/contract/audit";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { Audit } from "./audit.service.ts";
import type { LedgerChecks } from "./ledger-checks.service.ts";

/** The console's page 审计. */
export function addLedgerRoutes(
  routes: ApiRoutes,
  { audit, checks }: { audit: Audit; checks: LedgerChecks },
): void {
  const allow = "audit.read";
  routes.get(
    "/api/admin/audit",
    { allow, query: auditQuery, response: auditPage },
    ({ query: { cursor, ...filter } }) => audit.list(filter, cursor),
  );

  routes.get(
    "/api/admin/audit.csv",
    { allow, query: auditFilter },
    async ({ query, actor, ctx }) => {
      const text = await audit.csv(query, actor.memberId);
      ctx.set("content-type", "text/csv; charset=utf-8");
      ctx.attachment("audit.csv");
      ctx.body = text;
      return undefined;
    },
  );

  routes.get("/api/admin/ledger", { allow, response: ledgerView }, () => checks.view());

  routes.post("/api/admin/ledger/check", { allow, response: ledgerView }, () => checks.start());
}
