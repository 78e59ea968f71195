import {
  dayParams,
  reconciledConversations,
  reconciliationQuery,
  reconciliationView,
  repullList,
  repullRequest,
  repullView,
} from "#shared/contract/reconciliation";
import type { RepullService } from "../archive/repull.service.ts";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { Reconciliation } from "./reconciliation.service.ts";

export interface ReconciliationRouteDeps {
  reconciliation: Reconciliation;
  repulls: Pick<RepullService, "request" | "list">;
}

/** The console's page 对账. */
export function addReconciliationRoutes(
  routes: ApiRoutes,
  { reconciliation, repulls }: ReconciliationRouteDeps,
): void {
  const path = "/api/admin/archive/reconciliation";
  routes.get(
    path,
    { allow: "archive.operate", query: reconciliationQuery, response: reconciliationView },
    ({ query }) => reconciliation.view(query),
  );

  routes.get(
    `${path}/days/:day`,
    { allow: "archive.operate", params: dayParams, response: reconciledConversations },
    ({ params }) => reconciliation.listConversations(params.day),
  );

  routes.get(
    "/api/admin/archive/repulls",
    { allow: "archive.operate", response: repullList },
    async () => ({
      repulls: (await repulls.list()).map((row) => reconciliation.toRepullView(row)),
    }),
  );

  routes.post(
    "/api/admin/archive/repulls",
    { allow: "archive.operate", body: repullRequest, response: repullView, status: 201 },
    async ({ body, actor }) =>
      reconciliation.toRepullView(await repulls.request(body, actor.memberId)),
  );
}
