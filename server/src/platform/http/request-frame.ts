import { randomUUID } from "node:crypto";
import type { Context, Middleware } from "koa";
import { errors } from "#shared/errors";
import type { ErrorBody } from "#shared/contract/error";
import type { Logger } from "../log.ts";
import { VaultSealedError } from "../vault/keyring.ts";
import { AppError } from "./app-error.ts";

/**
 * The outermost layer: gives each request an id, turns whatever is thrown into one shape of answer,
 * and logs method, route and status; never a query string or a body, nor what stands for a part of the route:
 * a caller may write anything there.
 */
export function requestFrame(log: Logger): Middleware {
  return async (ctx, next) => {
    const requestId = randomUUID();
    const startedAt = performance.now();
    ctx.set("X-Request-Id", requestId);
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) throw new AppError("not_found");
    } catch (error) {
      const known = toAppError(error);
      if (!known) log.error({ requestId, route: routeOf(ctx), err: error }, "request failed");
      const code = known?.code ?? "internal";
      const body: ErrorBody = {
        code,
        message: errors[code].text,
        requestId,
        ...(known?.fields ? { fields: known.fields } : {}),
      };
      ctx.status = errors[code].status;
      ctx.body = body;
    }
    const durationMs = Math.round(performance.now() - startedAt);
    const { method, status } = ctx;
    log.debug({ requestId, method, route: routeOf(ctx), status, durationMs });
  };
}

/** The route's pattern, as the router notes it; null for files and for what nobody answers. */
function routeOf(ctx: Context): string | null {
  const { _matchedRoute: route } = ctx as { _matchedRoute?: string | RegExp };
  return route === undefined ? null : String(route);
}

/** Libraries of the HTTP layer throw http-errors; those that are the caller's fault get our words. */
function toAppError(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (error instanceof VaultSealedError) return new AppError("vault_sealed");
  const { status } = error as { status?: unknown };
  if (status === 413) return new AppError("too_large");
  if (status === 400 || status === 415) return new AppError("invalid_request");
  return undefined;
}
