import {
  holdList,
  holdParams,
  holdRequest,
  holdView,
  policyRequest,
  previewRequest,
  previewView,
  releaseRequest,
  retentionView,
  runList,
} from "#shared/contract/retention";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { LegalHolds } from "./holds.service.ts";
import type { RetentionPolicy } from "./policy.service.ts";
import type { Preview } from "./preview.ts";
import type { DestructionReports } from "./reports.ts";

export interface RetentionRouteDeps {
  policy: RetentionPolicy;
  preview: Preview;
  holds: LegalHolds;
  reports: DestructionReports;
}

/** The console's page 保存与销毁. */
export function addRetentionRoutes(
  routes: ApiRoutes,
  { policy, preview, holds, reports }: RetentionRouteDeps,
): void {
  const path = "/api/admin/retention";
  routes.get(path, { allow: "retention.read", response: retentionView }, () => policy.view());

  routes.post(
    `${path}/preview`,
    { allow: "retention.read", body: previewRequest, response: previewView },
    ({ body }) => preview(body.days),
  );

  routes.post(
    `${path}/policy`,
    {
      allow: "retention.change",
      needsFreshSignIn: true,
      body: policyRequest,
      response: retentionView,
    },
    ({ body, actor }) => policy.change(body, actor.memberId),
  );

  routes.get(`${path}/holds`, { allow: "retention.read", response: holdList }, async () => ({
    holds: await holds.list(),
  }));

  routes.post(
    `${path}/holds`,
    { allow: "hold.change", body: holdRequest, response: holdView, status: 201 },
    ({ body, actor }) => holds.place(body, actor.memberId),
  );

  routes.post(
    `${path}/holds/:id/release`,
    {
      allow: "hold.change",
      needsFreshSignIn: true,
      params: holdParams,
      body: releaseRequest,
      response: holdView,
    },
    ({ params, body, actor }) => holds.release(params.id, body.reason, actor.memberId),
  );

  routes.get(`${path}/runs`, { allow: "retention.read", response: runList }, async () => ({
    runs: await reports.list(),
  }));

  routes.get(`${path}/runs.csv`, { allow: "retention.read" }, async ({ ctx }) => {
    ctx.set("content-type", "text/csv; charset=utf-8");
    ctx.attachment("destruction-report.csv");
    ctx.body = await reports.csv();
    return undefined;
  });
}
