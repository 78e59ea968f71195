import { retryResult, undecodableList } from "#shared/contract/health";
import { excludeRequest, excludeResult } from "#shared/contract/reconciliation";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { UndecodableService } from "./undecodable.service.ts";

export interface ArchiveRouteDeps {
  undecodable: Pick<UndecodableService, "list" | "retryAll" | "exclude">;
}

export function registerArchiveRoutes(routes: ApiRoutes, { undecodable }: ArchiveRouteDeps): void {
  routes.get(
    "/api/admin/archive/undecodable",
    { allow: "archive.operate", response: undecodableList },
    () => undecodable.list(),
  );
  routes.post(
    "/api/admin/archive/undecodable/retry",
    { allow: "archive.operate", response: retryResult },
    () => undecodable.retryAll(),
  );
  routes.post(
    "/api/admin/archive/undecodable/exclude",
    { allow: "archive.operate", body: excludeRequest, response: excludeResult },
    async ({ body, actor }) => ({ excluded: await undecodable.exclude(body.seqs, actor.memberId) }),
  );
}
