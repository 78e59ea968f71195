import { sessionView, signaturesQuery, signaturesView } from "#shared/contract/session";
import { AppError } from "../../platform/http/app-error.ts";
import type { Jssdk } from "../../wecom/jssdk.ts";
import { WecomError, WecomUnreachableError } from "../../wecom/wecom-error.ts";
import type { ApiRoutes } from "./actor.ts";
import type { SignInCookies } from "./cookies.ts";
import { signablePage } from "./page-url.ts";
import type { Sessions } from "./sessions.service.ts";

/** What every page asks first: who am I, and may I use WeCom's client. */
export function addSessionRoutes(
  routes: ApiRoutes,
  {
    sessions,
    cookies,
    jssdk,
    publicUrl,
  }: { sessions: Sessions; cookies: SignInCookies; jssdk: Jssdk; publicUrl: string },
): void {
  routes.get("/api/session", { allow: "own.use", response: sessionView }, ({ actor }) =>
    Promise.resolve({
      memberId: actor.memberId,
      name: actor.name,
      roles: actor.roles.map(({ role }) => role),
      permissions: [...actor.permissions],
    }),
  );

  routes.post("/api/session/end", { allow: "own.use" }, async ({ ctx }) => {
    const token = cookies.readSession(ctx);
    if (token !== undefined) await sessions.end(token);
    cookies.clearSession(ctx);
    return undefined;
  });

  routes.get(
    "/api/jssdk/signatures",
    { allow: "own.use", query: signaturesQuery, response: signaturesView },
    async ({ query }) => {
      try {
        return await jssdk.signaturesFor(signablePage(query.url, publicUrl));
      } catch (error) {
        if (error instanceof WecomUnreachableError) throw new AppError("wecom_unreachable");
        if (error instanceof WecomError) throw new AppError("wecom_refused");
        throw error;
      }
    },
  );
}
