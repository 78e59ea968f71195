import {
  approvalDecision,
  approvalList,
  approvalListQuery,
  approvalParams,
  approvalSummary,
  approvalView,
} from "#shared/contract/approval";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { Approvals } from "./approvals.service.ts";

/** Everybody sees what they asked for and what they may decide; which that is, says each kind's permission. */
export function addApprovalRoutes(routes: ApiRoutes, approvals: Approvals): void {
  routes.get(
    "/api/approvals",
    { allow: "own.use", query: approvalListQuery, response: approvalList },
    ({ actor, query }) => approvals.list(actor, query),
  );

  // Before the one with an id, which would take it for one.
  routes.get(
    "/api/approvals/summary",
    { allow: "own.use", response: approvalSummary },
    ({ actor }) => approvals.summary(actor),
  );

  routes.get(
    "/api/approvals/:id",
    { allow: "own.use", params: approvalParams, response: approvalView },
    ({ actor, params }) => approvals.get(actor, params.id),
  );

  routes.post(
    "/api/approvals/:id/decision",
    { allow: "own.use", params: approvalParams, body: approvalDecision, response: approvalView },
    ({ actor, params, body }) => approvals.decide(actor, params.id, body),
  );

  routes.post(
    "/api/approvals/:id/withdraw",
    { allow: "own.use", params: approvalParams, response: approvalView },
    ({ actor, params }) => approvals.withdraw(actor, params.id),
  );
}
