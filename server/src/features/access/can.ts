import { permissions } from "#shared/contract/access";
import type { Permission, Role } from "#shared/contract/access";
import type { ErrorCode } from "#shared/errors";
import { roleTable } from "./role-table.ts";
import type { Reach } from "./role-table.ts";

/** A role that somebody has, and where. */
export interface HeldRole {
  role: Role;
  /** Departments with all below them; null is the whole company. Roles without such a reach have null. */
  departmentIds: readonly number[] | null;
  /** Of an emergency: whose chats it opens. */
  memberIds?: readonly string[];
}

/** Who asks. */
export interface Holder {
  memberId: string;
  roles: readonly HeldRole[];
}

/** What is to be done something with; what is left out does not matter to the decision. */
export interface AccessObject {
  /** Whose it is: one of them within reach is enough. */
  memberIds?: readonly string[];
  /** Who asked for what is now to be approved. */
  requestedBy?: string;
}

export interface AccessContext {
  /** Whether the role reaches one of these; asked only when the object is somebody's. */
  isWithin(held: HeldRole, memberIds: readonly string[]): boolean;
  /** The directory has not been read for a day: who leads whom, and who is still here, is not known any more. */
  isDirectoryStale: boolean;
}

export type Decision =
  | { isAllowed: true; by: HeldRole }
  | {
      isAllowed: false;
      reason: Extract<ErrorCode, "not_allowed" | "own_request" | "directory_stale">;
    };

const denied = (reason: Extract<Decision, { isAllowed: false }>["reason"]): Decision => ({
  isAllowed: false,
  reason,
});

/** The one decision on who may do what to whom, with its reason. Pure: it looks at nothing but what it is given. */
export function can(
  holder: Holder,
  permission: Permission,
  object: AccessObject,
  context: AccessContext,
): Decision {
  if (object.requestedBy === holder.memberId) return denied("own_request");
  const held = rolesWith(holder, permission);
  if (held.length === 0) return denied("not_allowed");
  const allowing = held.find(
    ({ role }) => object.memberIds === undefined || context.isWithin(role, object.memberIds),
  );
  if (!allowing) return denied("not_allowed");
  const isElevated = ["led", "granted", "named"].includes(allowing.reach);
  if (isElevated && context.isDirectoryStale) return denied("directory_stale");
  return { isAllowed: true, by: allowing.role };
}

/** The roles of the holder that have the permission, with how far it reaches. */
export function rolesWith(
  { roles }: Pick<Holder, "roles">,
  permission: Permission,
): { role: HeldRole; reach: Reach }[] {
  return roles.flatMap((held) => {
    const reach = roleTable[held.role][permission];
    return reach === undefined ? [] : [{ role: held, reach }];
  });
}

/** What the roles allow, over whomever. */
export function permissionsOf(roles: readonly HeldRole[]): Set<Permission> {
  return new Set(permissions.filter((one) => rolesWith({ roles }, one).length > 0));
}
