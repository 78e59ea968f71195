import type { EntityManager } from "typeorm";
import { LessThanOrEqual } from "typeorm";
import type { SelectQueryBuilder } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import type { z } from "zod";
import type { Permission } from "#shared/contract/access";
import type {
  ApprovalDecision,
  ApprovalList,
  ApprovalSummary,
  ApprovalView,
} from "#shared/contract/approval";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { formatPageCursor, parsePageCursor } from "../../platform/http/page-cursor.ts";
import { FRESH_SIGN_IN_MS } from "../../platform/http/routes.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Place, Vault } from "../../platform/vault/vault.ts";
import type { Access } from "../access/access.service.ts";
import type { Members } from "../members/members.service.ts";
import type { Actor } from "../sign-in/actor.ts";
import { Approval, ApprovalExclusion } from "./approval.entity.ts";

/**
 * One kind of thing that needs a second person, registered by the feature that carries it out:
 *
 *     approvals.register({
 *       kind: "rules.publish",
 *       permission: "rule.publish",
 *       payload: z.object({ draftRevision: z.number() }),
 *       validMs: 7 * DAY_MS,
 *       describe: async ({ payload }) => ({ title: "发布规则：3 条新增", path: "/admin/rules/draft" }),
 *       onApproved: async (tx, { payload, decidedBy }) => { … },
 *     });
 *
 * and asked for, in the transaction that freezes what is to be approved, with `approvals.request(tx, …)`.
 */
export interface ApprovalKind<Payload> {
  /** `<object>.<what is to be done>` */
  kind: string;
  /** What the second person needs. Whoever asked never decides. */
  permission: Permission;
  payload: z.ZodType<Payload>;
  /** To say yes one must have signed in within the last five minutes. */
  needsFreshSignIn?: true;
  validMs: number;
  describe: (approval: { payload: Payload; objectId: string }) => Promise<ApprovalSubject>;
  /** More people who must not decide, such as the one whom it is to benefit. */
  excludes?: (approval: { payload: Payload }) => readonly string[];
  /** Carries it out, or enqueues the job that does, with the approval. Throwing leaves the approval waiting. */
  onApproved: (tx: EntityManager, approval: Approved<Payload>) => Promise<void>;
  /** Refused, withdrawn or run out. */
  onEnded?: (tx: EntityManager, approval: { id: string; payload: Payload }) => Promise<void>;
}

export interface ApprovalSubject {
  title: string;
  path: string | null;
}

export interface Approved<Payload> {
  id: string;
  objectId: string;
  payload: Payload;
  requestedBy: string;
  decidedBy: string;
  atMs: number;
}

export interface ApprovalRequest {
  kind: string;
  objectId: string;
  payload: unknown;
  reason: string;
  requestedBy: string;
}

export interface Approvals {
  register<Payload>(kind: ApprovalKind<Payload>): void;
  /** What deciding such an approval takes; undefined for a kind that nobody has registered. */
  permissionOf(kind: string): Permission | undefined;
  /** Returns its id. With the caller's transaction. */
  request(tx: EntityManager, request: ApprovalRequest): Promise<string>;
  list(
    actor: Actor,
    query: { state: "waiting" | "ended"; cursor?: string | undefined },
  ): Promise<ApprovalList>;
  /** For the navigation: whether approvals concern the actor at all, and how many wait for them. */
  summary(actor: Actor): Promise<ApprovalSummary>;
  /** Throws `not_found` when there is none that the actor asked for or may decide. */
  get(actor: Actor, id: string): Promise<ApprovalView>;
  /** Once; the second one gets `already_decided`. */
  decide(actor: Actor, id: string, decision: ApprovalDecision): Promise<ApprovalView>;
  /** By the one who asked. */
  withdraw(actor: Actor, id: string): Promise<ApprovalView>;
  /** Ends what has run out. */
  expire(tx: EntityManager): Promise<void>;
  /** For cards. Undefined once it is not waiting any more. */
  waiting(id: string): Promise<WaitingApproval | undefined>;
  outcome(id: string): Promise<{ requestedBy: string; title: string; state: Approval["state"] }>;
}

export interface WaitingApproval extends ApprovalSubject {
  requestedBy: string;
  /** Who may decide it. */
  deciderIds: string[];
}

interface Deps {
  database: Database;
  vault: Vault;
  clock: Clock;
  access: Pick<Access, "holdersOf">;
  members: Pick<Members, "namesOf">;
  /** In the same transaction, so that people are told. */
  onRequested(tx: EntityManager, id: string): Promise<void>;
  onEnded(tx: EntityManager, id: string): Promise<void>;
}

type AnyKind = ApprovalKind<unknown>;

const PAGE = 20;
/** Who asked for what must outlive any one person's deletion. */
const SUBJECT = "corp";

const IS_DECIDABLE = `(a.kind IN (:...kinds) AND NOT EXISTS (SELECT 1 FROM approval_exclusion e
  WHERE e.approval_id = a.id AND e.member_id = :me))`;

const placeOf = (id: string, column: "reason" | "note"): Place => ({
  table: "approval",
  column,
  rowId: id,
});

export function createApprovals(deps: Deps): Approvals {
  const { database, vault, clock, access, members } = deps;
  const kinds = new Map<string, AnyKind>();

  function kindOf(name: string): AnyKind {
    const kind = kinds.get(name);
    if (!kind) throw new Error(`nobody carries out approvals of ${name}`);
    return kind;
  }

  function mayDecide(actor: Actor, row: Approval): boolean {
    const { permission, excludes, payload } = kindOf(row.kind);
    if (row.requestedBy === actor.memberId || !actor.permissions.has(permission)) return false;
    return !(excludes?.({ payload: payload.parse(row.payload) }) ?? []).includes(actor.memberId);
  }

  const kindsDecidedBy = (actor: Actor): string[] =>
    [...kinds.values()]
      .filter(({ permission }) => actor.permissions.has(permission))
      .map(({ kind }) => kind);

  /** The parameters of `IS_DECIDABLE`; an empty list is no SQL. */
  const decidableBy = (actor: Actor) => ({
    me: actor.memberId,
    kinds: ["", ...kindsDecidedBy(actor)],
  });

  /** What waits for the actor, as `mayDecide` says it of one row. */
  function toDecide(actor: Actor): SelectQueryBuilder<Approval> {
    return database.read
      .createQueryBuilder(Approval, "a")
      .where(`a.state = 'waiting' AND a.requestedBy <> :me AND ${IS_DECIDABLE}`, decidableBy(actor))
      .andWhere("a.expiresAtMs > :nowMs", { nowMs: clock.now() });
  }

  const isWaiting = (row: Approval): boolean =>
    row.state === "waiting" && clock.now() < row.expiresAtMs;

  async function seal(tx: EntityManager, place: Place, text: string): Promise<Buffer> {
    return (await vault.sealerFor(tx, [SUBJECT])).seal(SUBJECT, place, text);
  }

  async function present(actor: Actor, rows: readonly Approval[]): Promise<ApprovalView[]> {
    const names = await members.namesOf(
      rows.flatMap(({ requestedBy, decidedBy }) => [requestedBy, decidedBy ?? []].flat()),
    );
    return await Promise.all(
      rows.map(async (row) => {
        const { id, kind, objectId, requestedBy, decidedBy, note } = row;
        const payload = kindOf(kind).payload.parse(row.payload);
        return {
          id,
          kind,
          ...(await kindOf(kind).describe({ payload, objectId })),
          reason: await vault.openText(placeOf(id, "reason"), row.reason),
          state: row.state === "waiting" && !isWaiting(row) ? "expired" : row.state,
          requestedById: requestedBy,
          requestedByName: names.get(requestedBy) ?? requestedBy,
          requestedAtMs: row.requestedAtMs,
          expiresAtMs: row.expiresAtMs,
          decidedByName: decidedBy && (names.get(decidedBy) ?? decidedBy),
          decidedAtMs: row.decidedAtMs,
          note: note && (await vault.openText(placeOf(id, "note"), note)),
          isMine: requestedBy === actor.memberId,
          mayDecide: isWaiting(row) && mayDecide(actor, row),
        };
      }),
    );
  }

  async function find(actor: Actor, id: string): Promise<Approval> {
    const row = await database.read.findOneBy(Approval, { id });
    const isTheirs = row && (row.requestedBy === actor.memberId || mayDecide(actor, row));
    if (!isTheirs) throw new AppError("not_found");
    return row;
  }

  /** The conditional update lets one of two decisions through. */
  async function end(
    tx: EntityManager,
    row: Approval,
    state: "approved" | "refused" | "withdrawn" | "expired",
    by: { actorId: string; note: string },
  ): Promise<void> {
    const { id, kind, objectId } = row;
    const atMs = clock.now();
    const note = by.note === "" ? null : await seal(tx, placeOf(id, "note"), by.note);
    const { affected } = await tx.update(
      Approval,
      { id, state: "waiting" },
      { state, decidedBy: by.actorId, decidedAtMs: atMs, note },
    );
    if (affected !== 1) throw new AppError("already_decided");
    recordEntry(tx, {
      kind: `approval.${state}`,
      actorId: by.actorId,
      objectId: id,
      atMs,
      details: { of: kind, object: objectId },
    });
    const payload = kindOf(kind).payload.parse(row.payload);
    if (state === "approved") {
      const approved = { id, objectId, payload, requestedBy: row.requestedBy };
      await kindOf(kind).onApproved(tx, { ...approved, decidedBy: by.actorId, atMs });
    } else await kindOf(kind).onEnded?.(tx, { id, payload });
    await deps.onEnded(tx, id);
  }

  const approvals: Approvals = {
    register(kind) {
      kinds.set(kind.kind, kind as unknown as AnyKind);
    },

    permissionOf: (kind) => kinds.get(kind)?.permission,

    async request(tx, { kind, objectId, payload: given, reason, requestedBy }) {
      const id = uuidv7();
      const payload = kindOf(kind).payload.parse(given);
      const requestedAtMs = clock.now();
      await tx.insert(Approval, {
        id,
        kind,
        objectId,
        payload: payload as object,
        reason: await seal(tx, placeOf(id, "reason"), reason),
        state: "waiting",
        requestedBy,
        requestedAtMs,
        expiresAtMs: requestedAtMs + kindOf(kind).validMs,
        decidedBy: null,
        decidedAtMs: null,
        note: null,
      });
      for (const memberId of new Set(kindOf(kind).excludes?.({ payload })))
        await tx.insert(ApprovalExclusion, { approvalId: id, memberId });
      recordEntry(tx, {
        kind: "approval.requested",
        actorId: requestedBy,
        objectId: id,
        atMs: requestedAtMs,
        details: { of: kind, object: objectId },
      });
      await deps.onRequested(tx, id);
      return id;
    },

    async list(actor, { state, cursor }) {
      const query = database.read
        .createQueryBuilder(Approval, "a")
        .where(`(a.requestedBy = :me OR ${IS_DECIDABLE})`, decidableBy(actor))
        .andWhere(
          state === "waiting"
            ? "(a.state = 'waiting' AND a.expiresAtMs > :nowMs)"
            : "(a.state <> 'waiting' OR a.expiresAtMs <= :nowMs)",
          { nowMs: clock.now() },
        )
        .orderBy("a.requestedAtMs", "DESC")
        .addOrderBy("a.id", "DESC");
      if (cursor !== undefined) {
        const after = parsePageCursor(cursor);
        query.andWhere("a.requestedAtMs <= :atMs", after);
        query.andWhere("(a.requestedAtMs < :atMs OR a.id < :id)", after);
      }
      const rows = await query.take(PAGE + 1).getMany();
      const page = rows.slice(0, PAGE);
      const last = page.at(-1);
      return {
        approvals: await present(actor, page),
        nextCursor:
          rows.length > PAGE && last
            ? formatPageCursor({ atMs: last.requestedAtMs, id: last.id })
            : null,
        toDecide: await toDecide(actor).getCount(),
      };
    },

    async summary(actor) {
      const mayDecideSome = kindsDecidedBy(actor).length > 0;
      const hasAsked = () => database.read.existsBy(Approval, { requestedBy: actor.memberId });
      return {
        isConcerned: mayDecideSome || (await hasAsked()),
        toDecide: mayDecideSome ? await toDecide(actor).getCount() : 0,
      };
    },

    async get(actor, id) {
      const [view] = await present(actor, [await find(actor, id)]);
      if (!view) throw new AppError("not_found");
      return view;
    },

    async decide(actor, id, { decision, note }) {
      const row = await find(actor, id);
      if (row.requestedBy === actor.memberId) throw new AppError("own_request");
      if (!mayDecide(actor, row)) throw new AppError("not_allowed");
      if (!isWaiting(row)) throw new AppError("already_decided");
      const isFresh = clock.now() - actor.signedInAtMs <= FRESH_SIGN_IN_MS;
      if (decision === "approved" && kindOf(row.kind).needsFreshSignIn && !isFresh)
        throw new AppError("step_up_needed");
      await database.write((tx) => end(tx, row, decision, { actorId: actor.memberId, note }));
      return await approvals.get(actor, id);
    },

    async withdraw(actor, id) {
      const row = await find(actor, id);
      if (row.requestedBy !== actor.memberId) throw new AppError("not_allowed");
      if (!isWaiting(row)) throw new AppError("already_decided");
      await database.write((tx) =>
        end(tx, row, "withdrawn", { actorId: actor.memberId, note: "" }),
      );
      return await approvals.get(actor, id);
    },

    async expire(tx) {
      const over = await tx.findBy(Approval, {
        state: "waiting",
        expiresAtMs: LessThanOrEqual(clock.now()),
      });
      for (const row of over) await end(tx, row, "expired", { actorId: "system", note: "" });
    },

    async waiting(id) {
      const row = await database.read.findOneBy(Approval, { id });
      if (!row || !isWaiting(row)) return undefined;
      const { permission, excludes, describe, payload } = kindOf(row.kind);
      const parsed = payload.parse(row.payload);
      const excluded = [row.requestedBy, ...(excludes?.({ payload: parsed }) ?? [])];
      const holders = await access.holdersOf(permission);
      return {
        ...(await describe({ payload: parsed, objectId: row.objectId })),
        requestedBy: row.requestedBy,
        deciderIds: holders.filter((holder) => !excluded.includes(holder)),
      };
    },

    async outcome(id) {
      const row = await database.read.findOneByOrFail(Approval, { id });
      const { describe, payload } = kindOf(row.kind);
      const subject = { payload: payload.parse(row.payload), objectId: row.objectId };
      const { title } = await describe(subject);
      return { requestedBy: row.requestedBy, title, state: row.state };
    },
  };
  return approvals;
}
