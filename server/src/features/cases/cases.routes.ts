import { caseDecision, caseList, caseListQuery, caseParams, caseView } from "#shared/contract/case";
import type { Routes } from "../../platform/http/routes.ts";
import type { Actor } from "../sign-in/actor.ts";
import type { Cases } from "./cases.service.ts";

/** The manager's pages on the phone. */
export function addCaseRoutes(routes: Routes<Actor>, cases: Cases): void {
  routes.get(
    "/api/manager/cases",
    { allow: "manager", query: caseListQuery, response: caseList },
    ({ actor, query }) => cases.list(actor.memberId, query),
  );

  routes.get(
    "/api/manager/cases/:id",
    { allow: "manager", params: caseParams, response: caseView },
    ({ actor, params }) => cases.get(actor.memberId, params.id),
  );

  routes.post(
    "/api/manager/cases/:id/decision",
    { allow: "manager", params: caseParams, body: caseDecision, response: caseView },
    ({ actor, params, body }) => cases.decide(actor.memberId, params.id, body.decision),
  );
}
