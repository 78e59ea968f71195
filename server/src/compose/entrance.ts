import type Router from "@koa/router";
import type { Config } from "../config.ts";
import type { Access } from "../features/access/access.service.ts";
import type { PermissionUse } from "../features/access/permission-use.ts";
import type { ApiRoutes } from "../features/sign-in/actor.ts";
import { createSignInCookies } from "../features/sign-in/cookies.ts";
import { createFailureLog } from "../features/sign-in/failure-log.ts";
import { createGate } from "../features/sign-in/gate.ts";
import { addSessionRoutes } from "../features/sign-in/session.routes.ts";
import { createSessionWatch } from "../features/sign-in/session-watch.ts";
import type { SessionWatch } from "../features/sign-in/session-watch.ts";
import type { Sessions } from "../features/sign-in/sessions.service.ts";
import { registerSignInJobs } from "../features/sign-in/sign-in.jobs.ts";
import { createSignInRouter } from "../features/sign-in/sign-in.routes.ts";
import { createSignInService } from "../features/sign-in/sign-in.service.ts";
import type { Members } from "../features/members/members.service.ts";
import { Routes } from "../platform/http/routes.ts";
import { opaqueTokens } from "../platform/opaque-tokens.ts";
import type { Jssdk } from "../wecom/jssdk.ts";
import { createSignIn } from "../wecom/sign-in.ts";
import type { WecomClient } from "../wecom/wecom-client.ts";
import type { Ground } from "./ground.ts";

/** How people come in, and the routes that let only those in whom they name. */
export interface Entrance {
  routes: ApiRoutes;
  router: Router;
  sessionWatch: SessionWatch;
}

interface Deps {
  sessions: Sessions;
  members: Members;
  access: Access;
  permissionUse: Pick<PermissionUse, "note">;
  client: WecomClient;
  jssdk: Jssdk;
}

export function composeEntrance(config: Config, ground: Ground, deps: Deps): Entrance {
  const { publicUrl } = config;
  const { log, clock, jobs } = ground;
  const { sessions, members, access, client, jssdk } = deps;
  const cookies = createSignInCookies(publicUrl.startsWith("https:"));
  const failures = createFailureLog(log, clock);
  const signIn = createSignInService({
    ...ground,
    tokens: opaqueTokens,
    sessions,
    members,
    wecom: createSignIn(config.wecom, client),
    publicUrl,
  });
  const routes: ApiRoutes = new Routes(
    createGate({ sessions, cookies, members, access, permissionUse: deps.permissionUse, clock }),
    publicUrl,
  );
  addSessionRoutes(routes, { sessions, cookies, jssdk, publicUrl });
  registerSignInJobs({ jobs, sessions, signIn, failures });
  return {
    routes,
    router: createSignInRouter({ signIn, cookies, tokens: opaqueTokens, failures, log }),
    sessionWatch: createSessionWatch({ sessions, cookies, log }),
  };
}
