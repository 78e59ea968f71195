import type { ConversationFilter, ReadingScope } from "#shared/contract/reading";
import type { ConversationSelection } from "../archive/conversations.service.ts";
import type { HitMarks } from "../cases/hit-marks.ts";
import type { Members } from "../members/members.service.ts";

/** What a manager may read: the conversations of those whom they lead, decided anew with every request. */
export interface ReadingScopes {
  /** Those of the members led whom the filter leaves; nobody's is an empty list. */
  select(managerId: string, filter: ConversationFilter): Promise<ConversationSelection>;
  /** Whether one of these takes part is led by the manager. */
  mayRead(managerId: string, memberIds: readonly string[]): Promise<boolean>;
  /** What the manager can choose from. */
  describe(managerId: string): Promise<ReadingScope>;
}

interface Deps {
  members: Pick<Members, "membersLedBy" | "departmentsOf" | "namesOf">;
  hitMarks: Pick<HitMarks, "conversationsWithCases">;
}

const byName = new Intl.Collator("zh-CN");

export function createReadingScopes({ members, hitMarks }: Deps): ReadingScopes {
  async function memberIdsOf(managerId: string, filter: ConversationFilter): Promise<string[]> {
    const led = await members.membersLedBy(managerId);
    const wanted = led.filter((id) => filter.memberId === undefined || id === filter.memberId);
    if (filter.departmentId === undefined) return wanted;
    const departments = await members.departmentsOf(wanted);
    return departments.find(({ id }) => id === filter.departmentId)?.memberIds ?? [];
  }

  return {
    async select(managerId, filter) {
      const memberIds = await memberIdsOf(managerId, filter);
      const { customerId, roomId, kind, messageKind, fromMs, toMs, hasHit } = filter;
      return {
        memberIds,
        customerId,
        roomId,
        kind,
        messageKind,
        fromMs,
        toMs,
        also: hasHit === undefined ? undefined : hitMarks.conversationsWithCases(memberIds),
      };
    },

    async mayRead(managerId, memberIds) {
      const led = new Set(await members.membersLedBy(managerId));
      return memberIds.some((id) => led.has(id));
    },

    async describe(managerId) {
      const led = await members.membersLedBy(managerId);
      const [names, departments] = await Promise.all([
        members.namesOf(led),
        members.departmentsOf(led),
      ]);
      return {
        members: led
          .map((id) => ({ id, name: names.get(id) ?? id }))
          .sort((a, b) => byName.compare(a.name, b.name)),
        // One in which everybody is would narrow nothing.
        departments: departments
          .filter(({ memberIds }) => memberIds.length < led.length)
          .sort((a, b) => byName.compare(a.name, b.name)),
      };
    },
  };
}
