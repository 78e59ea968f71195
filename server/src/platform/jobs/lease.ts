import { randomUUID } from "node:crypto";
import type { EntityManager } from "typeorm";
import type { Database } from "../database/database.ts";
import { insertNew } from "../database/insert-new.ts";

/** The right to be the only one; `fence` grows with each holder and goes into what the holder writes. */
export interface Lease {
  fence: number;
  /** Prolongs by the same time; false when another process has taken over. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

/** Takes the lease `name` for `ttlMs`, or returns null while another holds it. Times are the database's. */
export async function acquireLease(
  database: Database,
  name: string,
  ttlMs: number,
): Promise<Lease | null> {
  const owner = randomUUID();
  const fence = await database.write(async (tx) => {
    const nowMs = await database.nowMs(tx);
    await insertNew(tx, "lease", "name", [{ name, owner: "", fence: 0, until_ms: 0 }]);
    await tx.query(
      "UPDATE lease SET owner = ?, fence = fence + 1, until_ms = ? WHERE name = ? AND until_ms < ?",
      [owner, nowMs + ttlMs, name, nowMs],
    );
    const [row] = await tx.query<{ owner: string; fence: string | number }[]>(
      "SELECT owner, fence FROM lease WHERE name = ?",
      [name],
    );
    return row?.owner === owner ? Number(row.fence) : null;
  });
  if (fence === null) return null;

  const setUntil = async (ms: number): Promise<boolean> =>
    await database.write(async (tx) => {
      const nowMs = await database.nowMs(tx);
      await tx.query("UPDATE lease SET until_ms = ? WHERE name = ? AND owner = ?", [
        nowMs + ms,
        name,
        owner,
      ]);
      const [row] = await tx.query<{ owner: string }[]>("SELECT owner FROM lease WHERE name = ?", [
        name,
      ]);
      return row?.owner === owner;
    });
  return {
    fence,
    renew: () => setUntil(ttlMs),
    release: async () => {
      await setUntil(-1);
    },
  };
}

/**
 * For a change that the holder of the lease `name` must not overlook: waits for the transaction in which it renews,
 * and keeps its next renewal waiting until the caller's transaction has ended.
 */
export async function blockLease(tx: EntityManager, name: string): Promise<void> {
  await insertNew(tx, "lease", "name", [{ name, owner: "", fence: 0, until_ms: 0 }]);
  await tx.query("UPDATE lease SET fence = fence WHERE name = ?", [name]);
}
