import { createCallBudget } from "../../../../server/src/features/archive/call-budget.ts";
import type { CallBudget } from "../../../../server/src/features/archive/call-budget.ts";
import { CallBudgetRow } from "../../../../server/src/features/archive/call-budget.entity.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";

const never = new AbortController().signal;

forEachDatabase("the call budget", (open) => {
  let database: Database;
  let other: Database;
  let nowMs = 0;
  let waits: number[] = [];

  beforeAll(async () => {
    database = await open([CallBudgetRow]);
    other = await open([CallBudgetRow]);
  });

  beforeEach(async () => {
    await emptyTables(database);
    nowMs = 1_000_000;
    waits = [];
  });

  /** Counts as used up when it would have to wait. */
  const budget = (over: Database, callsPerMinute: number, share = 1): CallBudget =>
    createCallBudget({
      database: over,
      clock: { now: () => nowMs },
      name: "archive:test",
      callsPerMinute,
      share,
      wait: (ms) => {
        // A collision with the other process is over at once.
        if (ms <= 1) return Promise.resolve();
        waits.push(ms);
        return Promise.reject(new Error("used up"));
      },
    });

  async function drain(taker: CallBudget): Promise<number> {
    for (let taken = 0; ; taken += 1) {
      const isTaken = await taker.take(never).then(
        () => true,
        () => false,
      );
      if (!isTaken) return taken;
    }
  }

  it("is one for two processes, at once or one after the other", async () => {
    const taken = await Promise.all([drain(budget(database, 100)), drain(budget(other, 100))]);
    expect(taken[0] + taken[1]).toBe(100);
    expect(await drain(budget(other, 100))).toBe(0);
    // A chunk may be used until five seconds after it was taken, and a minute must lie behind all of it.
    expect(Math.min(...waits)).toBeGreaterThan(50_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(65_000);
  });

  it("comes back after its minute", async () => {
    await drain(budget(database, 40));
    await database.write(async (tx) => {
      const row = await tx.findOneByOrFail(CallBudgetRow, { name: "archive:test" });
      await tx.update(
        CallBudgetRow,
        { name: row.name },
        { starts: row.starts.map((at) => at - 66_000) },
      );
    });
    expect(await drain(budget(database, 40))).toBe(40);
  });

  it("keeps the rest for others when only a part may be used", async () => {
    expect(await drain(budget(database, 200, 0.5))).toBe(100);
    expect(await drain(budget(other, 200))).toBe(100);
  });

  it("is not used up by servers that look once a second: half is left for ranges pulled again", async () => {
    const servers = [budget(database, 600), budget(other, 600)];
    for (let second = 0; second < 65; second += 1) {
      for (const server of servers) await server.take(never);
      nowMs += 1000;
    }
    expect(await drain(budget(database, 600, 0.5))).toBeGreaterThan(100);
  });

  it("loses calls that are not made in time", async () => {
    const taker = budget(database, 40);
    await taker.take(never);
    nowMs += 5_000;
    expect(await drain(taker)).toBe(35);
  });

  it("ends the waiting when asked to", async () => {
    await drain(budget(database, 20));
    const stop = new AbortController();
    const waiting = createCallBudget({
      database,
      clock: { now: () => nowMs },
      name: "archive:test",
      callsPerMinute: 20,
    }).take(stop.signal);
    stop.abort();
    await expect(waiting).rejects.toThrow(/abort/i);
  });
});
