import type { EntityManager } from "typeorm";
import { In, IsNull } from "typeorm";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import { AccessGrant } from "./grant.entity.ts";

const IDS_A_STATEMENT = 500;

/** Ends grants, each once and on record. With the caller's transaction. */
export async function endGrants(
  tx: EntityManager,
  grants: readonly AccessGrant[],
  by: { actorId: string; because: "revoked" | "left" | "replaced" | "review"; atMs: number },
): Promise<void> {
  const { actorId, because, atMs } = by;
  for (const { id, memberId, role } of grants) {
    const { affected } = await tx.update(
      AccessGrant,
      { id, state: In(["active", "suspended"]) },
      { state: "revoked", endedAtMs: atMs },
    );
    if (affected !== 1) continue;
    recordEntry(tx, {
      kind: "access.revoked",
      actorId,
      objectId: id,
      atMs,
      details: { member: memberId, role, because },
    });
  }
}

/** Whoever has left has no rights any more, in the transaction that says so. */
export async function endGrantsOfLeavers(
  tx: EntityManager,
  memberIds: readonly string[],
  atMs: number,
): Promise<void> {
  for (let from = 0; from < memberIds.length; from += IDS_A_STATEMENT) {
    const left = In(memberIds.slice(from, from + IDS_A_STATEMENT));
    const grants = await tx.findBy(AccessGrant, {
      memberId: left,
      state: In(["active", "suspended"]),
    });
    await endGrants(tx, grants, { actorId: "system", because: "left", atMs });
  }
}

/** Whoever works elsewhere now may not need them any more: somebody has to look. */
export async function flagGrantsOfMovers(
  tx: EntityManager,
  memberIds: readonly string[],
  atMs: number,
): Promise<void> {
  for (let from = 0; from < memberIds.length; from += IDS_A_STATEMENT) {
    await tx.update(
      AccessGrant,
      {
        memberId: In(memberIds.slice(from, from + IDS_A_STATEMENT)),
        state: "active",
        flaggedAtMs: IsNull(),
      },
      { flaggedAtMs: atMs },
    );
  }
}
