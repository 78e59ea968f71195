import type { Grants } from "../features/access/grants.service.ts";
import type { PermissionUse } from "../features/access/permission-use.ts";
import { roleTable } from "../features/access/role-table.ts";
import { addFindingsRoutes } from "../features/access-review/findings.routes.ts";
import { createAccessFindings } from "../features/access-review/findings.service.ts";
import type { Approvals } from "../features/approvals/approvals.service.ts";
import { createReviewedGrants } from "../features/access/reviewed-grants.ts";
import type { Access } from "../features/access/access.service.ts";
import { enqueueTellOfRights } from "../features/access/grants.jobs.ts";
import {
  enqueueLook,
  enqueueTellClosed,
  enqueueTellSuspended,
  registerAccessReviewJobs,
} from "../features/access-review/access-review.jobs.ts";
import { addAccessReviewRoutes } from "../features/access-review/access-review.routes.ts";
import { createAccessReviews } from "../features/access-review/access-review.service.ts";
import { createReviewItems } from "../features/access-review/review-items.ts";
import type { Members } from "../features/members/members.service.ts";
import type { ApiRoutes } from "../features/sign-in/actor.ts";
import type { Sessions } from "../features/sign-in/sessions.service.ts";
import type { AppMessages } from "../wecom/app-messages.ts";
import type { Ground } from "./ground.ts";

interface Deps {
  members: Members;
  access: Access;
  approvals: Pick<Approvals, "permissionOf">;
  conflicts: Grants["conflicts"];
  permissionUse: Pick<PermissionUse, "sinceMs" | "last">;
  sessions: Pick<Sessions, "endAllOf">;
  messages: Pick<AppMessages, "pushTextCard">;
  publicUrl: string;
}

/** Rights before those who answer for them. */
export function composeAccessReview(
  ground: Pick<Ground, "database" | "vault" | "jobs" | "log" | "clock">,
  deps: Deps,
) {
  const { jobs } = ground;
  const grants = createReviewedGrants({
    ...ground,
    ...deps,
    endSessionsOf: (tx, ids) => deps.sessions.endAllOf(tx, ids),
    onChanged: (tx, change) => enqueueTellOfRights(jobs, tx, change),
  });
  const items = createReviewItems({ ...ground, ...deps, grants });
  const reviews = createAccessReviews({
    ...ground,
    grants,
    items,
    onStarted: (tx) => enqueueLook(jobs, tx),
    onDecided: (tx) => enqueueLook(jobs, tx),
    onSuspended: (tx, grantId) => enqueueTellSuspended(jobs, tx, grantId),
    onClosed: (tx, reviewId) => enqueueTellClosed(jobs, tx, reviewId),
  });
  const findings = createAccessFindings({
    ...ground,
    ...deps,
    grants,
    reachOf: (role, permission) => roleTable[role][permission],
  });
  return {
    reviews,
    addRoutes(routes: ApiRoutes) {
      addAccessReviewRoutes(routes, reviews);
      addFindingsRoutes(routes, findings);
    },
    registerJobs: () => registerAccessReviewJobs({ ...ground, ...deps, reviews, items, grants }),
  };
}
