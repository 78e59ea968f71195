import { readFile } from "node:fs/promises";
import { join } from "node:path";
import Router from "@koa/router";
import type { Middleware } from "koa";
import serve from "koa-static";
import { AppError } from "./app-error.ts";

/** The built pages; each answers for every address below it, since the browser's router takes over there. */
const pageNames = ["sidebar", "manager", "admin"] as const;

export interface PagesOptions {
  /** Vite's output. */
  pagesDir: string;
  /** Where the administrator puts WeCom's `WW_verify_….txt` for the trusted domain. */
  verifyDir: string;
}

/** The pages, their assets and the file with which WeCom checks the domain. */
export function createPages({
  pagesDir,
  verifyDir,
}: PagesOptions): [Middleware, ReturnType<Router["routes"]>] {
  const router = new Router();
  for (const name of pageNames) {
    router.get([`/${name}`, `/${name}/{*path}`], async (ctx) => {
      if (ctx.path === `/${name}`) {
        ctx.redirect(`/${name}/`);
        return;
      }
      ctx.type = "html";
      ctx.body = await readFile(join(pagesDir, name, "index.html"), "utf8");
    });
  }
  router.get(/^\/(WW_verify_[A-Za-z0-9]{1,64}\.txt)$/, async (ctx) => {
    ctx.type = "text/plain";
    ctx.body = await readFile(join(verifyDir, ctx.path.slice(1)), "utf8").catch(() => {
      throw new AppError("not_found");
    });
  });
  return [assets(pagesDir), router.routes()];
}

/** Files whose names carry a hash of their content never change under that name. */
function assets(pagesDir: string): Middleware {
  const send = serve(pagesDir, {
    index: false,
    setHeaders: (response) =>
      response.setHeader("Cache-Control", "public, max-age=31536000, immutable"),
  });
  return async (ctx, next) => {
    if (!ctx.path.startsWith("/assets/")) await next();
    else await send(ctx, next);
  };
}
