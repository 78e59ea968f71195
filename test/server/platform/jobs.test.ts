import { pino } from "pino";
import { z } from "zod";
import { insertNew } from "../../../server/src/platform/database/insert-new.ts";
import { createJobs } from "../../../server/src/platform/jobs/jobs.ts";
import { Job } from "../../../server/src/platform/jobs/job.entity.ts";
import type { Jobs } from "../../../server/src/platform/jobs/jobs.ts";
import type { Database } from "../../../server/src/platform/database/database.ts";
import { entities } from "../../../server/src/entities.ts";
import { emptyTables, forEachDatabase } from "../../support/test-database.ts";

const silent = pino({ level: "silent" });
const payload = z.object({ n: z.number().optional() });

class AtOnceError extends Error {
  retryAfterMs = 0;
}

forEachDatabase("jobs", (open) => {
  let database: Database;
  let jobs: Jobs;
  beforeAll(async () => {
    database = await open(entities);
  });
  beforeEach(async () => {
    await emptyTables(database);
    jobs = createJobs(database, silent);
  });
  afterEach(() => jobs.stop());

  const enqueue = (n: number, dedupe?: string) =>
    database.write((tx) => jobs.enqueue(tx, "count", { n }, dedupe ? { dedupe } : {}));

  it("runs a job once its transaction has committed, and never one that was undone", async () => {
    const seen: unknown[] = [];
    jobs.register({
      kind: "count",
      payload,
      run: ({ n }) => {
        seen.push(n);
        return Promise.resolve();
      },
    });
    jobs.start();
    const undone = database.write(async (tx) => {
      await jobs.enqueue(tx, "count", { n: 13 });
      throw new Error("undo");
    });
    await expect(undone).rejects.toThrow("undo");
    await enqueue(1);
    await jobs.idle();
    expect(seen).toEqual([1]);
  });

  it("treats two jobs with one key as one", async () => {
    let runs = 0;
    jobs.register({ kind: "count", payload, run: () => Promise.resolve(void (runs += 1)) });
    jobs.start();
    await Promise.all([enqueue(1, "same"), enqueue(2, "same"), enqueue(3, "same")]);
    await jobs.idle();
    expect(runs).toBe(1);
  });

  it("has each effect once although two processes work and the work runs twice", async () => {
    const other = createJobs(await open(entities), silent);
    let tries = 0;
    const kind = {
      kind: "count",
      payload,
      run: ({ n }: { n?: number | undefined }) => {
        tries += 1;
        if (tries % 3 === 0) throw new AtOnceError("the answer was lost");
        return Promise.resolve((tx: Parameters<typeof insertNew>[0]) =>
          insertNew(tx, "lease", "owner", [
            { name: `job${String(n)}.${tries}`, owner: String(n), fence: 0, until_ms: 0 },
          ]),
        );
      },
    };
    jobs.register(kind);
    other.register(kind);
    jobs.start();
    other.start();
    await Promise.all(Array.from({ length: 60 }, (_, n) => enqueue(n)));
    await jobs.idle();
    await other.idle();
    await jobs.idle();
    const rows = await database.read.query<{ owner: string }[]>("SELECT owner FROM lease");
    expect(rows.map(({ owner }) => Number(owner)).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 60 }, (_, n) => n),
    );
    expect(tries).toBeGreaterThan(60);
    await other.stop();
  });

  it("rolls the effect back when another process has taken the job over", async () => {
    jobs.register({
      kind: "count",
      payload,
      run: async () => {
        // As if this process had slept past its lease and another had claimed the job meanwhile.
        await database.write((tx) =>
          tx.query("UPDATE job SET fence = fence + 1, owner = 'another', lease_until_ms = ?", [
            Number.MAX_SAFE_INTEGER,
          ]),
        );
        return (tx) =>
          insertNew(tx, "lease", "name", [{ name: "late", owner: "", fence: 0, until_ms: 0 }]);
      },
    });
    jobs.start();
    await enqueue(1);
    await jobs.stop();
    expect(await database.read.query("SELECT name FROM lease")).toEqual([]);
  });

  it("claims a job again whose process died", async () => {
    let runs = 0;
    await enqueue(1);
    await database.write((tx) =>
      tx.query("UPDATE job SET state = 'running', owner = 'dead process', lease_until_ms = 1"),
    );
    jobs.register({ kind: "count", payload, run: () => Promise.resolve(void (runs += 1)) });
    jobs.start();
    await jobs.idle();
    expect(runs).toBe(1);
  });

  it("puts a job aside whose every try has ended its process", async () => {
    let runs = 0;
    await enqueue(1);
    await database.write((tx) =>
      tx.query(
        "UPDATE job SET state = 'running', attempts = 8, owner = 'dead', lease_until_ms = 1",
      ),
    );
    jobs.register({ kind: "count", payload, run: () => Promise.resolve(void (runs += 1)) });
    jobs.start();
    await jobs.idle();
    expect(runs).toBe(0);
    expect(await jobs.listDead()).toMatchObject([{ lastError: "ProcessDiedError" }]);
  });

  it("shows a job that failed too often, without the error's words, and retries it on demand", async () => {
    let isBroken = true;
    jobs.register({
      kind: "count",
      payload,
      maxAttempts: 3,
      run: () => {
        if (isBroken) throw new AtOnceError("客户电话 13800001234");
        return Promise.resolve();
      },
    });
    jobs.start();
    await enqueue(1);
    await jobs.idle();
    const [dead] = await jobs.listDead();
    expect(dead).toMatchObject({ kind: "count", attempts: 3, state: "dead", lastError: "Error" });
    expect(await jobs.countWaiting()).toMatchObject({ dead: 1 });

    isBroken = false;
    expect(await jobs.retryDead(dead?.id ?? "")).toBe(true);
    expect(await jobs.retryDead("unknown")).toBe(false);
    await jobs.idle();
    expect(await jobs.listDead()).toEqual([]);
    expect(await database.read.countBy(Job, { state: "done" })).toBe(1);
  });

  it("plans each time of a schedule once, whatever the number of processes", async () => {
    const other = createJobs(await open(entities), silent);
    for (const one of [jobs, other]) {
      one.register({ kind: "count", payload, run: () => Promise.resolve() });
      one.schedule("count", "0 0 3 * * *");
      one.start();
    }
    await jobs.idle();
    await other.idle();
    await other.stop();
    expect(await database.read.countBy(Job, { kind: "count" })).toBe(1);
  });
});
