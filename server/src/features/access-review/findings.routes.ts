import { findings, findingsQuery } from "#shared/contract/access-findings";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { AccessFindings } from "./findings.service.ts";

/** The console's list of rights to look at. */
export function addFindingsRoutes(routes: ApiRoutes, service: AccessFindings): void {
  const allow = "access.read";
  routes.get(
    "/api/admin/access/findings",
    { allow, query: findingsQuery, response: findings },
    ({ query }) => service.list(query.days),
  );

  routes.get(
    "/api/admin/access/findings.csv",
    { allow, query: findingsQuery },
    async ({ query, ctx }) => {
      const text = await service.csv(query.days);
      ctx.set("content-type", "text/csv; charset=utf-8");
      ctx.attachment("access-findings.csv");
      ctx.body = text;
      return undefined;
    },
  );
}
