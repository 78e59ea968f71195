import {
  emergencyCandidates,
  emergencyList,
  emergencyListQuery,
  emergencyParams,
  emergencyRequest,
  emergencyReview,
  emergencyView,
  ownEmergency,
} from "#shared/contract/emergency";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { Emergencies } from "./emergencies.service.ts";

/** The console's page 阅读授权, and the banner of every page while an emergency lasts. */
export function addEmergencyRoutes(routes: ApiRoutes, emergencies: Emergencies): void {
  const path = "/api/emergencies";
  routes.get(
    path,
    { allow: "own.use", query: emergencyListQuery, response: emergencyList },
    ({ actor, query }) => emergencies.list(actor, query.cursor),
  );

  routes.get(
    `${path}/candidates`,
    { allow: "emergency.open", response: emergencyCandidates },
    ({ actor }) => emergencies.candidates(actor),
  );

  routes.post(
    path,
    {
      allow: "emergency.open",
      needsFreshSignIn: true,
      body: emergencyRequest,
      response: emergencyView,
      status: 201,
    },
    ({ actor, body }) => emergencies.request(actor, body),
  );

  routes.post(
    `${path}/:id/end`,
    { allow: "own.use", params: emergencyParams, response: emergencyView },
    ({ actor, params }) => emergencies.end(actor, params.id),
  );

  routes.post(
    `${path}/:id/review`,
    {
      allow: "emergency.review",
      params: emergencyParams,
      body: emergencyReview,
      response: emergencyView,
    },
    ({ actor, params, body }) => emergencies.review(actor, params.id, body),
  );

  routes.get("/api/session/emergency", { allow: "own.use", response: ownEmergency }, ({ actor }) =>
    emergencies.own(actor),
  );
}
