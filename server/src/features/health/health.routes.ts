import Router from "@koa/router";
import { deadJobList, healthView, jobParams } from "#shared/contract/health";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { Health } from "./health.service.ts";

/** The console's page 运行状态. */
export function addHealthRoutes(routes: ApiRoutes, health: Health): void {
  routes.get("/api/admin/health", { allow: "health.read", response: healthView }, () =>
    health.view(),
  );

  routes.get("/api/admin/jobs/dead", { allow: "health.read", response: deadJobList }, () =>
    health.listDeadJobs(),
  );

  routes.post(
    "/api/admin/jobs/:id/retry",
    { allow: "job.retry", params: jobParams },
    async ({ params }) => {
      await health.retryDeadJob(params.id);
      return undefined;
    },
  );
}

/**
 * For machines, without a session and without details: `/healthz` says that the process turns over,
 * `/readyz` that the database answers.
 */
export function createProbeRouter(health: Pick<Health, "isReady">): Router {
  const router = new Router();
  router.get("/healthz", (ctx) => {
    ctx.type = "text/plain";
    ctx.body = "ok";
  });
  router.get("/readyz", async (ctx) => {
    const isReady = await health.isReady();
    ctx.type = "text/plain";
    ctx.status = isReady ? 200 : 503;
    ctx.body = isReady ? "ready" : "not ready";
  });
  return router;
}
