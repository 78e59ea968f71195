import Router from "@koa/router";
import type { Context, Middleware } from "koa";
import { AppError } from "../../platform/http/app-error.ts";
import type { Logger } from "../../platform/log.ts";
import type { SignInCookies } from "./cookies.ts";
import type { FailureLog } from "./failure-log.ts";
import type { OpaqueTokens } from "../../platform/opaque-tokens.ts";
import { isOwnPage } from "./return-to.ts";
import { signInPage } from "./sign-in-page.ts";
import { ATTEMPT_MS, SignInRefusedError } from "./sign-in.service.ts";
import type { SignInService } from "./sign-in.service.ts";

interface Deps {
  signIn: SignInService;
  cookies: SignInCookies;
  tokens: OpaqueTokens;
  failures: FailureLog;
  log: Logger;
}

const DEFAULT_PAGE = "/sidebar/";
const STATE = /^[0-9a-f]{32}$/;

/**
 * The way in, for people without a session: page → /sign-in → WeCom → /sign-in/callback → page. Not on `Routes`,
 * which is for those who are signed in already.
 */
export function createSignInRouter(deps: Deps): Router {
  const router = new Router();
  router.get("/sign-in", showProblems(deps), (ctx) => begin(ctx, deps));
  router.get("/sign-in/callback", showProblems(deps), (ctx) => complete(ctx, deps));
  return router;
}

async function begin(ctx: Context, { signIn, cookies, tokens }: Deps): Promise<void> {
  const returnTo = ctx.query["returnTo"] ?? DEFAULT_PAGE;
  if (typeof returnTo !== "string" || !isOwnPage(returnTo)) throw new AppError("invalid_request");
  // Kept while it lasts: two windows that sign in at the same time share it, each with a state of its own.
  const browser = cookies.readBrowser(ctx) ?? tokens.create(256);
  const isInWecom = /wxwork/i.test(ctx.get("user-agent"));
  const address = await signIn.begin({ browser, returnTo, isInWecom });
  cookies.setBrowser(ctx, browser, ATTEMPT_MS);
  leaveFor(ctx, address);
}

async function complete(ctx: Context, { signIn, cookies }: Deps): Promise<void> {
  const { code, state } = ctx.query;
  // The person has declined, or somebody plays with the address.
  if (typeof code !== "string" || typeof state !== "string" || !STATE.test(state)) {
    throw new SignInRefusedError("sign_in_failed", null);
  }
  const { sessionToken, returnTo } = await signIn.complete({
    state,
    code,
    browser: cookies.readBrowser(ctx),
    replaces: cookies.readSession(ctx),
  });
  cookies.setSession(ctx, sessionToken);
  leaveFor(ctx, returnTo);
}

/** The page comes under its clean address; code and state stay behind. */
function leaveFor(ctx: Context, address: string): void {
  ctx.status = 303;
  ctx.redirect(address);
  ctx.body = "";
}

function showProblems({ failures, log }: Deps): Middleware {
  return async (ctx, next) => {
    // A scanner that only asks for the head must not use up somebody's state.
    if (ctx.method !== "GET") {
      ctx.status = 405;
      ctx.set("Allow", "GET");
      return;
    }
    try {
      await next();
    } catch (error) {
      const requestId = ctx.response.get("X-Request-Id");
      if (!(error instanceof AppError)) log.error({ requestId, err: error }, "sign-in broke");
      const known = error instanceof AppError ? error : new AppError("internal");
      failures.note(known.code);
      const returnTo = known instanceof SignInRefusedError ? known.returnTo : null;
      ctx.status = known.status;
      ctx.type = "html";
      ctx.body = signInPage(known.code, { requestId, returnTo });
    }
  };
}
