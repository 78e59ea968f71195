import { Readable } from "node:stream";
import {
  evidenceList,
  evidenceListQuery,
  evidenceParams,
  evidenceRequest,
  evidenceView,
} from "#shared/contract/evidence";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { Evidence } from "./evidence.service.ts";

/** The console's page 证据包. Whoever decides on requests sees them all, and downloads none. */
export function addEvidenceRoutes(routes: ApiRoutes, evidence: Evidence): void {
  const path = "/api/evidence";
  routes.get(
    path,
    { allow: "evidence.read", query: evidenceListQuery, response: evidenceList },
    ({ actor, query }) => evidence.list(actor, query.cursor),
  );

  routes.post(
    path,
    {
      allow: "evidence.request",
      needsFreshSignIn: true,
      body: evidenceRequest,
      response: evidenceView,
      status: 201,
    },
    ({ actor, body }) => evidence.request(actor, body),
  );

  routes.get(
    `${path}/:id`,
    { allow: "evidence.read", params: evidenceParams, response: evidenceView },
    ({ actor, params }) => evidence.get(actor, params.id),
  );

  routes.get(
    `${path}/:id/package`,
    { allow: "evidence.request", needsFreshSignIn: true, params: evidenceParams },
    async ({ actor, params, ctx }) => {
      const { name, file } = await evidence.download(actor, params.id);
      ctx.attachment(name);
      ctx.type = "application/zip";
      ctx.length = file.size;
      ctx.body = Readable.from(file.stream(0, file.size), { objectMode: false });
      return undefined;
    },
  );
}
