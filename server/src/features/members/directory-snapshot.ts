import type { EntityManager } from "typeorm";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { VaultSealedError } from "../../platform/vault/keyring.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Department, Member } from "./member.ts";
import { DepartmentRow, MemberRow } from "./member.entity.ts";
import { openProfile } from "./member-profile.ts";
import { createOrgChart } from "./org-chart.ts";
import type { OrgChart } from "./org-chart.ts";

/** The whole directory, opened, at one moment. */
export interface DirectorySnapshot {
  members: ReadonlyMap<string, Member>;
  departments: ReadonlyMap<number, Department>;
  chart: OrgChart;
  /** When the sync that it comes from began to read; null before the first one. */
  syncedAtMs: number | null;
}

/**
 * Keeps the directory in memory: nearly every request asks it, and it changes a few times a day. Every few
 * seconds it is compared with the table, since another process may have synced.
 */
export interface DirectorySnapshots {
  current(): Promise<DirectorySnapshot>;
  /** The next `current` reads anew. */
  forget(): void;
}

const CHECK_EVERY_MS = 3_000;

export function createDirectorySnapshots({
  database,
  vault,
  clock,
}: {
  database: Database;
  vault: Vault;
  clock: Clock;
}): DirectorySnapshots {
  let held: { snapshot: DirectorySnapshot; version: string } | undefined;
  let checkAgainAtMs = 0;
  let loading: Promise<DirectorySnapshot> | undefined;
  let generation = 0;

  async function load(): Promise<DirectorySnapshot> {
    const mine = generation;
    // Read before the rows: a sync that comes between is found at the next check.
    const { version, syncedAtMs } = await readVersion(database.read);
    if (held?.version === version) {
      if (mine === generation) checkAgainAtMs = clock.now() + CHECK_EVERY_MS;
      return held.snapshot;
    }
    const [memberRows, departmentRows] = await Promise.all([
      database.read.find(MemberRow),
      database.read.find(DepartmentRow),
    ]);
    const { members, isSealed } = await openMembers(vault, memberRows);
    const departments = new Map<number, Department>(departmentRows.map((row) => [row.id, row]));
    const chart = createOrgChart(members, departments);
    const snapshot = { members, departments, chart, syncedAtMs };
    if (mine === generation && !isSealed) {
      held = { snapshot, version };
      checkAgainAtMs = clock.now() + CHECK_EVERY_MS;
    }
    return snapshot;
  }

  return {
    async current() {
      if (held && clock.now() < checkAgainAtMs) return held.snapshot;
      if (!loading) {
        const started = load().finally(() => {
          if (loading === started) loading = undefined;
        });
        loading = started;
      }
      return await loading;
    },
    forget() {
      generation += 1;
      held = undefined;
      loading = undefined;
    },
  };
}

/** Changes with every sync and with every member that was added or switched on or off in between. */
export async function readVersion(
  manager: EntityManager,
): Promise<{ version: string; syncedAtMs: number | null }> {
  const [row] = await manager.query<Record<string, string | number | null>[]>(
    "SELECT MAX(synced_at_ms) AS synced, COUNT(*) AS members, SUM(is_active) AS active FROM member",
  );
  const syncedAtMs = Number(row?.["synced"] ?? 0);
  return {
    version: `${syncedAtMs}/${row?.["members"] ?? 0}/${row?.["active"] ?? 0}`,
    syncedAtMs: syncedAtMs > 0 ? syncedAtMs : null,
  };
}

/** While the vault is sealed an administrator can still come in and see why: everybody goes by the id. */
async function openMembers(
  vault: Vault,
  rows: readonly MemberRow[],
): Promise<{ members: Map<string, Member>; isSealed: boolean }> {
  const members = new Map<string, Member>();
  let isSealed = false;
  for (const row of rows) {
    const member = await toMember(vault, row).catch((error: unknown) => {
      if (!(error instanceof VaultSealedError)) throw error;
      isSealed = true;
      const { id, departmentIds, directLeaderIds, isActive } = row;
      return { id, name: id, position: "", departmentIds, directLeaderIds, isActive };
    });
    members.set(row.id, member);
  }
  return { members, isSealed };
}

async function toMember(vault: Vault, row: MemberRow): Promise<Member> {
  const { name, position } = await openProfile(vault, row.id, row.profile);
  const { id, departmentIds, directLeaderIds, isActive } = row;
  return { id, name, position, departmentIds, directLeaderIds, isActive };
}
