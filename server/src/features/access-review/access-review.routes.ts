import {
  myReview,
  reviewDecision,
  reviewList,
  reviewParams,
  reviewSummary,
  reviewView,
} from "#shared/contract/access-review";
import type { ApiRoutes } from "../sign-in/actor.ts";
import type { AccessReviews } from "./access-review.service.ts";

/** Deciding on rights is for everybody who answers for somebody; starting and watching is the administrators'. */
export function addAccessReviewRoutes(routes: ApiRoutes, reviews: AccessReviews): void {
  routes.get("/api/access-review", { allow: "own.use", response: myReview }, ({ actor }) =>
    reviews.mine(actor),
  );

  routes.post(
    "/api/access-review/items/:id/decision",
    {
      allow: "own.use",
      needsFreshSignIn: true,
      params: reviewParams,
      body: reviewDecision,
      response: myReview,
    },
    ({ actor, params, body }) => reviews.decide(actor, params.id, body),
  );

  const path = "/api/admin/access-reviews";
  routes.get(path, { allow: "access.read", response: reviewList }, () => reviews.list());

  routes.post(
    path,
    { allow: "access.approve", needsFreshSignIn: true, response: reviewSummary, status: 201 },
    ({ actor }) => reviews.start("asked", actor.memberId),
  );

  routes.get(
    `${path}/:id`,
    { allow: "access.read", params: reviewParams, response: reviewView },
    ({ params }) => reviews.get(params.id),
  );

  routes.get(
    `${path}/:id/report.csv`,
    { allow: "access.read", params: reviewParams },
    async ({ params, ctx }) => {
      const text = await reviews.csv(params.id);
      ctx.set("content-type", "text/csv; charset=utf-8");
      ctx.attachment("access-review.csv");
      ctx.body = text;
      return undefined;
    },
  );
}
