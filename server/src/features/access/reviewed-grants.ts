import type { EntityManager } from "typeorm";
import { In } from "typeorm";
import type { Role } from "#shared/contract/access";
import { conflictWords } from "#shared/contract/grant";
import type { Database } from "../../platform/database/database.ts";
import { takeTurn } from "../../platform/database/take-turn.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Members } from "../members/members.service.ts";
import { AccessGrant } from "./grant.entity.ts";
import { endGrants } from "./grants-upkeep.ts";
import type { RightsChange } from "./grants.service.ts";
import { conflictsOf } from "./separation.ts";

/** What a review does with rights. Each returns false when the right is not what it was any more. */
export interface ReviewedGrants {
  listActive(): Promise<AccessGrant[]>;
  find(ids: readonly string[]): Promise<Map<string, AccessGrant>>;
  /** It stays, and what was to be looked at has been. */
  keep(tx: EntityManager, id: string): Promise<boolean>;
  end(tx: EntityManager, id: string, by: Act): Promise<boolean>;
  /** It works no more, and can be given back. */
  suspend(tx: EntityManager, id: string, by: Act): Promise<boolean>;
  /** Gives a suspended one back. Throws `invalid_request` when it must not be held any more. */
  restore(tx: EntityManager, id: string, by: Act): Promise<boolean>;
}

interface Act {
  actorId: string;
  atMs: number;
}

interface Deps {
  database: Database;
  members: Pick<Members, "find" | "isManager" | "listActive">;
  endSessionsOf: (tx: EntityManager, memberIds: readonly string[]) => Promise<void>;
  onChanged: (tx: EntityManager, change: RightsChange) => Promise<void>;
}

export function createReviewedGrants(deps: Deps): ReviewedGrants {
  const { database, members } = deps;

  async function turn(
    tx: EntityManager,
    id: string,
    [from, to]: readonly ["active" | "suspended", "active" | "suspended"],
    { actorId, atMs }: Act,
  ): Promise<AccessGrant | null> {
    const endedAtMs = to === "suspended" ? atMs : null;
    const { affected } = await tx.update(
      AccessGrant,
      { id, state: from },
      { state: to, endedAtMs, ...(to === "active" && { flaggedAtMs: null }) },
    );
    if (affected !== 1) return null;
    const grant = await tx.findOneByOrFail(AccessGrant, { id });
    recordEntry(tx, {
      kind: to === "suspended" ? "access.suspended" : "access.restored",
      actorId,
      objectId: id,
      atMs,
      details: {
        member: grant.memberId,
        role: grant.role,
        ...(to === "suspended" && { because: "unanswered" }),
      },
    });
    await deps.endSessionsOf(tx, [grant.memberId]);
    return grant;
  }

  /** Meanwhile the holder may have left, been given the role anew, or a role that goes ill with it. */
  async function demandHoldable(tx: EntityManager, id: string): Promise<void> {
    const grant = await tx.findOneByOrFail(AccessGrant, { id });
    const { memberId, role, acceptedRisk } = grant;
    // Of two that come back at the same moment, the second is held against the first.
    await takeTurn(tx, `grants:${memberId}`);
    const refuse = (problem: string) => new AppError("invalid_request", { decision: problem });
    if ((await members.find(memberId))?.isActive !== true)
      throw refuse("这位成员已离职或不在应用可见范围内");
    const held = await tx.findBy(AccessGrant, { memberId, state: "active" });
    if (held.some((one) => one.role === role)) throw refuse("已经重新授予过这个角色");
    const lead: Role[] = (await members.isManager(memberId)) ? ["team_lead"] : [];
    const roles = [...lead, ...held.map((one): Role => one.role), role];
    const [conflict] = conflictsOf(roles, (await members.listActive()).length).filter(
      ({ isAcceptable }) => !isAcceptable || !acceptedRisk,
    );
    if (conflict) throw refuse(conflictWords[conflict.kind]);
  }

  return {
    listActive: () =>
      database.read.find(AccessGrant, { where: { state: "active" }, order: { id: "ASC" } }),

    async find(ids) {
      if (ids.length === 0) return new Map();
      const rows = await database.read.findBy(AccessGrant, { id: In([...ids]) });
      return new Map(rows.map((row) => [row.id, row]));
    },

    async keep(tx, id) {
      const { affected } = await tx.update(
        AccessGrant,
        { id, state: "active" },
        { flaggedAtMs: null },
      );
      return affected === 1;
    },

    async end(tx, id, { actorId, atMs }) {
      const found = await tx.findBy(AccessGrant, { id, state: In(["active", "suspended"]) });
      const [grant] = found;
      if (!grant) return false;
      await endGrants(tx, found, { actorId, because: "review", atMs });
      await deps.endSessionsOf(tx, [grant.memberId]);
      const { memberId, role } = grant;
      await deps.onChanged(tx, { memberId, role, isGiven: false });
      return true;
    },

    suspend: async (tx, id, by) => (await turn(tx, id, ["active", "suspended"], by)) !== null,

    async restore(tx, id, by) {
      await demandHoldable(tx, id);
      const grant = await turn(tx, id, ["suspended", "active"], by);
      if (!grant) return false;
      const { memberId, role } = grant;
      await deps.onChanged(tx, { memberId, role, isGiven: true });
      return true;
    },
  };
}
