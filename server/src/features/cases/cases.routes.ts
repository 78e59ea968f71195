import { caseDecision, caseList, caseListQuery, caseParams, caseView } from "#shared/contract/case";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { Cases } from "./cases.service.ts";

/** The manager's pages on the phone. */
export function addCaseRoutes(routes: ApiRoutes, cases: Cases): void {
  routes.get(
    "/api/manager/cases",
    { allow: "case.read", query: caseListQuery, response: caseList },
    ({ actor, query }) => cases.list(actor.memberId, query),
  );

  routes.get(
    "/api/manager/cases/:id",
    { allow: "case.read", params: caseParams, response: caseView },
    ({ actor, params }) => cases.get(actor.memberId, params.id),
  );

  routes.post(
    "/api/manager/cases/:id/decision",
    { allow: "case.decide", params: caseParams, body: caseDecision, response: caseView },
    ({ actor, params, body }) => cases.decide(actor.memberId, params.id, body.decision),
  );
}
