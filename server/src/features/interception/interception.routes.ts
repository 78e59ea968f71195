import { directoryNames, interceptionView, nativePartId } from "#shared/contract/interception";
import type { DirectoryNames } from "../members/members.service.ts";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { Interception } from "./interception.service.ts";

/** The console's page 原生拦截, and the choice of people in a rule's editor. */
export function addInterceptionRoutes(
  routes: ApiRoutes,
  {
    interception,
    listNames,
  }: { interception: Interception; listNames: () => Promise<DirectoryNames> },
): void {
  const path = "/api/admin/interception";
  routes.get(path, { allow: "rule.read", response: interceptionView }, () => interception.view());

  routes.get(`${path}/directory`, { allow: "rule.read", response: directoryNames }, listNames);

  routes.post(`${path}/sync`, { allow: "rule.write", response: interceptionView }, async () => {
    await interception.sync();
    return await interception.view();
  });

  routes.post(
    `${path}/parts/:id/restore`,
    { allow: "rule.write", params: nativePartId, response: interceptionView },
    async ({ params, actor }) => {
      await interception.restore(params.id, actor.memberId);
      return await interception.view();
    },
  );
}
