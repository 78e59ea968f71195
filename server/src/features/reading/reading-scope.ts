import type { ConversationFilter, ReadingScope } from "#shared/contract/reading";
import type { ConversationSelection } from "../archive/conversations.service.ts";
import type { Access } from "../access/access.service.ts";
import type { HitMarks } from "../cases/hit-marks.ts";
import type { Members } from "../members/members.service.ts";

/** What somebody may read: the conversations of those within their reach, decided anew with every request. */
export interface ReadingScopes {
  /** Those of the members within reach whom the filter leaves; nobody's is an empty list. */
  select(readerId: string, filter: ConversationFilter): Promise<ConversationSelection>;
  /** Whether one of these is within reach. */
  mayRead(readerId: string, memberIds: readonly string[]): Promise<boolean>;
  /** What the reader can choose from. */
  describe(readerId: string): Promise<ReadingScope>;
}

interface Deps {
  members: Pick<Members, "departmentsOf" | "namesOf">;
  access: Pick<Access, "membersWithin">;
  hitMarks: Pick<HitMarks, "conversationsWithCases">;
}

const byName = new Intl.Collator("zh-CN");

export function createReadingScopes({ members, access, hitMarks }: Deps): ReadingScopes {
  const readable = (readerId: string): Promise<string[]> =>
    access.membersWithin(readerId, "conversation.read");

  async function memberIdsOf(readerId: string, filter: ConversationFilter): Promise<string[]> {
    const within = await readable(readerId);
    const wanted = within.filter((id) => filter.memberId === undefined || id === filter.memberId);
    if (filter.departmentId === undefined) return wanted;
    const departments = await members.departmentsOf(wanted);
    return departments.find(({ id }) => id === filter.departmentId)?.memberIds ?? [];
  }

  return {
    async select(readerId, filter) {
      const memberIds = await memberIdsOf(readerId, filter);
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

    async mayRead(readerId, memberIds) {
      const within = new Set(await readable(readerId));
      return memberIds.some((id) => within.has(id));
    },

    async describe(readerId) {
      const within = await readable(readerId);
      const [names, departments] = await Promise.all([
        members.namesOf(within),
        members.departmentsOf(within),
      ]);
      return {
        members: within
          .map((id) => ({ id, name: names.get(id) ?? id }))
          .sort((a, b) => byName.compare(a.name, b.name)),
        // One in which everybody is would narrow nothing.
        departments: departments
          .filter(({ memberIds }) => memberIds.length < within.length)
          .sort((a, b) => byName.compare(a.name, b.name)),
      };
    },
  };
}
