import type { EntityManager } from "typeorm";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { AppError } from "../../platform/http/app-error.ts";
import type { Effect, Jobs } from "../../platform/jobs/jobs.ts";
import type { Logger } from "../../platform/log.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Directory, Member as WecomMember } from "../../wecom/directory.ts";
import { WecomError } from "../../wecom/wecom-error.ts";
import { createDirectorySnapshots, readVersion } from "./directory-snapshot.ts";
import { pullDirectory, storeDirectory, storeMembers } from "./directory-sync.ts";
import type { Department, Member } from "./member.ts";
import { MemberRow } from "./member.entity.ts";
import type { DepartmentMembers } from "./org-chart.ts";

export type { Member } from "./member.ts";

export interface Members {
  /** Reads WeCom's directory; the effect makes the tables equal to it and ends the sessions of who has left. */
  sync(): Promise<Effect>;
  /** Enqueues a sync for the end of the running ten seconds, so that many changes cost one. */
  requestSync(tx: EntityManager): Promise<void>;
  /** When the newest sync began; null before the first one. */
  lastSyncedAtMs(): Promise<number | null>;
  find(memberId: string): Promise<Member | undefined>;
  /** Throws `not_found`. */
  get(memberId: string): Promise<Member>;
  /**
   * Like `find`, but asks WeCom about somebody who is unknown or inactive here: an ordinary app is not told
   * of new members. Undefined when WeCom does not show them to the app.
   */
  findFresh(memberId: string): Promise<Member | undefined>;
  /** Somebody has left: inactive and signed out with the caller's transaction. */
  deactivate(tx: EntityManager, memberId: string): Promise<void>;
  listActive(): Promise<Member[]>;
  departments(): Promise<Department[]>;
  /** Ids that nobody has are missing from the answer. */
  namesOf(memberIds: Iterable<string>): Promise<Map<string, string>>;
  /** Ids of those whose name holds the text, at most a hundred. */
  findByName(text: string): Promise<string[]>;
  /** Those who answer for the member, nearest first found; see `OrgChart`. */
  managersOf(memberId: string): Promise<string[]>;
  isManager(memberId: string): Promise<boolean>;
  membersLedBy(managerId: string): Promise<string[]>;
  membersIn(departmentIds: readonly number[] | null): Promise<string[]>;
  managerIds(): Promise<string[]>;
  managersOfTwoLines(): Promise<string[]>;
  /** Departments, and members who have not left, for choosing among them. */
  directory(): Promise<DirectoryNames>;
  /** Where these members are, from their own departments up to the root; see `OrgChart`. */
  departmentsOf(memberIds: readonly string[]): Promise<DepartmentMembers[]>;
}

export interface DirectoryNames {
  departments: { id: number; parentId: number; name: string }[];
  members: { id: string; name: string }[];
}

interface Deps {
  database: Database;
  vault: Vault;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  directory: Directory;
  /** Whoever has left loses sessions and rights in the same transaction. */
  onLeft: (tx: EntityManager, memberIds: readonly string[]) => Promise<void>;
  /** They work in other departments than before. */
  onMoved: (tx: EntityManager, memberIds: readonly string[]) => Promise<void>;
}

export const MEMBERS_SYNC = "members.sync";

const MAX_FOUND = 100;
const SYNC_WINDOW_MS = 10_000;
/** No such member; outside of what the app may see; not an id at all. */
const NOT_VISIBLE = new Set([60111, 60011, 40003]);

export function createMembers(deps: Deps): Members {
  const { database, vault, directory, log } = deps;
  const snapshots = createDirectorySnapshots(deps);

  async function pullMember(memberId: string): Promise<WecomMember | undefined> {
    try {
      return await directory.getMember(memberId);
    } catch (error) {
      if (error instanceof WecomError && NOT_VISIBLE.has(error.errcode)) return undefined;
      throw error;
    }
  }

  const members: Members = {
    async sync() {
      const startedAtMs = await database.nowMs();
      const pulled = await pullDirectory(directory);
      return async (tx) => {
        const stored = await storeDirectory(tx, vault, pulled, startedAtMs);
        if (!stored) return;
        await deps.onLeft(tx, stored.leaverIds);
        await deps.onMoved(tx, stored.moverIds);
        database.afterCommit(() => {
          snapshots.forget();
          const left = stored.leaverIds.length;
          log.info({ members: pulled.members.length, left }, "directory synced");
        });
      };
    },

    async requestSync(tx) {
      const slot = Math.floor((await database.nowMs(tx)) / SYNC_WINDOW_MS) + 1;
      const options = { dedupe: `${MEMBERS_SYNC}:${slot}`, runAtMs: slot * SYNC_WINDOW_MS };
      await deps.jobs.enqueue(tx, MEMBERS_SYNC, {}, options);
    },

    async lastSyncedAtMs() {
      return (await snapshots.current()).syncedAtMs;
    },

    async find(memberId) {
      return (await snapshots.current()).members.get(memberId);
    },

    async get(memberId) {
      const member = await members.find(memberId);
      if (!member) throw new AppError("not_found");
      return member;
    },

    async findFresh(memberId) {
      const known = await members.find(memberId);
      if (known?.isActive === true) return known;
      const pulled = await pullMember(memberId);
      if (!pulled?.isActive) return known;
      await database.write(async (tx) => {
        // Not a sync: its time must not outrank one that is under way.
        const { syncedAtMs } = await readVersion(tx);
        await storeMembers(tx, vault, [pulled], syncedAtMs ?? 0);
        await members.requestSync(tx);
        database.afterCommit(() => snapshots.forget());
      });
      return await members.find(memberId);
    },

    async deactivate(tx, memberId) {
      await tx.update(MemberRow, { id: memberId }, { isActive: false });
      await deps.onLeft(tx, [memberId]);
      database.afterCommit(() => snapshots.forget());
    },

    async listActive() {
      return [...(await snapshots.current()).members.values()].filter(({ isActive }) => isActive);
    },

    async departments() {
      return [...(await snapshots.current()).departments.values()];
    },

    async namesOf(memberIds) {
      const known = (await snapshots.current()).members;
      const names = new Map<string, string>();
      for (const id of memberIds) {
        const name = known.get(id)?.name;
        if (name !== undefined) names.set(id, name);
      }
      return names;
    },

    async findByName(text) {
      const known = [...(await snapshots.current()).members];
      return known
        .filter(([, { name }]) => name.includes(text))
        .slice(0, MAX_FOUND)
        .map(([id]) => id);
    },

    async managersOf(memberId) {
      return (await snapshots.current()).chart.managersOf(memberId);
    },

    async isManager(memberId) {
      return (await snapshots.current()).chart.isManager(memberId);
    },

    async membersLedBy(managerId) {
      return (await snapshots.current()).chart.membersLedBy(managerId);
    },

    async membersIn(departmentIds) {
      return (await snapshots.current()).chart.membersIn(departmentIds);
    },

    async managerIds() {
      return (await snapshots.current()).chart.managerIds();
    },

    async directory() {
      const active = await members.listActive();
      const departments = await members.departments();
      return {
        departments: departments.map(({ id, parentId, name }) => ({ id, parentId, name })),
        members: active.map(({ id, name }) => ({ id, name })),
      };
    },

    async managersOfTwoLines() {
      return (await snapshots.current()).chart.managersOfTwoLines();
    },

    async departmentsOf(memberIds) {
      return (await snapshots.current()).chart.departmentsOf(memberIds);
    },
  };
  return members;
}
