import { setImmediate as nextTurn } from "node:timers/promises";
import { createGroupCommit } from "../../../server/src/platform/database/group-commit.ts";
import { insertNew } from "../../../server/src/platform/database/insert-new.ts";
import type { Database } from "../../../server/src/platform/database/database.ts";
import { acquireLease } from "../../../server/src/platform/jobs/lease.ts";
import { entities } from "../../../server/src/entities.ts";
import { emptyTables, forEachDatabase } from "../../support/test-database.ts";

const leaseRow = (name: string) => ({ name, owner: "t", fence: 0, until_ms: 0 });

async function leaseNames(database: Database): Promise<string[]> {
  const rows = await database.read.query<{ name: string }[]>(
    "SELECT name FROM lease ORDER BY name",
  );
  return rows.map(({ name }) => name);
}

forEachDatabase("database", (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open(entities);
  });
  beforeEach(() => emptyTables(database));

  it("keeps what was acknowledged when a transaction beside it rolls back", async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, i) =>
        database.write(async (tx) => {
          await insertNew(tx, "lease", "name", [leaseRow(`a${i}`)]);
          await nextTurn();
          await insertNew(tx, "lease", "name", [leaseRow(`b${i}`)]);
          if (i % 5 === 0) throw new Error("undo");
        }),
      ),
    );
    const expected = outcomes.flatMap(({ status }, i) =>
      status === "fulfilled" ? [`a${i}`, `b${i}`] : [],
    );
    expect(expected).toHaveLength(80);
    expect(await leaseNames(database)).toEqual(expected.sort());
  });

  it("shows readers nothing that is not committed", async () => {
    await database.write(async (tx) => {
      await insertNew(tx, "lease", "name", [leaseRow("pending")]);
      expect(await leaseNames(database)).toEqual([]);
    });
    expect(await leaseNames(database)).toEqual(["pending"]);
  });

  it("joins a write inside a write, and runs what waits for the commit after it", async () => {
    const order: string[] = [];
    await database.write(async () => {
      await database.write(async (tx) => {
        await insertNew(tx, "lease", "name", [leaseRow("inner")]);
        database.afterCommit(() => order.push("after"));
      });
      order.push("outer ends");
    });
    expect(order).toEqual(["outer ends", "after"]);

    const undone = database.write(async (tx) => {
      database.afterCommit(() => order.push("never"));
      await database.write(() => insertNew(tx, "lease", "name", [leaseRow("gone")]));
      throw new Error("undo");
    });
    await expect(undone).rejects.toThrow("undo");
    expect(order).toEqual(["outer ends", "after"]);
    expect(await leaseNames(database)).toEqual(["inner"]);
  });

  it("inserts only rows whose unique key is new, whole batches at a time", async () => {
    await database.write((tx) => insertNew(tx, "lease", "name", [leaseRow("x"), leaseRow("y")]));
    const many = Array.from({ length: 9000 }, (_, i) => leaseRow(`n${i}`));
    await database.write((tx) => insertNew(tx, "lease", "name", [leaseRow("x"), ...many]));
    expect(await leaseNames(database)).toHaveLength(9002);
  });

  it("compares ids by every byte: WeCom's external ids differ by case alone", async () => {
    await database.write((tx) =>
      insertNew(tx, "lease", "name", [leaseRow("wmA"), leaseRow("wma")]),
    );
    expect((await leaseNames(database)).sort()).toEqual(["wmA", "wma"]);
  });

  it("commits what arrives together at once, and fails only the faulty item", async () => {
    let commits = 0;
    const insert = createGroupCommit<string>(database, async (tx, names) => {
      commits += 1;
      if (names.includes("faulty")) throw new Error("refused");
      await insertNew(tx, "lease", "name", names.map(leaseRow));
    });
    await Promise.all(Array.from({ length: 150 }, (_, i) => insert(`g${i}`)));
    expect(commits).toBeLessThan(5);

    const outcomes = await Promise.allSettled([insert("good"), insert("faulty"), insert("fine")]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await leaseNames(database)).toHaveLength(152);
  });

  it("is as good as before when a full disk has undone transactions", async () => {
    if (database.dialect !== "sqlite") return;
    // The same error as on a full disk, after which SQLite undoes a transaction by itself.
    const limit = async (pages: number): Promise<void> => {
      await database.write((tx) => tx.query(`PRAGMA max_page_count = ${pages}`));
    };
    const overfill = (): Promise<void> =>
      database.write(async (tx) => {
        await tx.query("INSERT INTO wecom_token VALUES ('t', ?, 0, 0, NULL)", [
          Buffer.alloc(500_000),
        ]);
      });
    await limit(1);
    await expect(overfill()).rejects.toMatchObject({ code: "SQLITE_FULL" });
    const refused = database.write(() => Promise.reject(new Error("undo")));
    await expect(refused).rejects.toThrow("undo");
    await limit(1_000_000);
    await database.write((tx) => insertNew(tx, "lease", "name", [leaseRow("after")]));
    expect(await leaseNames(database)).toEqual(["after"]);
    await overfill();
  });

  it("tells its time within a minute of the node's", async () => {
    expect(Math.abs((await database.nowMs()) - Date.now())).toBeLessThan(60_000);
  });

  it("gives a lease to one process at a time, with a growing fence", async () => {
    const other = await open(entities);
    const first = await acquireLease(database, "puller", 60_000);
    expect(await acquireLease(other, "puller", 60_000)).toBeNull();
    expect(await first?.renew()).toBe(true);
    await first?.release();

    const second = await acquireLease(other, "puller", 60_000);
    expect(second?.fence).toBeGreaterThan(first?.fence ?? 0);
    expect(await first?.renew()).toBe(false);
  });
});
