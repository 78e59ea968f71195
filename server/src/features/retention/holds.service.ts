import { IsNull, Not } from "typeorm";
import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import type { HoldRequest, HoldView } from "#shared/contract/retention";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { blockLease } from "../../platform/jobs/lease.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Place, Vault } from "../../platform/vault/vault.ts";
import type { ArchiveExpiry } from "../archive/expiry.ts";
import type { HitMarks } from "../cases/hit-marks.ts";
import type { Members } from "../members/members.service.ts";
import { LegalHold } from "./retention.entity.ts";

/** Whoever destroys holds this lease; who places a hold keeps it waiting. */
export const EXPIRY_LEASE = "retention";

/** Legal holds: what is under one is not destroyed, however old it is. */
export interface LegalHolds {
  list(): Promise<HoldView[]>;
  /**
   * Holds from the moment in which it returns, also while a nightly run is under way. Throws `invalid_request` when
   * there is no such person, conversation or case.
   */
  place(request: HoldRequest, memberId: string): Promise<HoldView>;
  /** Throws `not_found`, or `already_decided` when it has been released. */
  release(id: string, reason: string, memberId: string): Promise<HoldView>;
}

export interface HoldsDeps {
  database: Database;
  vault: Vault;
  clock: Clock;
  members: Pick<Members, "namesOf" | "find">;
  hitMarks: Pick<HitMarks, "placeOf">;
  archive: Pick<ArchiveExpiry, "hasConversation" | "hasParty">;
}

/** Each step of a run reads all that are in force. */
const MAX_ACTIVE = 500;
const LISTED_RELEASED = 50;
const SUBJECT = "corp";

const placeOf = (id: string, column: "reason" | "release_reason"): Place => ({
  table: "legal_hold",
  column,
  rowId: id,
});

export function createLegalHolds(deps: HoldsDeps): LegalHolds {
  const { database, vault, clock, members, hitMarks, archive } = deps;

  /** What is meant by the request, as the archive names it. */
  async function locate({
    kind,
    targetId,
  }: HoldRequest): Promise<Pick<LegalHold, "targetId" | "conversationId">> {
    if (kind === "person") {
      // Member ids are lower case in here, customers' are as WeCom gives them.
      const member = await members.find(targetId.toLowerCase());
      if (member) return { targetId: member.id, conversationId: null };
      if (await archive.hasParty(database.read, targetId))
        return { targetId, conversationId: null };
      throw new AppError("invalid_request", { targetId: "没有这个成员或客户，请核对账号" });
    }
    if (kind === "conversation") {
      if (await archive.hasConversation(database.read, targetId))
        return { targetId, conversationId: targetId };
      throw new AppError("invalid_request", { targetId: "没有存下过这个会话，请核对" });
    }
    const found = await hitMarks.placeOf(targetId);
    if (!found) throw new AppError("invalid_request", { targetId: "没有这个事项，请核对编号" });
    return { targetId, conversationId: found.conversationId };
  }

  /** By its number alone: the ledger keeps for ever. */
  function record(tx: EntityManager, kind: string, of: { id: string; memberId: string }): void {
    const { id: objectId, memberId: actorId } = of;
    recordEntry(tx, { kind, actorId, objectId, atMs: clock.now(), details: {} });
  }

  async function seal(tx: EntityManager, place: Place, text: string): Promise<Buffer> {
    return (await vault.sealerFor(tx, [SUBJECT])).seal(SUBJECT, place, text);
  }

  async function present(rows: readonly LegalHold[]): Promise<HoldView[]> {
    const people = rows.flatMap((row) => [row.targetId, row.placedBy, row.releasedBy ?? []].flat());
    const names = await members.namesOf(people);
    return await Promise.all(
      rows.map(async (row) => ({
        id: row.id,
        kind: row.kind,
        targetId: row.targetId,
        placedAtMs: row.placedAtMs,
        releasedAtMs: row.releasedAtMs,
        targetName: row.kind === "person" ? (names.get(row.targetId) ?? null) : null,
        reason: await vault.openText(placeOf(row.id, "reason"), row.reason),
        placedBy: names.get(row.placedBy) ?? row.placedBy,
        releaseReason:
          row.releaseReason &&
          (await vault.openText(placeOf(row.id, "release_reason"), row.releaseReason)),
        releasedBy: row.releasedBy && (names.get(row.releasedBy) ?? row.releasedBy),
      })),
    );
  }

  async function get(id: string): Promise<HoldView> {
    const row = await database.read.findOneBy(LegalHold, { id });
    const [view] = row ? await present([row]) : [];
    if (!view) throw new AppError("not_found");
    return view;
  }

  return {
    async list() {
      const [active, released] = await Promise.all([
        database.read.find(LegalHold, {
          where: { releasedAtMs: IsNull() },
          order: { placedAtMs: "DESC", id: "DESC" },
        }),
        database.read.find(LegalHold, {
          where: { releasedAtMs: Not(IsNull()) },
          order: { releasedAtMs: "DESC", id: "DESC" },
          take: LISTED_RELEASED,
        }),
      ]);
      return await present([...active, ...released]);
    },

    async place(request, memberId) {
      const target = await locate(request);
      const id = uuidv7();
      await database.write(async (tx) => {
        await blockLease(tx, EXPIRY_LEASE);
        if ((await tx.countBy(LegalHold, { releasedAtMs: IsNull() })) >= MAX_ACTIVE) {
          throw new AppError("invalid_request", {
            targetId: `最多同时有 ${MAX_ACTIVE} 项留存，请先解除不再需要的`,
          });
        }
        await tx.insert(LegalHold, {
          id,
          kind: request.kind,
          ...target,
          reason: await seal(tx, placeOf(id, "reason"), request.reason),
          placedBy: memberId,
          placedAtMs: clock.now(),
          releaseReason: null,
          releasedBy: null,
          releasedAtMs: null,
        });
        record(tx, "hold.placed", { id, memberId });
      });
      return await get(id);
    },

    async release(id, reason, memberId) {
      await get(id);
      await database.write(async (tx) => {
        const { affected } = await tx.update(
          LegalHold,
          { id, releasedAtMs: IsNull() },
          {
            releasedBy: memberId,
            releasedAtMs: clock.now(),
            releaseReason: await seal(tx, placeOf(id, "release_reason"), reason),
          },
        );
        if (affected !== 1) throw new AppError("already_decided");
        record(tx, "hold.released", { id, memberId });
      });
      return await get(id);
    },
  };
}
