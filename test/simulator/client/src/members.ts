import type { MemberView } from "../../client-contract.ts";

/** The main characters of the demo company: offered first where they exist. */
const FIRST_SALESPERSON = "chenli";
const FIRST_MANAGER = "zhangwei";

/** People who talk to customers, the main character first, then the busiest. */
export function salespeople(members: readonly MemberView[]): MemberView[] {
  return members
    .filter((member) => member.conversationCount > 0)
    .sort(
      (a, b) =>
        first(b, FIRST_SALESPERSON) - first(a, FIRST_SALESPERSON) ||
        Number(a.isLeader) - Number(b.isLeader) ||
        b.conversationCount - a.conversationCount,
    );
}

/** People who lead others, the main character first. */
export function managers(members: readonly MemberView[]): MemberView[] {
  return members
    .filter((member) => member.isLeader)
    .sort((a, b) => first(b, FIRST_MANAGER) - first(a, FIRST_MANAGER));
}

/** Members whose name, id, position or department contains the query, by department in the order given. */
export function groupByDepartment(
  members: readonly MemberView[],
  query: string,
): { department: string; members: MemberView[] }[] {
  const wanted = query.trim().toLowerCase();
  const groups = new Map<string, MemberView[]>();
  for (const member of members) {
    const text = `${member.name} ${member.id} ${member.position} ${member.department}`;
    if (!text.toLowerCase().includes(wanted)) continue;
    groups.set(member.department, [...(groups.get(member.department) ?? []), member]);
  }
  return Array.from(groups, ([department, list]) => ({ department, members: list }));
}

function first(member: MemberView, id: string): number {
  return Number(member.id === id);
}
