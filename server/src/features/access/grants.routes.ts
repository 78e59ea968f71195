import {
  accessView,
  candidates,
  candidatesQuery,
  grantAsked,
  grantParams,
  grantRequest,
  revocationRequest,
} from "#shared/contract/grant";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { Grants } from "./grants.service.ts";

/** Asking for rights; that a second person says yes is the approvals' part. */
export function addGrantRoutes(routes: ApiRoutes, grants: Grants): void {
  const path = "/api/admin/access";
  routes.get(path, { allow: "access.read", response: accessView }, () => grants.view());

  routes.get(
    `${path}/candidates`,
    { allow: "access.request", query: candidatesQuery, response: candidates },
    ({ query }) => grants.candidates(query.text),
  );

  routes.post(
    `${path}/grants`,
    {
      allow: "access.request",
      needsFreshSignIn: true,
      body: grantRequest,
      response: grantAsked,
      status: 201,
    },
    async ({ actor, body }) => ({ approvalId: await grants.request(actor, body) }),
  );

  routes.post(
    `${path}/grants/:id/revocation`,
    {
      allow: "access.request",
      needsFreshSignIn: true,
      params: grantParams,
      body: revocationRequest,
      response: grantAsked,
      status: 201,
    },
    async ({ actor, params, body }) => ({
      approvalId: await grants.requestRevocation(actor, params.id, body.reason),
    }),
  );

  routes.post(
    `${path}/grants/:id/keep`,
    { allow: "access.approve", needsFreshSignIn: true, params: grantParams },
    async ({ actor, params }) => {
      await grants.keep(actor, params.id);
      return undefined;
    },
  );
}
