import type { Permission, Role } from "#shared/contract/access";
import { SMALL_COMPANY } from "#shared/contract/grant";
import type { ConflictKind } from "#shared/contract/grant";
import { roleTable } from "./role-table.ts";

export interface Conflict {
  kind: ConflictKind;
  roles: Role[];
  /** A small company may accept it, with a second person's approval and on record. */
  isAcceptable: boolean;
}

const ADMINISTRATORS: readonly Role[] = ["system_admin", "security_admin", "auditor"];
const GRANTING: readonly Permission[] = ["access.request", "access.approve"];

/**
 * What one person must not hold together. Where there are too few people for three administrators, two roles may be
 * accepted, but never with the auditor's: who looks at what was done must not be the one who did it.
 */
export function conflictsOf(held: readonly Role[], activeMembers: number): Conflict[] {
  const roles = [...new Set(held)].filter((role) => role !== "salesperson");
  const isAuditor = roles.includes("auditor");
  const isAcceptable = activeMembers < SMALL_COMPANY && roles.length <= 2 && !isAuditor;
  const administrators = roles.filter((role) => ADMINISTRATORS.includes(role));
  const acting = roles.filter((role) => !ADMINISTRATORS.includes(role) && acts(role));
  const reading = roles.filter((role) => roleTable[role]["conversation.read"] !== undefined);
  const granting = roles.filter((role) => GRANTING.some((one) => roleTable[role][one]));
  const conflicts: Conflict[] = [];
  if (administrators.length > 1)
    conflicts.push({ kind: "administrators", roles: administrators, isAcceptable });
  if (isAuditor && acting.length > 0)
    conflicts.push({ kind: "auditor_acts", roles: ["auditor", ...acting], isAcceptable });
  if (reading.length > 0 && granting.length > 0)
    conflicts.push({ kind: "reader_grants", roles: [...reading, ...granting], isAcceptable });
  return conflicts;
}

/** Whether the role allows more than to look. */
function acts(role: Role): boolean {
  return Object.keys(roleTable[role]).some((permission) => !permission.endsWith(".read"));
}
