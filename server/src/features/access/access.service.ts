import type { GrantableRole, Permission } from "#shared/contract/access";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import type { Members } from "../members/members.service.ts";
import { can, permissionsOf, rolesWith } from "./can.ts";
import type { AccessContext, AccessObject, Decision, HeldRole, Holder } from "./can.ts";
import { AccessGrant } from "./grant.entity.ts";
import type { Reach } from "./role-table.ts";

export interface Standing {
  roles: readonly HeldRole[];
  permissions: ReadonlySet<Permission>;
}

/** Who may do what, by the grants and the directory as they are now. */
export interface Access {
  /** The roles that a member has: by the directory, by grants, and as founding administrator. */
  standingOf(memberId: string): Promise<Standing>;
  decide(holder: Holder, permission: Permission, object: AccessObject): Promise<Decision>;
  /** Throws the reason when it is not allowed. */
  demand(holder: Holder, permission: Permission, object: AccessObject): Promise<void>;
  /**
   * Everybody over whom the member has the permission, never the member: what a list is filtered by in SQL. Throws
   * `directory_stale`: an empty list would say that there is nothing.
   */
  membersWithin(memberId: string, permission: Permission): Promise<string[]>;
  /** The roles that a member holds by the settings alone, as nobody has been given them. */
  foundingRolesOf(memberId: string): Promise<GrantableRole[]>;
  /** Active members who were given a role that has the permission over this member. */
  grantedOver(memberId: string, permission: Permission): Promise<string[]>;
  /** Active members who have the permission, over whomever. */
  holdersOf(permission: Permission): Promise<string[]>;
}

interface Deps {
  database: Database;
  clock: Clock;
  members: Pick<
    Members,
    "find" | "isManager" | "membersLedBy" | "membersIn" | "managerIds" | "lastSyncedAtMs"
  >;
  /** From the settings: they administer until others have been appointed. */
  adminMemberIds: readonly string[];
  /** Roles for some hours, such as an emergency's. */
  passingRolesOf?: (memberId: string) => Promise<readonly HeldRole[]>;
}

/** Roles that the administrators of the settings hold while nobody else does, so that a company can begin. */
const FOUNDING_ROLES: readonly GrantableRole[] = ["system_admin", "security_admin"];
const STALE_MS = 24 * 3600_000;

export function createAccess(deps: Deps): Access {
  const { database, clock, members, adminMemberIds } = deps;
  async function activeGrants(): Promise<AccessGrant[]> {
    return await database.read.findBy(AccessGrant, { state: "active" });
  }

  /** Of the founding roles those that no active member has been given. */
  async function vacantRoles(grants: readonly AccessGrant[]): Promise<GrantableRole[]> {
    const vacant: GrantableRole[] = [];
    for (const role of FOUNDING_ROLES) {
      const holders = grants.filter((grant) => grant.role === role);
      const found = await Promise.all(holders.map(({ memberId }) => members.find(memberId)));
      if (!found.some((member) => member?.isActive)) vacant.push(role);
    }
    return vacant;
  }

  const isFounder = (memberId: string): boolean => adminMemberIds.includes(memberId.toLowerCase());

  async function isStale(): Promise<boolean> {
    const syncedAtMs = await members.lastSyncedAtMs();
    return syncedAtMs === null || clock.now() - syncedAtMs > STALE_MS;
  }

  /** Everybody within reach of one role. */
  async function reached(memberId: string, held: HeldRole, reach: Reach): Promise<string[]> {
    switch (reach) {
      case "own":
        return [memberId];
      case "led":
        return await members.membersLedBy(memberId);
      case "granted":
        return await members.membersIn(held.departmentIds);
      case "named":
        return [...(held.memberIds ?? [])];
      case "company":
        return await members.membersIn(null);
    }
  }

  async function within(holder: Holder, permission: Permission): Promise<Map<HeldRole, string[]>> {
    const reachedBy = new Map<HeldRole, string[]>();
    for (const { role, reach } of rolesWith(holder, permission)) {
      reachedBy.set(role, await reached(holder.memberId, role, reach));
    }
    return reachedBy;
  }

  const access: Access = {
    async standingOf(memberId) {
      const grants = await activeGrants();
      const own = grants.filter((grant) => grant.memberId === memberId);
      const founding = isFounder(memberId) ? await vacantRoles(grants) : [];
      const roles: HeldRole[] = [
        { role: "salesperson", departmentIds: null },
        ...((await members.isManager(memberId))
          ? [{ role: "team_lead", departmentIds: null } as const]
          : []),
        ...own.map(({ role, departmentIds }) => ({ role, departmentIds })),
        ...founding.map((role) => ({ role, departmentIds: null })),
        ...((await deps.passingRolesOf?.(memberId)) ?? []),
      ];
      return { roles, permissions: permissionsOf(roles) };
    },

    async decide(holder, permission, object) {
      const reachedBy = await within(holder, permission);
      const context: AccessContext = {
        isWithin: (held, memberIds) =>
          memberIds.some((id) => reachedBy.get(held)?.includes(id) === true),
        isDirectoryStale: await isStale(),
      };
      return can(holder, permission, object, context);
    },

    async demand(holder, permission, object) {
      const decision = await access.decide(holder, permission, object);
      if (!decision.isAllowed) throw new AppError(decision.reason);
    },

    async membersWithin(memberId, permission) {
      if (await isStale()) throw new AppError("directory_stale");
      const { roles } = await access.standingOf(memberId);
      const ids = new Set([...(await within({ memberId, roles }, permission)).values()].flat());
      ids.delete(memberId);
      return [...ids];
    },

    async foundingRolesOf(memberId) {
      return isFounder(memberId) ? await vacantRoles(await activeGrants()) : [];
    },

    async grantedOver(memberId, permission) {
      const holders: string[] = [];
      for (const { memberId: holderId, role, departmentIds } of await activeGrants()) {
        if (holderId === memberId || (await members.find(holderId))?.isActive !== true) continue;
        const reached = await within(
          { memberId: holderId, roles: [{ role, departmentIds }] },
          permission,
        );
        if ([...reached.values()].flat().includes(memberId)) holders.push(holderId);
      }
      return [...new Set(holders)];
    },

    async holdersOf(permission) {
      const grants = await activeGrants();
      const candidates = new Set([
        ...grants.map(({ memberId }) => memberId),
        ...adminMemberIds,
        ...(await members.managerIds()),
      ]);
      const holders: string[] = [];
      for (const id of candidates) {
        const isActive = (await members.find(id))?.isActive === true;
        if (isActive && (await access.standingOf(id)).permissions.has(permission)) holders.push(id);
      }
      return holders;
    },
  };
  return access;
}
