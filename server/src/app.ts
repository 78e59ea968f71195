import type Router from "@koa/router";
import Koa from "koa";
import compress from "koa-compress";
import type { Middleware } from "koa";
import type { Logger } from "./platform/log.ts";
import { requestFrame } from "./platform/http/request-frame.ts";
import { securityHeaders } from "./platform/http/security-headers.ts";

/** A layer of the application; a router's own type asks for its parameters, which the router itself adds. */
export type AppLayer = Middleware | ReturnType<Router["routes"]>;

export interface AppParts {
  log: Logger;
  /** Whether browsers reach us over TLS. */
  isHttps: boolean;
  /** In the order in which they are asked. */
  routers: readonly AppLayer[];
}

/** The other side has closed the connection. */
const GONE = new Set<string | undefined>(["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE"]);

/** The HTTP application: what happens to every request, then each feature's routes. */
export function createApp({ log, isHttps, routers }: AppParts): Koa {
  const app = new Koa();
  // Otherwise Koa writes to stderr; a reader who leaves a stream early is no error at all.
  app.on("error", (error: { code?: string }) => {
    if (!GONE.has(error.code)) log.warn({ err: error }, "an answer could not be sent");
  });
  app.use(requestFrame(log));
  app.use(securityHeaders(isHttps));
  // An event stream must not wait in a compressor's buffer.
  app.use(
    compress({ filter: (type) => /text\/html|javascript|json|css|svg/i.test(type), br: false }),
  );
  for (const router of routers) app.use(router as Middleware);
  return app;
}
