import type { EntityManager } from "typeorm";
import { In, Not } from "typeorm";
import type { Vault } from "../../platform/vault/vault.ts";
import type {
  Department as WecomDepartment,
  Directory,
  Member as WecomMember,
} from "../../wecom/directory.ts";
import type { Department } from "./member.ts";
import { readVersion } from "./directory-snapshot.ts";
import { DepartmentRow, MemberRow } from "./member.entity.ts";
import { sealProfile } from "./member-profile.ts";

export interface PulledDirectory {
  departments: Department[];
  members: WecomMember[];
}

/** Nobody at all is never the truth but a lost permission; acting on it would lock everybody out. */
export class EmptyDirectoryError extends Error {
  override name = "EmptyDirectoryError";
}

/** WeCom allows more; a sync is in no hurry. */
const PARALLEL_CALLS = 4;
const ROWS_A_STATEMENT = 500;

/** The departments and members that the app may see. One answer that fails fails the whole. */
export async function pullDirectory(directory: Directory): Promise<PulledDirectory> {
  const departments = await directory.listDepartments();
  const members = new Map<string, WecomMember>();
  for (let from = 0; from < departments.length; from += PARALLEL_CALLS) {
    const some = departments.slice(from, from + PARALLEL_CALLS);
    const lists = await Promise.all(some.map(({ id }) => directory.listMembersOf(id)));
    // Whoever is in several departments comes several times, each time complete.
    for (const member of lists.flat()) members.set(member.id, member);
  }
  const all = [...members.values()];
  if (!all.some(({ isActive }) => isActive)) throw new EmptyDirectoryError("no member is visible");
  return { departments: departments.map((one) => withAllLeaders(one, all)), members: all };
}

/** A leader may stand at the department, at the member, or at both. */
function withAllLeaders(department: WecomDepartment, members: WecomMember[]): Department {
  const { id, name, parentId } = department;
  const leaders = members.filter(({ isLeaderIn }) => isLeaderIn.includes(id));
  return {
    id,
    name,
    parentId,
    leaderIds: [...new Set([...department.leaderIds, ...leaders.map((leader) => leader.id)])],
  };
}

/**
 * Makes the tables equal to `pulled` and returns who has left and who has moved with it, so that the caller can
 * end or question their rights in the same transaction. Null: a sync that began to read later was here first.
 */
export async function storeDirectory(
  tx: EntityManager,
  vault: Vault,
  pulled: PulledDirectory,
  startedAtMs: number,
): Promise<{ leaverIds: string[]; moverIds: string[] } | null> {
  const { syncedAtMs } = await readVersion(tx);
  if (syncedAtMs !== null && syncedAtMs >= startedAtMs) return null;
  const known = await tx.find(MemberRow, {
    select: { id: true, isActive: true, departmentIds: true },
  });
  const activeIds = new Set(pulled.members.filter((one) => one.isActive).map(({ id }) => id));
  const leaverIds = known.filter((one) => one.isActive && !activeIds.has(one.id)).map((m) => m.id);
  for (let from = 0; from < leaverIds.length; from += ROWS_A_STATEMENT) {
    const ids = leaverIds.slice(from, from + ROWS_A_STATEMENT);
    await tx.update(MemberRow, { id: In(ids) }, { isActive: false });
  }
  const departmentsBefore = new Map(known.map((one) => [one.id, one.departmentIds]));
  const moverIds = pulled.members
    .filter(({ id, isActive, departmentIds }) => {
      const before = departmentsBefore.get(id);
      return isActive && before !== undefined && !isSameSet(before, departmentIds);
    })
    .map(({ id }) => id);
  await storeMembers(tx, vault, pulled.members, startedAtMs);
  await storeDepartments(tx, pulled.departments, startedAtMs);
  return { leaverIds, moverIds };
}

function isSameSet(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}

export async function storeMembers(
  tx: EntityManager,
  vault: Vault,
  members: readonly WecomMember[],
  syncedAtMs: number,
): Promise<void> {
  const sealer = await vault.sealerFor(
    tx,
    members.map(({ id }) => id),
  );
  const rows = members.map((member) => ({
    id: member.id,
    profile: sealProfile(sealer, member.id, member),
    departmentIds: member.departmentIds,
    directLeaderIds: member.directLeaderIds,
    isActive: member.isActive,
    syncedAtMs,
  }));
  for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
    await tx.upsert(MemberRow, rows.slice(from, from + ROWS_A_STATEMENT), ["id"]);
  }
}

async function storeDepartments(
  tx: EntityManager,
  departments: readonly Department[],
  syncedAtMs: number,
): Promise<void> {
  const rows = departments.map((department) => ({ ...department, syncedAtMs }));
  await tx.delete(DepartmentRow, { id: Not(In(rows.map(({ id }) => id))) });
  for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
    await tx.upsert(DepartmentRow, rows.slice(from, from + ROWS_A_STATEMENT), ["id"]);
  }
}
