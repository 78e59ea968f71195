import {
  personCertificate,
  personDestruction,
  personDestructionList,
  personDestructionRequest,
  personParams,
  personPreview,
  personPreviewRequest,
} from "#shared/contract/person-destruction";
import type { ApiRoutes } from "../sign-in/actor.ts";
import { certificatePage } from "./person-certificate.ts";
import type { PersonDestructions } from "./person-destruction.service.ts";

/** The console's page 保存与销毁, its part about single people. */
export function addPersonDestructionRoutes(routes: ApiRoutes, people: PersonDestructions): void {
  const path = "/api/admin/retention/people";
  routes.get(path, { allow: "retention.read", response: personDestructionList }, async () => ({
    people: await people.list(),
  }));

  routes.post(
    `${path}/preview`,
    { allow: "person.destroy", body: personPreviewRequest, response: personPreview },
    ({ body }) => people.preview(body.personId),
  );

  routes.post(
    path,
    {
      allow: "person.destroy",
      body: personDestructionRequest,
      response: personDestruction,
      status: 201,
    },
    ({ body, actor }) => people.request(body, actor.memberId),
  );

  routes.get(
    `${path}/:id/certificate`,
    { allow: "retention.read", params: personParams, response: personCertificate },
    ({ params }) => people.certificate(params.id),
  );

  routes.get(
    `${path}/:id/certificate.html`,
    { allow: "retention.read", params: personParams },
    async ({ params, ctx }) => {
      ctx.type = "text/html; charset=utf-8";
      ctx.body = certificatePage(await people.certificate(params.id));
      return undefined;
    },
  );
}
