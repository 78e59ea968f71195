import { emergencyCauseNames } from "#shared/contract/emergency";
import type { EmergencyView } from "#shared/contract/emergency";
import type { Clock } from "../../platform/clock.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Members } from "../members/members.service.ts";
import type { Actor } from "../sign-in/actor.ts";
import type { Emergency } from "./emergency.entity.ts";
import { emergencyPlace } from "./emergency.entity.ts";
import { isOpen } from "./open-emergencies.ts";

export interface EmergencyViews {
  present(actor: Actor, row: Emergency): Promise<EmergencyView>;
  /** One line for who approves it, and for cards. */
  describe(row: Emergency): Promise<string>;
  seesAll(actor: Actor): boolean;
  isVisibleTo(actor: Actor, row: Emergency): boolean;
  isOverdue(row: Emergency): boolean;
}

export function mayEnd(actor: Actor, row: Emergency): boolean {
  return row.requestedBy === actor.memberId || actor.permissions.has("emergency.review");
}

/** Neither who read, nor who said yes to it, nor whose chats were read. */
export function mayReview(actor: Actor, row: Emergency): boolean {
  const { requestedBy, approvedBy, memberIds } = row;
  const isConcerned = [requestedBy, approvedBy, ...memberIds].includes(actor.memberId);
  return (
    actor.permissions.has("emergency.review") &&
    !isConcerned &&
    row.verdict === null &&
    (row.state === "open" || row.state === "ended")
  );
}

export function createEmergencyViews({
  vault,
  clock,
  members,
}: {
  vault: Vault;
  clock: Clock;
  members: Pick<Members, "namesOf">;
}): EmergencyViews {
  const views: EmergencyViews = {
    seesAll: ({ permissions }) =>
      permissions.has("emergency.review") || permissions.has("audit.read"),

    isVisibleTo: (actor, row) => row.requestedBy === actor.memberId || views.seesAll(actor),

    isOverdue: ({ verdict, reviewDueAtMs }) =>
      verdict === null && reviewDueAtMs !== null && clock.now() >= reviewDueAtMs,

    async describe({ cause, memberIds, hours }) {
      const names = await members.namesOf(memberIds);
      const who = memberIds.map((id) => names.get(id) ?? id).join("、");
      return `紧急访问：阅读${who}的聊天，最长 ${hours} 小时，原因：${emergencyCauseNames[cause]}`;
    },

    async present(actor, row) {
      const names = await members.namesOf([
        row.requestedBy,
        ...row.memberIds,
        ...[row.approvedBy, row.reviewedBy].flatMap((id) => id ?? []),
      ]);
      const nameOf = (id: string): string => names.get(id) ?? id;
      const { id, cause, hours, requestedAtMs, openedAtMs, endsAtMs, endedAtMs } = row;
      const hasRunOut = row.state === "open" && !isOpen(row, clock.now());
      return {
        id,
        state: hasRunOut ? "ended" : row.state,
        cause,
        memberNames: row.memberIds.map(nameOf),
        hours,
        reason: await vault.openText(emergencyPlace(id, "reason"), row.reason),
        requestedByName: nameOf(row.requestedBy),
        requestedAtMs,
        approvedByName: row.approvedBy && nameOf(row.approvedBy),
        openedAtMs,
        endsAtMs,
        endedAtMs: hasRunOut ? endsAtMs : endedAtMs,
        reviewDueAtMs: row.reviewDueAtMs,
        isOverdue: views.isOverdue(row),
        verdict: row.verdict,
        reviewedByName: row.reviewedBy && nameOf(row.reviewedBy),
        reviewedAtMs: row.reviewedAtMs,
        note: row.note && (await vault.openText(emergencyPlace(id, "note"), row.note)),
        mayEnd: isOpen(row, clock.now()) && mayEnd(actor, row),
        mayReview: mayReview(actor, row),
      };
    },
  };
  return views;
}
