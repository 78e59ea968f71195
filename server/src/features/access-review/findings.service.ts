import { conflictWords } from "#shared/contract/grant";
import type { ConflictView } from "#shared/contract/grant";
import { permissions, roleNames } from "#shared/contract/access";
import type { Permission } from "#shared/contract/access";
import { findingNames, findingStateNames } from "#shared/contract/access-findings";
import type { Finding, Findings } from "#shared/contract/access-findings";
import { nameOfPermission } from "#shared/permission-names";
import type { Clock } from "../../platform/clock.ts";
import { toCsv } from "../../platform/csv.ts";
import type { Database } from "../../platform/database/database.ts";
import { formatShanghaiTime } from "../../platform/shanghai-day.ts";
import type { AccessGrant } from "../access/grant.entity.ts";
import type { PermissionUse } from "../access/permission-use.ts";
import type { ReviewedGrants } from "../access/reviewed-grants.ts";
import type { Reach } from "../access/role-table.ts";
import type { Approvals } from "../approvals/approvals.service.ts";
import type { Members } from "../members/members.service.ts";
import { lastUses, subjectsRead } from "./rights-in-use.ts";

/** Rights that nobody uses, that reach further than their holder works, or that should not be in one hand. */
export interface AccessFindings {
  list(days: number): Promise<Findings>;
  csv(days: number): Promise<string>;
}

interface Deps {
  database: Database;
  clock: Clock;
  grants: Pick<ReviewedGrants, "listActive">;
  conflicts: () => Promise<ConflictView[]>;
  reachOf: (role: AccessGrant["role"], permission: Permission) => Reach | undefined;
  permissionUse: Pick<PermissionUse, "sinceMs" | "last">;
  approvals: Pick<Approvals, "permissionOf">;
  members: Pick<Members, "find" | "namesOf" | "membersLedBy" | "membersIn">;
}

type Found = Omit<Finding, "memberName" | "state">;

const DAY_MS = 24 * 3600_000;
const ORDER = ["conflict", "dormant", "unused", "wide"] as const;

export function createAccessFindings(deps: Deps): AccessFindings {
  const { database, clock, grants, members, reachOf } = deps;

  const permissionsOf = (role: AccessGrant["role"]): Permission[] =>
    permissions.filter((one) => reachOf(role, one) !== undefined);

  /** The grants that somebody has already asked to end. */
  async function askedBack(): Promise<Set<string>> {
    const rows = await database.read.query<{ object_id: string }[]>(
      "SELECT object_id FROM approval WHERE kind = 'access.revoke' AND state = 'waiting' AND expires_at_ms > ?",
      [clock.now()],
    );
    return new Set(rows.map(({ object_id }) => object_id));
  }

  async function unusedOf(held: readonly AccessGrant[], days: number): Promise<Found[]> {
    const lastUse = await lastUses(deps);
    const fromMs = clock.now() - days * DAY_MS;
    return held.flatMap((grant): Found[] => {
      const { id, memberId, role, grantedAtMs } = grant;
      if (grantedAtMs > fromMs) return [];
      const isUsed = (one: Permission): boolean => (lastUse(memberId, one) ?? 0) >= fromMs;
      const all = permissionsOf(role);
      const acting = all.filter((one) => !one.endsWith(".read"));
      const about = { memberId, roles: [{ role, grantId: id }] };
      if (!all.some(isUsed)) {
        const last = Math.max(...all.map((one) => lastUse(memberId, one) ?? 0));
        const when = last === 0 ? "没有使用过" : `最后一次使用是 ${formatShanghaiTime(last)}`;
        const detail = `${days} 天内没有用过${roleNames[role]}的任何权限，${when}。`;
        return [{ ...about, kind: "dormant", detail, todo: "和本人确认，不再需要就申请收回。" }];
      }
      if (acting.length === 0 || acting.some(isUsed)) return [];
      const detail = `${days} 天内只看过，没有用过：${acting.map(nameOfPermission).join("、")}。`;
      return [
        { ...about, kind: "unused", detail, todo: "只需要查看的话，申请收回，改授更小的角色。" },
      ];
    });
  }

  async function wideOf(held: readonly AccessGrant[], days: number): Promise<Found[]> {
    const read = await subjectsRead(database, clock.now() - days * DAY_MS);
    const found: Found[] = [];
    for (const { id, memberId, role, departmentIds } of held) {
      if (!permissionsOf(role).some((one) => reachOf(role, one) === "granted")) continue;
      const [reached, led, beside] = await Promise.all([
        members.membersIn(departmentIds),
        members.membersLedBy(memberId),
        members.find(memberId).then((one) => members.membersIn(one?.departmentIds ?? [])),
      ]);
      const near = new Set([...led, ...beside, memberId]);
      const active = await Promise.all(reached.map((one) => members.find(one)));
      const reachable = active.flatMap((one) =>
        one?.isActive === true && one.id !== memberId ? [one.id] : [],
      );
      const outside = reachable.filter((one) => !near.has(one));
      if (outside.length === 0) continue;
      const seen = outside.filter((one) => read.get(memberId)?.has(one)).length;
      found.push({
        kind: "wide",
        memberId,
        roles: [{ role, grantId: id }],
        detail: `能看 ${reachable.length} 人的聊天，其中 ${outside.length} 人不在本人所在或所带的部门；近 ${days} 天看过其中 ${seen} 人。`,
        todo:
          seen === 0
            ? "重新申请，只选需要的部门；通过后原来的范围自动失效。"
            : "确认职责确实要跨部门；不需要就重新申请，只选需要的部门。",
      });
    }
    return found;
  }

  function conflictOf(held: readonly AccessGrant[], conflict: ConflictView): Found {
    const { memberId, roles, kind } = conflict;
    const grantOf = (role: string): string | null =>
      held.find((grant) => grant.memberId === memberId && grant.role === role)?.id ?? null;
    return {
      kind: "conflict",
      memberId,
      roles: roles.map((role) => ({ role, grantId: grantOf(role) })),
      detail: `${conflictWords[kind]}。`,
      todo: "选一个角色申请收回，换一个人担任。",
    };
  }

  const service: AccessFindings = {
    async list(days) {
      const [held, conflicts, sinceMs, asked] = await Promise.all([
        grants.listActive(),
        deps.conflicts(),
        deps.permissionUse.sinceMs(),
        askedBack(),
      ]);
      const isLongEnough = sinceMs !== null && sinceMs <= clock.now() - days * DAY_MS;
      const found = [
        ...conflicts.map((one) => ({ ...conflictOf(held, one), isAccepted: one.isAccepted })),
        ...(isLongEnough ? await unusedOf(held, days) : []),
        ...(await wideOf(held, days)),
      ];
      const names = await members.namesOf(found.map(({ memberId }) => memberId));
      const isAsked = ({ roles }: Pick<Finding, "roles">): boolean =>
        roles.some(({ grantId }) => grantId !== null && asked.has(grantId));
      const rows = found.map((one): Finding => {
        const isAccepted = "isAccepted" in one && one.isAccepted;
        const state = isAsked(one) ? "asked" : isAccepted ? "accepted" : "open";
        return { ...one, memberName: names.get(one.memberId) ?? one.memberId, state };
      });
      const rank = ({ kind }: Finding): number => ORDER.indexOf(kind);
      return { findings: rows.sort((a, b) => rank(a) - rank(b)), sinceMs, isLongEnough };
    },

    async csv(days) {
      const { findings, sinceMs, isLongEnough } = await service.list(days);
      const note = isLongEnough
        ? []
        : [
            [
              `使用记录从 ${sinceMs === null ? "现在" : formatShanghaiTime(sinceMs)} 开始，不足 ${days} 天，未列出长期未用的权限。`,
            ],
          ];
      return toCsv([
        ["类别", "成员", "账号", "角色", "情况", "怎么办", "状态"],
        ...findings.map((one) => [
          findingNames[one.kind],
          one.memberName,
          one.memberId,
          one.roles.map(({ role }) => roleNames[role]).join("、"),
          one.detail,
          one.todo,
          findingStateNames[one.state],
        ]),
        ...note,
      ]);
    },
  };
  return service;
}
