import type { Department, Member } from "./member.ts";

/** Who answers for whom; a pure look at one state of the directory. */
export interface OrgChart {
  /**
   * The active direct leaders; without any, the leaders of the member's departments, and without any
   * there, those of the departments above, level by level. Never the member.
   */
  managersOf(memberId: string): string[];
  /** Leads at least one department or one member. */
  isManager(memberId: string): boolean;
  /**
   * Everybody in the departments that the manager leads and below them, and those who name the manager
   * as direct leader. Members who have left are among them: their cases still need a manager.
   */
  membersLedBy(managerId: string): string[];
  /** The departments in which, or below which, one of these members is, with those of them who are. */
  departmentsOf(memberIds: readonly string[]): DepartmentMembers[];
}

export interface DepartmentMembers {
  id: number;
  name: string;
  memberIds: string[];
}

export function createOrgChart(
  members: ReadonlyMap<string, Member>,
  departments: ReadonlyMap<number, Department>,
): OrgChart {
  const departmentsLed = new Map<string, number[]>();
  const children = new Map<number, number[]>();
  for (const { id, parentId, leaderIds } of departments.values()) {
    push(children, parentId, id);
    for (const leaderId of leaderIds) push(departmentsLed, leaderId, id);
  }
  const directReports = new Map<string, string[]>();
  const membersIn = new Map<number, string[]>();
  for (const { id, directLeaderIds, departmentIds } of members.values()) {
    for (const leaderId of directLeaderIds) push(directReports, leaderId, id);
    for (const departmentId of departmentIds) push(membersIn, departmentId, id);
  }

  function activeOthers(ids: Iterable<string>, memberId: string): string[] {
    return [...new Set(ids)].filter((id) => id !== memberId && members.get(id)?.isActive === true);
  }

  return {
    managersOf(memberId) {
      const member = members.get(memberId);
      if (!member) return [];
      const direct = activeOthers(member.directLeaderIds, memberId);
      if (direct.length > 0) return direct;
      // WeCom's tree has no circles; a half-synced one might.
      const seen = new Set<number>();
      let level = member.departmentIds;
      while (level.length > 0) {
        const here = level.flatMap((id) => {
          const department = seen.has(id) ? undefined : departments.get(id);
          seen.add(id);
          return department ? [department] : [];
        });
        const leaders = activeOthers(
          here.flatMap(({ leaderIds }) => leaderIds),
          memberId,
        );
        if (leaders.length > 0) return leaders;
        level = here.map(({ parentId }) => parentId);
      }
      return [];
    },

    isManager(memberId) {
      const hasReports = directReports.get(memberId)?.some((id) => id !== memberId) ?? false;
      return hasReports || departmentsLed.has(memberId);
    },

    membersLedBy(managerId) {
      const led = new Set(directReports.get(managerId));
      const seen = new Set<number>();
      const waiting = [...(departmentsLed.get(managerId) ?? [])];
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        if (seen.has(id)) continue;
        seen.add(id);
        for (const memberId of membersIn.get(id) ?? []) led.add(memberId);
        waiting.push(...(children.get(id) ?? []));
      }
      led.delete(managerId);
      return [...led];
    },

    departmentsOf(memberIds) {
      const found = new Map<number, DepartmentMembers>();
      for (const memberId of memberIds) {
        const seen = new Set<number>();
        const waiting = [...(members.get(memberId)?.departmentIds ?? [])];
        for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
          const department = seen.has(id) ? undefined : departments.get(id);
          seen.add(id);
          if (!department) continue;
          const listed = found.get(id) ?? { id, name: department.name, memberIds: [] };
          listed.memberIds.push(memberId);
          found.set(id, listed);
          waiting.push(department.parentId);
        }
      }
      return [...found.values()];
    },
  };
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
