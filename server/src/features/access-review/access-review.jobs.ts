import type { EntityManager } from "typeorm";
import { z } from "zod";
import { roleNames } from "#shared/contract/access";
import { REVIEW_DAYS } from "#shared/contract/access-review";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import type { Jobs } from "../../platform/jobs/jobs.ts";
import type { Logger } from "../../platform/log.ts";
import type { AppMessages } from "../../wecom/app-messages.ts";
import type { Access } from "../access/access.service.ts";
import type { ReviewedGrants } from "../access/reviewed-grants.ts";
import { AccessReview } from "./access-review.entity.ts";
import type { AccessReviews } from "./access-review.service.ts";
import type { ReviewItems } from "./review-items.ts";

const START = "access-review.start";
const LOOK = "access-review.look";
const TELL_SUSPENDED = "access-review.tell-suspended";
const TELL_CLOSED = "access-review.tell-closed";

const DAY_MS = 24 * 3600_000;
/** A card to each reviewer who has not answered, so long after the beginning. */
const CARDS_AFTER_DAYS = [0, 7, 11, 13];

export const enqueueLook = (jobs: Jobs, tx: EntityManager): Promise<void> =>
  jobs.enqueue(tx, LOOK, {});

export const enqueueTellSuspended = (
  jobs: Jobs,
  tx: EntityManager,
  grantId: string,
): Promise<void> => jobs.enqueue(tx, TELL_SUSPENDED, { grantId });

export const enqueueTellClosed = (jobs: Jobs, tx: EntityManager, reviewId: string): Promise<void> =>
  jobs.enqueue(tx, TELL_CLOSED, { reviewId });

interface Deps {
  database: Database;
  jobs: Jobs;
  log: Logger;
  reviews: AccessReviews;
  items: ReviewItems;
  grants: Pick<ReviewedGrants, "find">;
  access: Pick<Access, "holdersOf">;
  messages: Pick<AppMessages, "pushTextCard">;
  publicUrl: string;
}

/** Begins a campaign every quarter, reminds, and ends it when all is answered or the time is over. */
export function registerAccessReviewJobs(deps: Deps): void {
  const { database, jobs, log, reviews, items, grants, access, messages } = deps;
  const url = `${deps.publicUrl}/admin/review`;

  jobs.register({
    kind: START,
    payload: z.object({}),
    async run() {
      try {
        await reviews.start("quarterly", "system");
      } catch (error) {
        // One that somebody has begun puts all rights before people as well.
        if (!(error instanceof AppError)) throw error;
        log.info({ code: error.code }, "no access review of the quarter is begun");
      }
    },
  });
  jobs.schedule(START, "0 30 9 1 1,4,7,10 *");

  async function remind(review: AccessReview, nowMs: number): Promise<void> {
    const found = await items.of({ reviewId: review.id });
    const waiting = found.filter(({ state }) => state === "waiting");
    const days = Math.max(1, Math.ceil((review.dueAtMs - nowMs) / DAY_MS));
    const reviewerIds = new Set(waiting.flatMap((item) => item.reviewerIds));
    for (const id of reviewerIds) {
      const theirs = waiting.filter((item) => item.reviewerIds.includes(id));
      const moved = theirs.filter(({ grant }) => grant.flaggedAtMs !== null).length;
      await messages.pushTextCard({
        toMemberIds: [id],
        title: `有 ${theirs.length} 项权限等你复核`,
        description: `请在 ${days} 天内逐项选择保留或收回${moved > 0 ? `，其中 ${moved} 项的成员换了部门` : ""}。到期没有复核的会自动暂停。`,
        url,
        buttonText: "去复核",
      });
    }
  }

  jobs.register({
    kind: LOOK,
    payload: z.object({}),
    async run() {
      const review = await reviews.findOpen();
      if (!review) return undefined;
      const nowMs = await database.nowMs();
      const found = await items.of({ reviewId: review.id });
      const isAnswered = found.every(({ state }) => state !== "waiting");
      if (isAnswered || nowMs >= review.dueAtMs) return (tx) => reviews.close(tx, review.id);
      const ageMs = nowMs - review.startedAtMs;
      const due = CARDS_AFTER_DAYS.filter((days) => ageMs >= days * DAY_MS).length;
      if (due <= review.reminders) return undefined;
      await remind(review, nowMs);
      return async (tx) => {
        await tx.update(AccessReview, { id: review.id }, { reminders: due });
      };
    },
  });
  jobs.schedule(LOOK, "15 */10 * * * *");

  jobs.register({
    kind: TELL_SUSPENDED,
    payload: z.object({ grantId: z.string() }),
    async run({ grantId }) {
      const grant = (await grants.find([grantId])).get(grantId);
      if (grant?.state !== "suspended") return;
      await messages.pushTextCard({
        toMemberIds: [grant.memberId],
        title: `你的${roleNames[grant.role]}权限已暂停`,
        description: `${REVIEW_DAYS} 天内没有人复核这项权限。工作还需要的话，请你的主管补做复核，或由系统管理员重新申请。`,
        url: `${deps.publicUrl}/admin/`,
        buttonText: "查看",
      });
    },
  });

  jobs.register({
    kind: TELL_CLOSED,
    payload: z.object({ reviewId: z.string() }),
    async run({ reviewId }) {
      const { review } = await reviews.get(reviewId);
      const { kept, ended, suspended, gone } = review.counts;
      const toMemberIds = await access.holdersOf("access.read");
      if (toMemberIds.length === 0) return;
      await messages.pushTextCard({
        toMemberIds,
        title: "权限复核已结束",
        description: `保留 ${kept} 项，收回 ${ended} 项，没有人复核而暂停 ${suspended} 项，期间已不再持有 ${gone} 项。暂停的可以补做复核，或重新申请。`,
        url,
        buttonText: "看报告",
      });
    },
  });
}
