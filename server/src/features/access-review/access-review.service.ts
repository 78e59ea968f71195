import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import { REVIEW_DAYS } from "#shared/contract/access-review";
import type {
  MyReview,
  ReviewDecision,
  ReviewList,
  ReviewSummary,
  ReviewView,
} from "#shared/contract/access-review";
import type { Database } from "../../platform/database/database.ts";
import { insertAll, isRepeat } from "../../platform/database/insert-new.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { ReviewedGrants } from "../access/reviewed-grants.ts";
import type { Actor } from "../sign-in/actor.ts";
import { AccessReview, AccessReviewItem, reasonPlace } from "./access-review.entity.ts";
import type { ItemWithGrant, ReviewItems } from "./review-items.ts";
import { toReport } from "./review-report.ts";

/** Campaigns in which every right is put before somebody else: kept, ended, or suspended when nobody answers. */
export interface AccessReviews {
  /** Throws `review_under_way` or `nothing_to_review`. */
  start(kind: AccessReview["kind"], startedBy: string): Promise<ReviewSummary>;
  mine(actor: Actor): Promise<MyReview>;
  /** Once. What was suspended may be answered late, also when the campaign is over. */
  decide(actor: Actor, itemId: string, decision: ReviewDecision): Promise<MyReview>;
  list(): Promise<ReviewList>;
  get(id: string): Promise<ReviewView>;
  /** The report as a file. */
  csv(id: string): Promise<string>;
  findOpen(): Promise<AccessReview | null>;
  /** Suspends what nobody has answered and closes the campaign, once. */
  close(tx: EntityManager, reviewId: string): Promise<void>;
}

interface Deps {
  database: Database;
  vault: Vault;
  grants: ReviewedGrants;
  items: ReviewItems;
  /** In the same transaction. */
  onStarted(tx: EntityManager, reviewId: string): Promise<void>;
  onDecided(tx: EntityManager): Promise<void>;
  onSuspended(tx: EntityManager, grantId: string): Promise<void>;
  onClosed(tx: EntityManager, reviewId: string): Promise<void>;
}

const DAY_MS = 24 * 3600_000;
const SHOWN = 12;
/** Who asked for what must outlive any one person's deletion. */
const SUBJECT = "corp";
const MIN_REASON = 4;

export function createAccessReviews(deps: Deps): AccessReviews {
  const { database, vault, grants, items } = deps;

  async function getReview(id: string): Promise<AccessReview> {
    const review = await database.read.findOneBy(AccessReview, { id });
    if (!review) throw new AppError("not_found");
    return review;
  }

  const isTheirs = ({ reviewerIds }: ItemWithGrant, { memberId }: Actor): boolean =>
    reviewerIds.includes(memberId);

  async function seal(tx: EntityManager, itemId: string, reason: string): Promise<Buffer | null> {
    if (reason === "") return null;
    return (await vault.sealerFor(tx, [SUBJECT])).seal(SUBJECT, reasonPlace(itemId), reason);
  }

  /** To keep what is likely not needed any more takes a word on why. */
  function demandReason({ grant, state }: ItemWithGrant, { decision, reason }: ReviewDecision) {
    const isDoubtful = grant.flaggedAtMs !== null || state === "suspended";
    if (decision === "kept" && isDoubtful && reason.length < MIN_REASON)
      throw new AppError("invalid_request", { reason: "请写明为什么还需要，至少 4 个字" });
  }

  const reviews: AccessReviews = {
    async start(kind, startedBy) {
      const held = await grants.listActive();
      if (held.length === 0) throw new AppError("nothing_to_review");
      const id = uuidv7();
      await database.write(async (tx) => {
        const startedAtMs = await database.nowMs(tx);
        await insertOpen(tx, {
          id,
          kind,
          started_by: startedBy,
          started_at_ms: startedAtMs,
          due_at_ms: startedAtMs + REVIEW_DAYS * DAY_MS,
          closed_at_ms: null,
          open_slot: "open",
          reminders: 0,
        });
        await insertAll(
          tx,
          "access_review_item",
          held.map((grant) => ({
            id: uuidv7(),
            review_id: id,
            grant_id: grant.id,
            state: "waiting",
            decided_by: null,
            decided_at_ms: null,
            reason: null,
          })),
        );
        recordEntry(tx, {
          kind: "access_review.started",
          actorId: startedBy,
          objectId: id,
          atMs: startedAtMs,
          details: { roles: held.length },
        });
        await deps.onStarted(tx, id);
      });
      return await items.summarise(await getReview(id));
    },

    async mine(actor) {
      const [open, unanswered] = await Promise.all([reviews.findOpen(), items.unanswered()]);
      return {
        items: await items.present(unanswered.filter((one) => isTheirs(one, actor))),
        dueAtMs: open?.dueAtMs ?? null,
      };
    },

    async decide(actor, itemId, wish) {
      const [found] = await items.of({ id: itemId });
      if (!found) throw new AppError("not_found");
      const isOpen = found.state === "waiting" || found.state === "suspended";
      if (!isOpen) throw new AppError("already_decided");
      if (!isTheirs(found, actor)) throw new AppError("not_found");
      demandReason(found, wish);
      const { item, grant, state } = found;
      await database.write(async (tx) => {
        const by = { actorId: actor.memberId, atMs: await database.nowMs(tx) };
        const { affected } = await tx.update(
          AccessReviewItem,
          { id: itemId, state: item.state },
          {
            state: wish.decision,
            decidedBy: by.actorId,
            decidedAtMs: by.atMs,
            reason: await seal(tx, itemId, wish.reason),
          },
        );
        if (affected !== 1) throw new AppError("already_decided");
        recordEntry(tx, {
          kind: `access_review.${wish.decision}`,
          objectId: itemId,
          ...by,
          details: {
            review: item.reviewId,
            grant: grant.id,
            member: grant.memberId,
            role: grant.role,
            late: state === "suspended",
          },
        });
        if (!(await carryOut(tx, found, wish.decision, by))) throw new AppError("already_decided");
        await deps.onDecided(tx);
      });
      return await reviews.mine(actor);
    },

    async list() {
      const rows = await database.read.find(AccessReview, {
        order: { startedAtMs: "DESC", id: "DESC" },
        take: SHOWN,
      });
      return { reviews: await Promise.all(rows.map((row) => items.summarise(row))) };
    },

    async get(id) {
      const review = await getReview(id);
      const found = await items.of({ reviewId: id });
      return { review: await items.summarise(review), items: await items.present(found) };
    },

    async csv(id) {
      return toReport(await reviews.get(id));
    },

    findOpen: () => database.read.findOneBy(AccessReview, { openSlot: "open" }),

    async close(tx, reviewId) {
      const atMs = await database.nowMs(tx);
      const { affected } = await tx.update(
        AccessReview,
        { id: reviewId, openSlot: "open" },
        { openSlot: null, closedAtMs: atMs },
      );
      if (affected !== 1) return;
      const by = { actorId: "system", atMs };
      for (const { id, grantId } of await tx.findBy(AccessReviewItem, {
        reviewId,
        state: "waiting",
      })) {
        const { affected: isStillWaiting } = await tx.update(
          AccessReviewItem,
          { id, state: "waiting" },
          { state: "suspended" },
        );
        if (isStillWaiting !== 1) continue;
        const isSuspended = await grants.suspend(tx, grantId, by);
        if (!isSuspended) await tx.update(AccessReviewItem, { id }, { state: "gone" });
        if (isSuspended) await deps.onSuspended(tx, grantId);
      }
      const counts = await countStates(tx, reviewId);
      recordEntry(tx, {
        kind: "access_review.closed",
        objectId: reviewId,
        ...by,
        details: counts,
      });
      await deps.onClosed(tx, reviewId);
    },
  };

  async function carryOut(
    tx: EntityManager,
    { grant, state }: ItemWithGrant,
    decision: ReviewDecision["decision"],
    by: { actorId: string; atMs: number },
  ): Promise<boolean> {
    if (decision === "ended") return await grants.end(tx, grant.id, by);
    if (state === "suspended") return await grants.restore(tx, grant.id, by);
    return await grants.keep(tx, grant.id);
  }

  return reviews;
}

/** The unique slot lets one of two servers begin. */
async function insertOpen(
  tx: EntityManager,
  row: Parameters<typeof insertAll>[2][number],
): Promise<void> {
  try {
    await insertAll(tx, "access_review", [row]);
  } catch (error) {
    throw isRepeat(error) ? new AppError("review_under_way") : error;
  }
}

async function countStates(tx: EntityManager, reviewId: string): Promise<Record<string, number>> {
  const rows = await tx.findBy(AccessReviewItem, { reviewId });
  const count = (wanted: AccessReviewItem["state"]): number =>
    rows.filter(({ state }) => state === wanted).length;
  return {
    kept: count("kept"),
    ended: count("ended"),
    suspended: count("suspended"),
    gone: count("gone"),
  };
}
