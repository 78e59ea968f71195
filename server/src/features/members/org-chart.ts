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
  /** Everybody in these departments and below them; null is the whole company. Also those who have left. */
  membersIn(departmentIds: readonly number[] | null): string[];
  /** Everybody who leads at least one department or one member. */
  managerIds(): string[];
  /** Two active managers of whom neither leads the other, those who lead most; nobody where there are no two. */
  managersOfTwoLines(): string[];
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

  /** Everybody in these departments and below them. */
  function membersBelow(departmentIds: readonly number[]): Set<string> {
    const found = new Set<string>();
    const seen = new Set<number>();
    const waiting = [...departmentIds];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      for (const memberId of membersIn.get(id) ?? []) found.add(memberId);
      waiting.push(...(children.get(id) ?? []));
    }
    return found;
  }

  function isManager(memberId: string): boolean {
    const hasReports = directReports.get(memberId)?.some((id) => id !== memberId) ?? false;
    return hasReports || departmentsLed.has(memberId);
  }

  const chart: OrgChart = {
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

    isManager,

    managerIds() {
      return [...new Set([...directReports.keys(), ...departmentsLed.keys()])].filter(isManager);
    },

    managersOfTwoLines() {
      const ids = chart.managerIds().filter((id) => members.get(id)?.isActive === true);
      const leaders = ids
        .map((id) => ({ id, led: new Set(chart.membersLedBy(id)) }))
        .sort((a, b) => b.led.size - a.led.size || (a.id < b.id ? -1 : 1));
      for (const [at, one] of leaders.entries()) {
        const other = leaders
          .slice(at + 1)
          .find(({ id, led }) => !one.led.has(id) && !led.has(one.id));
        if (other) return [one.id, other.id];
      }
      return [];
    },

    membersIn: (departmentIds) =>
      departmentIds ? [...membersBelow(departmentIds)] : [...members.keys()],

    membersLedBy(managerId) {
      const led = membersBelow(departmentsLed.get(managerId) ?? []);
      for (const memberId of directReports.get(managerId) ?? []) led.add(memberId);
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
  return chart;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
