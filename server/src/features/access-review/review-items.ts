import type { ReviewItem, ReviewSummary } from "#shared/contract/access-review";
import { reviewStates } from "#shared/contract/access-review";
import type { Database } from "../../platform/database/database.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Access } from "../access/access.service.ts";
import type { AccessGrant } from "../access/grant.entity.ts";
import type { ReviewedGrants } from "../access/reviewed-grants.ts";
import type { Members } from "../members/members.service.ts";
import { AccessReviewItem, reasonPlace } from "./access-review.entity.ts";
import type { AccessReview } from "./access-review.entity.ts";

/** An item with the right that it is about, and who may decide on it now. */
export interface ItemWithGrant {
  item: AccessReviewItem;
  grant: AccessGrant;
  state: AccessReviewItem["state"];
  reviewerIds: string[];
}

/** Reading campaigns: what stands in the tables, held against the rights and the directory as they are now. */
export interface ReviewItems {
  of(condition: { reviewId: string } | { id: string }): Promise<ItemWithGrant[]>;
  /** What nobody has answered yet, of the open campaign, and what was suspended in any. */
  unanswered(): Promise<ItemWithGrant[]>;
  present(items: readonly ItemWithGrant[]): Promise<ReviewItem[]>;
  summarise(review: AccessReview): Promise<ReviewSummary>;
}

interface Deps {
  database: Database;
  vault: Vault;
  grants: Pick<ReviewedGrants, "find">;
  access: Pick<Access, "holdersOf">;
  members: Pick<Members, "managersOf" | "namesOf" | "departments">;
}

export function createReviewItems(deps: Deps): ReviewItems {
  const { database, vault, grants, access, members } = deps;

  /** The person's manager; without one those who say yes to rights, without them those who ask. Never the person. */
  function reviewerFinder(): (memberId: string) => Promise<string[]> {
    const holders = new Map<string, Promise<string[]>>();
    const holdersOf = (permission: "access.approve" | "access.request"): Promise<string[]> => {
      const known = holders.get(permission) ?? access.holdersOf(permission);
      holders.set(permission, known);
      return known;
    };
    return async (memberId) => {
      const candidates = [
        () => members.managersOf(memberId),
        () => holdersOf("access.approve"),
        () => holdersOf("access.request"),
      ];
      for (const find of candidates) {
        const others = (await find()).filter((id) => id !== memberId);
        if (others.length > 0) return others;
      }
      return [];
    };
  }

  async function withGrants(rows: readonly AccessReviewItem[]): Promise<ItemWithGrant[]> {
    const known = await grants.find([...new Set(rows.map(({ grantId }) => grantId))]);
    const reviewersOf = reviewerFinder();
    const found: ItemWithGrant[] = [];
    for (const item of rows) {
      const grant = known.get(item.grantId);
      if (!grant) continue;
      const state = stateOf(item, grant);
      const isOpen = state === "waiting" || state === "suspended";
      const reviewerIds = isOpen ? await reviewersOf(grant.memberId) : [];
      found.push({ item, grant, state, reviewerIds });
    }
    return found.sort(inOrder);
  }

  const items: ReviewItems = {
    of: async (condition) => withGrants(await database.read.findBy(AccessReviewItem, condition)),

    async unanswered() {
      const rows = await database.read
        .createQueryBuilder(AccessReviewItem, "i")
        .innerJoin("access_grant", "g", "g.id = i.grantId")
        .where("(i.state = 'waiting' AND g.state = 'active')")
        .orWhere("(i.state = 'suspended' AND g.state = 'suspended')")
        .getMany();
      return await withGrants(rows);
    },

    async present(rows) {
      const names = await members.namesOf(
        rows.flatMap(({ item, grant, reviewerIds }) => [
          grant.memberId,
          item.decidedBy ?? grant.memberId,
          ...reviewerIds,
        ]),
      );
      const departments = await members.departments();
      const nameOf = (id: string): string => names.get(id) ?? id;
      return await Promise.all(
        rows.map(async ({ item, grant, state, reviewerIds }) => ({
          id: item.id,
          grantId: grant.id,
          memberId: grant.memberId,
          memberName: nameOf(grant.memberId),
          role: grant.role,
          departments:
            grant.departmentIds?.map(
              (id) => departments.find((one) => one.id === id)?.name ?? `部门 ${id}`,
            ) ?? null,
          grantedAtMs: grant.grantedAtMs,
          movedAtMs: grant.flaggedAtMs,
          state,
          reviewerNames: (item.decidedBy ? [item.decidedBy] : reviewerIds).map(nameOf),
          decidedAtMs: item.decidedAtMs,
          reason: item.reason && (await vault.openText(reasonPlace(item.id), item.reason)),
        })),
      );
    },

    async summarise(review) {
      const rows = await items.of({ reviewId: review.id });
      const names = await members.namesOf([review.startedBy]);
      const count = (state: string): number => rows.filter((row) => row.state === state).length;
      return {
        id: review.id,
        kind: review.kind,
        startedByName:
          review.startedBy === "system" ? null : (names.get(review.startedBy) ?? review.startedBy),
        startedAtMs: review.startedAtMs,
        dueAtMs: review.dueAtMs,
        closedAtMs: review.closedAtMs,
        counts: Object.fromEntries(
          reviewStates.map((state) => [state, count(state)]),
        ) as ReviewSummary["counts"],
      };
    },
  };
  return items;
}

/** What has ended in another way needs no answer any more. */
function stateOf({ state }: AccessReviewItem, grant: AccessGrant): AccessReviewItem["state"] {
  return state === "waiting" && grant.state !== "active" ? "gone" : state;
}

/** What waits first, and of it the rights of those who have moved. */
function inOrder(a: ItemWithGrant, b: ItemWithGrant): number {
  const rank = ({ state, grant }: ItemWithGrant): number =>
    (state === "waiting" ? 0 : state === "suspended" ? 2 : 4) +
    (grant.flaggedAtMs === null ? 1 : 0);
  return (
    rank(a) - rank(b) ||
    compare(a.grant.memberId, b.grant.memberId) ||
    compare(a.item.id, b.item.id)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
