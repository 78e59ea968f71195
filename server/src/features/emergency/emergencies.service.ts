import { In, IsNull, LessThanOrEqual } from "typeorm";
import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type {
  EmergencyCandidates,
  EmergencyList,
  EmergencyRequest,
  EmergencyReview,
  EmergencyView,
  OwnEmergency,
} from "#shared/contract/emergency";
import { dayAfterWorkingDays } from "#shared/working-calendar";
import type { WorkingCalendar } from "#shared/working-calendar";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { takeTurn } from "../../platform/database/take-turn.ts";
import type { LiveEvents } from "../../platform/events/live-events.ts";
import { AppError } from "../../platform/http/app-error.ts";
import { formatPageCursor, parsePageCursor } from "../../platform/http/page-cursor.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Access } from "../access/access.service.ts";
import type { Approvals } from "../approvals/approvals.service.ts";
import type { Members } from "../members/members.service.ts";
import type { NewReading } from "../reading/reading-log.ts";
import type { Actor } from "../sign-in/actor.ts";
import { EMERGENCY_SUBJECT, Emergency, emergencyPlace } from "./emergency.entity.ts";
import { createEmergencyViews, mayEnd, mayReview } from "./emergency-views.ts";
import { findOpenEmergency, isOpen } from "./open-emergencies.ts";

/** Reading beyond one's reach: opened with a reason, told at once, over by itself, reviewed by another person. */
export interface Emergencies {
  request(actor: Actor, request: EmergencyRequest): Promise<EmergencyView>;
  /** Before its time: by whoever reads, or who would review it. */
  end(actor: Actor, id: string): Promise<EmergencyView>;
  /** Once, by neither who read, nor who approved it, nor whose chats it opened. */
  review(actor: Actor, id: string, review: EmergencyReview): Promise<EmergencyView>;
  list(actor: Actor, cursor?: string): Promise<EmergencyList>;
  candidates(actor: Actor): Promise<EmergencyCandidates>;
  own(actor: Actor): Promise<OwnEmergency>;
  /** Those whose review nobody has made, and how many of them are late. */
  countUnreviewed(): Promise<{ waiting: number; overdue: number }>;
  /** Their rights have changed, or they have left. With the caller's transaction. */
  endAllOf(tx: EntityManager, memberIds: readonly string[]): Promise<void>;
  /** Writes down what has run out. */
  expire(tx: EntityManager): Promise<void>;
  /** Calls back when one of the member's has been ended; returns how to stop. */
  onEnded(memberId: string, listener: () => void): () => void;
}

export interface EmergencyDeps {
  database: Database;
  vault: Vault;
  clock: Clock;
  events: LiveEvents;
  approvals: Pick<Approvals, "register" | "request">;
  access: Pick<Access, "holdersOf">;
  members: Pick<Members, "find" | "listActive" | "namesOf">;
  calendar: () => Promise<WorkingCalendar>;
  logReading: (tx: EntityManager, reading: NewReading) => Promise<string>;
  /** In the same transaction: people are told, and the end is on the clock. */
  onOpened(tx: EntityManager, id: string): Promise<void>;
  onReviewed(tx: EntityManager, id: string): Promise<void>;
}

const KIND = "emergency.open";
const APPROVAL_VALID_MS = 24 * 3600_000;
const REVIEW_WORKING_DAYS = 2;
const HOUR_MS = 3600_000;
const PAGE = 20;

const payload = z.strictObject({ emergencyId: z.string(), memberIds: z.array(z.string()) });

export function createEmergencies(deps: EmergencyDeps): Emergencies {
  const { database, vault, clock, members, approvals } = deps;
  const views = createEmergencyViews(deps);
  const topicOf = (memberId: string): string => `emergency-ended:${memberId}`;

  async function open(tx: EntityManager, id: string, approvedBy: string | null): Promise<void> {
    const openedAtMs = clock.now();
    const row = await tx.findOneByOrFail(Emergency, { id });
    const opened = {
      state: "open",
      approvedBy,
      openedAtMs,
      endsAtMs: openedAtMs + row.hours * HOUR_MS,
      reviewDueAtMs: dayAfterWorkingDays(openedAtMs, REVIEW_WORKING_DAYS, await deps.calendar()),
    } as const;
    await demandNoneOpen(tx, row.requestedBy);
    await tx.update(Emergency, { id, state: "waiting" }, opened);
    await deps.logReading(tx, {
      kind: "emergency",
      readerId: row.requestedBy,
      conversationId: null,
      purpose: await vault.openText(emergencyPlace(id, "reason"), row.reason),
      subjectIds: row.memberIds,
      atMs: openedAtMs,
      act: "emergency.opened",
      details: { object: id, approvedBy, until: opened.endsAtMs },
    });
    await deps.onOpened(tx, id);
  }

  /** One at a time. The reader's row of turns is held. */
  async function demandNoneOpen(tx: EntityManager, memberId: string): Promise<void> {
    await takeTurn(tx, `reading:${memberId}`);
    const rows = await tx.findBy(Emergency, { requestedBy: memberId, state: "open" });
    if (rows.some((row) => isOpen(row, clock.now()))) throw new AppError("already_asked");
  }

  approvals.register<z.infer<typeof payload>>({
    kind: KIND,
    permission: "reading.approve",
    needsFreshSignIn: true,
    payload,
    validMs: APPROVAL_VALID_MS,
    async describe({ objectId }) {
      const row = await database.read.findOneBy(Emergency, { id: objectId });
      return { title: row ? await views.describe(row) : "紧急访问（记录已到期销毁）", path: null };
    },
    excludes: ({ payload: { memberIds } }) => memberIds,
    onApproved: (tx, { objectId, decidedBy }) => open(tx, objectId, decidedBy),
    async onEnded(tx, { payload: { emergencyId: id } }) {
      await tx.update(Emergency, { id, state: "waiting" }, { state: "refused" });
    },
  });

  async function close(tx: EntityManager, rows: readonly Emergency[], by: string): Promise<void> {
    const nowMs = clock.now();
    for (const { id, requestedBy, endsAtMs } of rows) {
      const atMs = Math.min(nowMs, endsAtMs ?? nowMs);
      const ended = { state: "ended", endedAtMs: atMs } as const;
      const { affected } = await tx.update(Emergency, { id, state: "open" }, ended);
      if (affected !== 1) continue;
      recordEntry(tx, { kind: "emergency.ended", actorId: by, objectId: id, atMs, details: {} });
      await deps.events.publish(tx, topicOf(requestedBy), {});
    }
  }

  async function demandActive(memberIds: readonly string[]): Promise<void> {
    for (const id of memberIds)
      if (!(await members.find(id))) {
        throw new AppError("invalid_request", { memberIds: "没有这位成员，请重新选择" });
      }
  }

  /** With nobody to say yes, or to review it, a request would lead nowhere. */
  async function demandOthers(
    permission: "reading.approve" | "emergency.review",
    exceptIds: readonly string[],
  ): Promise<void> {
    const holders = await deps.access.holdersOf(permission);
    if (!holders.some((id) => !exceptIds.includes(id))) throw new AppError("no_reading_approver");
  }

  async function getVisible(actor: Actor, id: string): Promise<Emergency> {
    const row = await database.read.findOneBy(Emergency, { id });
    if (!row || !views.isVisibleTo(actor, row)) throw new AppError("not_found");
    return row;
  }

  const emergencies: Emergencies = {
    async request(actor, { cause, hours, reason, ...wish }) {
      const memberIds = [...new Set(wish.memberIds)];
      if (memberIds.includes(actor.memberId)) {
        throw new AppError("invalid_request", { memberIds: "不能是自己" });
      }
      await demandActive(memberIds);
      const isAtOnce = cause === "incident";
      await demandOthers(isAtOnce ? "emergency.review" : "reading.approve", [
        actor.memberId,
        ...memberIds,
      ]);
      const id = uuidv7();
      await database.write(async (tx) => {
        await demandNoneOpen(tx, actor.memberId);
        const sealer = await vault.sealerFor(tx, [EMERGENCY_SUBJECT]);
        await tx.insert(Emergency, {
          id,
          state: "waiting",
          cause,
          reason: sealer.seal(EMERGENCY_SUBJECT, emergencyPlace(id, "reason"), reason),
          memberIds,
          hours,
          requestedBy: actor.memberId,
          requestedAtMs: clock.now(),
        });
        if (isAtOnce) await open(tx, id, null);
        else
          await approvals.request(tx, {
            kind: KIND,
            objectId: id,
            payload: { emergencyId: id, memberIds },
            reason,
            requestedBy: actor.memberId,
          });
      });
      return await views.present(actor, await getVisible(actor, id));
    },

    async end(actor, id) {
      const row = await getVisible(actor, id);
      if (!isOpen(row, clock.now())) throw new AppError("already_decided");
      if (!mayEnd(actor, row)) throw new AppError("not_allowed");
      await database.write((tx) => close(tx, [row], actor.memberId));
      return await views.present(actor, await getVisible(actor, id));
    },

    async review(actor, id, { verdict, note }) {
      const row = await getVisible(actor, id);
      if (row.verdict !== null) throw new AppError("already_decided");
      if (row.requestedBy === actor.memberId) throw new AppError("own_request");
      if (!mayReview(actor, row)) throw new AppError("not_allowed");
      const atMs = clock.now();
      await database.write(async (tx) => {
        const sealer = await vault.sealerFor(tx, [EMERGENCY_SUBJECT]);
        const { affected } = await tx.update(
          Emergency,
          { id, verdict: IsNull() },
          {
            verdict,
            reviewedBy: actor.memberId,
            reviewedAtMs: atMs,
            note: sealer.seal(EMERGENCY_SUBJECT, emergencyPlace(id, "note"), note),
          },
        );
        if (affected !== 1) throw new AppError("already_decided");
        // What was found wrong does not go on.
        if (verdict === "unjustified") await close(tx, [row], actor.memberId);
        recordEntry(tx, {
          kind: "emergency.reviewed",
          actorId: actor.memberId,
          objectId: id,
          atMs,
          details: { verdict },
        });
        await deps.onReviewed(tx, id);
      });
      return await views.present(actor, await getVisible(actor, id));
    },

    async list(actor, cursor) {
      const query = database.read
        .createQueryBuilder(Emergency, "e")
        .where(views.seesAll(actor) ? "1 = 1" : "e.requestedBy = :me", { me: actor.memberId })
        .orderBy("e.requestedAtMs", "DESC")
        .addOrderBy("e.id", "DESC")
        .take(PAGE + 1);
      if (cursor !== undefined) {
        const after = parsePageCursor(cursor);
        query.andWhere("e.requestedAtMs <= :atMs", after);
        query.andWhere("(e.requestedAtMs < :atMs OR e.id < :id)", after);
      }
      const rows = await query.getMany();
      const last = rows.length > PAGE ? rows[PAGE - 1] : undefined;
      return {
        emergencies: await Promise.all(rows.slice(0, PAGE).map((row) => views.present(actor, row))),
        nextCursor: last ? formatPageCursor({ atMs: last.requestedAtMs, id: last.id }) : null,
      };
    },

    async candidates(actor) {
      const active = await members.listActive();
      return {
        members: active
          .filter(({ id }) => id !== actor.memberId)
          .map(({ id, name }) => ({ id, name })),
      };
    },

    async own(actor) {
      const row = await findOpenEmergency({ database, clock }, actor.memberId);
      if (!row) return { emergency: null };
      const names = await members.namesOf(row.memberIds);
      const { id, openedAtMs, endsAtMs } = row;
      const memberNames = row.memberIds.map((one) => names.get(one) ?? one);
      return { emergency: { id, readerName: actor.name, memberNames, openedAtMs, endsAtMs } };
    },

    async countUnreviewed() {
      const rows = await database.read.findBy(Emergency, {
        state: In(["open", "ended"]),
        verdict: IsNull(),
      });
      const overdue = rows.filter((row) => views.isOverdue(row)).length;
      return { waiting: rows.length, overdue };
    },

    async endAllOf(tx, memberIds) {
      const rows = await tx.findBy(Emergency, { requestedBy: In([...memberIds]), state: "open" });
      await close(tx, rows, "system");
    },

    async expire(tx) {
      const over = { state: "open", endsAtMs: LessThanOrEqual(clock.now()) } as const;
      await close(tx, await tx.findBy(Emergency, over), "system");
    },

    onEnded: (memberId, listener) => deps.events.subscribe(topicOf(memberId), listener),
  };
  return emergencies;
}
