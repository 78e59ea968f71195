import { existsSync } from "node:fs";
import path from "node:path";
import { Router } from "@koa/router";
import Koa from "koa";
import serveFiles from "koa-static";
import { serveApi } from "./api/serve-api.ts";
import { registerClientRoutes } from "./client-api.ts";
import { registerOAuthRoutes } from "./oauth.ts";
import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

/** The addresses of the twin's own pages; each is the same page, which routes in the browser. */
const PAGES = new Set(["/", "/chat", "/phone", "/control"]);

/** How it looks here when a client leaves before its answer is complete. */
const HANG_UPS = new Set(["EPIPE", "ECONNRESET", "ERR_STREAM_PREMATURE_CLOSE"]);

export interface WebOptions {
  /** Folder of the built pages; without it there is only the API. */
  clientDist: string | null;
  log: (line: string) => void;
}

/** Everything that the twin answers on its own address: WeCom's API, its login pages, its clients. */
export function createWeb(world: World, { clientDist, log }: WebOptions): Koa {
  const app = new Koa();
  const router = new Router();
  registerOAuthRoutes(router, world);
  registerClientRoutes(router, world);
  app.use(serveApi(world, log));
  app.use(answerRefusals);
  app.use(router.routes());
  if (clientDist !== null) app.use(servePages(clientDist));
  // A client that hangs up early is no error of ours; everything else is.
  app.on("error", (error: NodeJS.ErrnoException) => {
    if (!HANG_UPS.has(error.code ?? "")) log(error.stack ?? error.message);
  });
  return app;
}

const answerRefusals: Koa.Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    ctx.status = error.status;
    ctx.body = { error: error.message };
  }
};

function servePages(folder: string): Koa.Middleware {
  const files = serveFiles(folder, { index: false });
  const hasPages = existsSync(path.join(folder, "index.html"));
  return async (ctx, next) => {
    if (!PAGES.has(ctx.path)) {
      await files(ctx, next);
      return;
    }
    if (!hasPages) {
      ctx.status = 503;
      ctx.type = "html";
      ctx.body =
        "<!doctype html><meta charset=utf-8><p>页面还没有构建，请先运行 npm run build。</p>";
      return;
    }
    ctx.path = "/index.html";
    await files(ctx, next);
  };
}
