import type { Permission } from "#shared/contract/access";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import type { Logger } from "../../platform/log.ts";

/** When somebody last did what a permission allows, exact to the day: to find rights that nobody uses. */
export interface PermissionUse {
  note(memberId: string, permission: Permission): Promise<void>;
  /** Since when uses are kept; null before the first. */
  sinceMs(): Promise<number | null>;
  last(): Promise<{ memberId: string; permission: string; usedAtMs: number }[]>;
}

const DAY_MS = 24 * 3600_000;
/** Stands for the beginning, beside the uses. */
const BEGINNING = { memberId: "", permission: "beginning" } as const;

export function createPermissionUse({
  database,
  clock,
  log,
}: {
  database: Database;
  clock: Clock;
  log: Logger;
}): PermissionUse {
  /** What this process has written today. */
  let today = -1;
  const written = new Set<string>();

  async function write(memberId: string, permission: string, usedAtMs: number): Promise<void> {
    await database.write(async (tx) => {
      const of = (one: { memberId: string; permission: string }) => ({
        member_id: one.memberId,
        permission: one.permission,
        used_at_ms: usedAtMs,
      });
      const rows = [of(BEGINNING), of({ memberId, permission })];
      await insertNew(tx, "permission_use", "member_id", rows);
      await tx.query(
        "UPDATE permission_use SET used_at_ms = ? WHERE member_id = ? AND permission = ? AND used_at_ms < ?",
        [usedAtMs, memberId, permission, usedAtMs],
      );
    });
  }

  async function rows() {
    const found = await database.read.query<
      { member_id: string; permission: string; used_at_ms: string | number }[]
    >("SELECT member_id, permission, used_at_ms FROM permission_use");
    return found.map((row) => ({
      memberId: row.member_id,
      permission: row.permission,
      usedAtMs: Number(row.used_at_ms),
    }));
  }

  return {
    async note(memberId, permission) {
      // Everybody has it, and it says nothing.
      if (permission === "own.use") return;
      const nowMs = clock.now();
      const day = Math.floor(nowMs / DAY_MS);
      if (day !== today) written.clear();
      today = day;
      const key = `${memberId}\n${permission}`;
      if (written.has(key)) return;
      written.add(key);
      try {
        await write(memberId, permission, nowMs);
      } catch (error) {
        // What the person wants to do does not hang on it; the next use writes again.
        written.delete(key);
        log.warn({ err: error }, "the use of a permission could not be noted");
      }
    },

    async sinceMs() {
      const beginning = (await rows()).find(({ memberId }) => memberId === BEGINNING.memberId);
      return beginning?.usedAtMs ?? null;
    },

    last: async () => (await rows()).filter(({ memberId }) => memberId !== BEGINNING.memberId),
  };
}
