import type { Permission } from "#shared/contract/access";
import type { Database } from "../../platform/database/database.ts";
import type { Approvals } from "../approvals/approvals.service.ts";
import type { PermissionUse } from "../access/permission-use.ts";

/** Member → permission → when it was last used. Approving goes through one route for all, so it is read where it stands. */
export async function lastUses({
  database,
  permissionUse,
  approvals,
}: {
  database: Database;
  permissionUse: Pick<PermissionUse, "last">;
  approvals: Pick<Approvals, "permissionOf">;
}): Promise<(memberId: string, permission: Permission) => number | null> {
  const uses = new Map<string, number>();
  const note = (memberId: string, permission: string, atMs: number): void => {
    const key = `${memberId}\n${permission}`;
    uses.set(key, Math.max(atMs, uses.get(key) ?? 0));
  };
  for (const { memberId, permission, usedAtMs } of await permissionUse.last())
    note(memberId, permission, usedAtMs);
  const decided = await database.read.query<
    { member_id: string; kind: string; at_ms: string | number }[]
  >(
    `SELECT decided_by AS member_id, kind, MAX(decided_at_ms) AS at_ms FROM approval
     WHERE state IN ('approved', 'refused') GROUP BY decided_by, kind`,
  );
  for (const { member_id, kind, at_ms } of decided) {
    const permission = approvals.permissionOf(kind);
    if (permission) note(member_id, permission, Number(at_ms));
  }
  const read = await database.read.query<{ member_id: string; at_ms: string | number }[]>(
    "SELECT reader_id AS member_id, MAX(started_at_ms) AS at_ms FROM reading GROUP BY reader_id",
  );
  for (const { member_id, at_ms } of read) note(member_id, "conversation.read", Number(at_ms));
  return (memberId, permission) => uses.get(`${memberId}\n${permission}`) ?? null;
}

/** Whose chats each reader has opened or searched since then. */
export async function subjectsRead(
  database: Database,
  sinceMs: number,
): Promise<Map<string, Set<string>>> {
  const rows = await database.read.query<{ reader_id: string; member_id: string }[]>(
    `SELECT DISTINCT r.reader_id, s.member_id FROM reading_subject s
     JOIN reading r ON r.id = s.reading_id WHERE s.started_at_ms >= ?`,
    [sinceMs],
  );
  const found = new Map<string, Set<string>>();
  for (const { reader_id, member_id } of rows)
    found.set(reader_id, (found.get(reader_id) ?? new Set()).add(member_id));
  return found;
}
