import { reasonsOfReviews } from "../features/access-review/review-reasons.ts";
import { reasonsOfApprovals } from "../features/approvals/approval-reasons.ts";
import { purposesOfPackages } from "../features/evidence/evidence.service.ts";
import { createAudit } from "../features/ledger/audit.service.ts";
import type { LedgerChecks } from "../features/ledger/ledger-checks.service.ts";
import { addLedgerRoutes } from "../features/ledger/ledger.routes.ts";
import type { Members } from "../features/members/members.service.ts";
import { purposesOfReadings } from "../features/reading/reading-trail.ts";
import type { ApiRoutes } from "../features/sign-in/actor.ts";
import type { Ground } from "./ground.ts";

/** The record of acts with the reasons that people gave, which lie sealed in each feature. */
export function addAuditRoutes(
  routes: ApiRoutes,
  ground: Ground,
  deps: { members: Pick<Members, "namesOf" | "findByName">; checks: LedgerChecks },
): void {
  const { members, checks } = deps;
  const audit = createAudit({
    ...ground,
    namesOf: (ids) => members.namesOf(ids),
    findByName: (text) => members.findByName(text),
    async reasonsOf(entries) {
      const idsOf = (...objects: string[]): string[] => [
        ...new Set(
          entries
            .filter(({ kind }) => objects.includes(kind.split(".")[0] ?? ""))
            .map(({ objectId }) => objectId),
        ),
      ];
      const found = await Promise.all([
        purposesOfReadings(
          ground,
          idsOf("conversation", "search", "reading", "field", "emergency"),
        ),
        purposesOfPackages(ground, idsOf("evidence")),
        reasonsOfApprovals(ground, idsOf("approval")),
        reasonsOfReviews(ground, idsOf("access_review")),
      ]);
      return new Map(found.flatMap((one) => [...one]));
    },
  });
  addLedgerRoutes(routes, { audit, checks });
}
