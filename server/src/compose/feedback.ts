import { createHitDecisions } from "../features/cases/decided-hits.ts";
import { maskNumbers } from "../features/cases/quote.ts";
import { addFeedbackRoutes } from "../features/feedback/feedback.routes.ts";
import { createFeedback } from "../features/feedback/feedback.service.ts";
import type { ArchiveReader } from "../features/archive/reader.service.ts";
import type { Rules } from "../features/rules/rules.service.ts";
import type { ApiRoutes } from "../features/sign-in/actor.ts";
import type { Ground } from "./ground.ts";
import type { People } from "./people.ts";

/** What reviewers decide, back to whoever writes the rules. */
export function addFeedback(
  routes: ApiRoutes,
  ground: Ground,
  deps: Pick<People, "members" | "access"> & { rules: Rules; reader: ArchiveReader },
): void {
  const decisions = createHitDecisions(ground);
  addFeedbackRoutes(routes, createFeedback({ ...ground, ...deps, decisions, maskNumbers }));
}
