import { keysView } from "#shared/contract/keys";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { Keys } from "./keys.service.ts";

/** The console's page 密钥. */
export function addKeyRoutes(routes: ApiRoutes, keys: Keys): void {
  routes.get("/api/admin/keys", { allow: "key.read", response: keysView }, () => keys.view());
}
