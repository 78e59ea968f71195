import { randomBytes } from "node:crypto";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { WecomUnreachableError } from "../../../../server/src/wecom/wecom-error.ts";
import { failStatement } from "../../../support/fail-statement.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";
import {
  createTestKeys,
  createTestSource,
  entities,
  openArchiveWorld,
  openTestPool,
  readStored,
  textMessage,
} from "./archive-world.ts";
import type { ArchiveWorld, TestSource } from "./archive-world.ts";
import { expectBalanced, readBooks, sumOf } from "./books.ts";

const keys = createTestKeys(2);
/** Before the second key has come, and after. */
let oldPool: DecryptPool;
let fullPool: DecryptPool;

beforeAll(() => {
  keys.deliver(1);
  oldPool = openTestPool(keys);
  keys.deliver(2);
  fullPool = openTestPool(keys);
});

afterAll(async () => {
  await oldPool.close();
  await fullPool.close();
  keys.remove();
});

forEachDatabase("pulling a range again", (open) => {
  let database: Database;
  let source: TestSource;
  let nowMs: number;

  beforeAll(async () => {
    database = await open(entities);
  });

  beforeEach(async () => {
    await empty();
    source = createTestSource(keys);
    nowMs = Date.parse("2026-11-23T10:00:00+08:00");
  });

  async function empty(): Promise<void> {
    await emptyTables(database);
    await database.write((tx) => tx.query("DELETE FROM hit"));
  }

  const world = (pool = oldPool, over = database): ArchiveWorld =>
    openArchiveWorld(
      over,
      source,
      { ...pool, reload: () => false },
      { pageSize: 4, clock: { now: () => nowMs } },
    );

  const say = (count: number): number[] =>
    Array.from({ length: count }, (_, index) => source.say(textMessage(`m${index}_external`)));

  /** Asks for the range and works on it until it is through. */
  async function repull(fromSeq: number, toSeq: number, on = world()) {
    const { id } = await on.repulls.request({ fromSeq, toSeq }, "liuyang");
    await on.runJobs();
    return (await on.repulls.list()).find((row) => row.id === id)!;
  }

  it("changes nothing when all is there, and counts what came as duplicates", async () => {
    const seqs = say(11);
    await world().pulls.pull();
    const before = await readStored(database);
    const asked = source.askedAfter.length;
    const row = await repull(seqs[2]!, seqs[8]!);
    expect(row).toMatchObject({
      state: "done",
      pulled: 7,
      stored: 0,
      duplicated: 7,
      undecodable: 0,
      passedSeq: seqs[8],
      lastError: null,
      requestedBy: "liuyang",
    });
    // The clock may bring a look beyond the cursor at any moment.
    const inRange = source.askedAfter.slice(asked).filter((seq) => seq < seqs[10]!);
    expect(inRange).toEqual([seqs[2]! - 1, seqs[5]]);
    expect(await readStored(database)).toEqual(before);
    expect(sumOf(await readBooks(database))).toMatchObject({ pulled: 18, duplicated: 7 });
    await expectBalanced(database);
    // Once more is once more.
    expect(await repull(seqs[2]!, seqs[8]!)).toMatchObject({ pulled: 7, duplicated: 7 });
    expect(await readStored(database)).toEqual(before);
    await expectBalanced(database);
  });

  it("passes the whole range when pages repeat what came before", async () => {
    const seqs = say(11);
    await world().pulls.pull();
    source.pull = (afterSeq, limit) => {
      const before = source.items.filter(({ seq }) => seq <= afterSeq).slice(-2);
      const after = source.items.filter(({ seq }) => seq > afterSeq);
      return Promise.resolve([...before, ...after].slice(0, limit));
    };
    const row = await repull(seqs[2]!, seqs[8]!);
    expect(row).toMatchObject({ state: "done", pulled: 7, duplicated: 7, passedSeq: seqs[8] });
    await expectBalanced(database);
  });

  it("brings back rows that were lost, to the day on which they had been counted", async () => {
    const seqs = say(6);
    await world().pulls.pull();
    await database.write(async (tx) => {
      await tx.query("DELETE FROM message WHERE seq IN (?, ?)", [seqs[1], seqs[4]]);
      await tx.query("DELETE FROM hit WHERE message_seq IN (?, ?)", [seqs[1], seqs[4]]);
    });
    await expect(expectBalanced(database)).rejects.toThrow();
    nowMs += 2 * 24 * 3600_000;
    expect(await repull(1, seqs[5]!)).toMatchObject({ pulled: 6, stored: 2, duplicated: 4 });
    expect(await readStored(database)).toMatchObject({ seqs, hits: seqs });
    await expectBalanced(database);
  });

  it("counts what had never been delivered as new", async () => {
    const seqs = say(5);
    const late = source.items.splice(2, 1);
    await world().pulls.pull();
    expect((await readStored(database)).seqs).toHaveLength(4);
    source.items.splice(2, 0, ...late);
    nowMs += 24 * 3600_000;
    expect(await repull(1, seqs[4]!)).toMatchObject({ pulled: 5, stored: 1, duplicated: 4 });
    expect((await readStored(database)).seqs).toEqual(seqs);
    await expectBalanced(database);
  });

  it("opens what had come damaged, and keeps what still does not open", async () => {
    const seqs = say(3);
    const good = source.items[1]!;
    source.items[1] = { ...good, encryptedRandomKey: randomBytes(256).toString("base64") };
    const locked = source.say(textMessage("locked"), { keyVersion: 2 });
    await world().pulls.pull();
    expect((await readStored(database)).undecodable).toEqual([seqs[1], locked]);
    source.items[1] = good;
    expect(await repull(1, locked)).toMatchObject({ pulled: 4, stored: 1, duplicated: 3 });
    expect(await readStored(database)).toMatchObject({ seqs, undecodable: [locked] });
    await expectBalanced(database);
    await repull(1, locked, world(fullPool));
    expect((await readStored(database)).undecodable).toEqual([]);
    await expectBalanced(database);
  });

  it("refuses what the cursor has not reached, and never moves it", async () => {
    const seqs = say(3);
    await world().pulls.pull();
    const newest = source.say(textMessage("news"));
    const { repulls } = world();
    await expect(repulls.request({ fromSeq: 1, toSeq: newest }, "liuyang")).rejects.toMatchObject({
      code: "invalid_request",
      fields: { toSeq: expect.stringContaining(String(seqs[2])) },
    });
    const asked = source.askedAfter.length;
    await repull(1, seqs[2]!);
    // The clock, should it strike just now, looks for what is new, and may move it.
    const byClock = source.askedAfter.slice(asked).includes(seqs[2]!);
    expect((await readStored(database)).cursor).toBe(byClock ? newest : seqs[2]);
  });

  it("ends when WeCom has nothing of the range any more", async () => {
    const seqs = say(8);
    await world().pulls.pull();
    source.items.splice(0, 6);
    expect(await repull(1, seqs[5]!)).toMatchObject({ state: "done", pulled: 0 });
    source.items.length = 0;
    expect(await repull(1, seqs[7]!)).toMatchObject({ state: "done", pulled: 0 });
  });

  it("is one range when it is asked for twice, also after its job has died", async () => {
    const seqs = say(3);
    await world().pulls.pull();
    const { repulls, runJobs } = world();
    const first = await repulls.request({ fromSeq: 1, toSeq: seqs[2]! }, "liuyang");
    await database.write((tx) => tx.query("UPDATE job SET state = 'dead'"));
    const second = await repulls.request({ fromSeq: 1, toSeq: seqs[2]! }, "zhangwei");
    expect(second.id).toBe(first.id);
    await runJobs();
    expect(await repulls.list()).toMatchObject([{ id: first.id, state: "done", pulled: 3 }]);
  });

  it("goes on from its last page after WeCom could not be reached, and says why it waits", async () => {
    const seqs = say(10);
    await world().pulls.pull();
    const { repulls } = world();
    const { id } = await repulls.request({ fromSeq: 1, toSeq: seqs[9]! }, "liuyang");
    const calls = source.askedAfter.length;
    source.onPull = (call) => {
      if (call === calls + 2) throw new WecomUnreachableError("/message/getchatdata", "timeout");
    };
    await expect(repulls.run(id)).rejects.toThrow(WecomUnreachableError);
    const [waiting] = await repulls.list();
    expect(waiting).toMatchObject({ state: "waiting", pulled: 4, passedSeq: seqs[3] });
    expect(JSON.parse(waiting!.lastError!)).toEqual({ kind: "unreachable", reason: "timeout" });
    source.onPull = null;
    expect(await repulls.run(id)).toBe("done");
    expect(await repulls.list()).toMatchObject([{ state: "done", pulled: 10, lastError: null }]);
    await expectBalanced(database);
  });

  it("is done by one process at a time", async () => {
    const seqs = say(3);
    await world().pulls.pull();
    const one = world();
    const other = world(oldPool, await open(entities));
    const { id } = await one.repulls.request({ fromSeq: 1, toSeq: seqs[2]! }, "liuyang");
    const results: string[] = [];
    source.onPull = async () => {
      source.onPull = null;
      results.push(await other.repulls.run(id));
    };
    results.push(await one.repulls.run(id));
    expect(results).toEqual(["busy", "done"]);
    expect(await one.repulls.list()).toMatchObject([{ pulled: 3, duplicated: 3 }]);
    await expectBalanced(database);
  });

  it("stops after its page when the server does, and goes on later", async () => {
    const seqs = say(10);
    await world().pulls.pull();
    const first = world();
    const { id } = await first.repulls.request({ fromSeq: 1, toSeq: seqs[9]! }, "liuyang");
    source.onPull = () => first.repulls.stop();
    await expect(first.repulls.run(id)).rejects.toThrow(/abort/i);
    source.onPull = null;
    expect(await first.repulls.list()).toMatchObject([{ pulled: 4, lastError: null }]);
    expect(await world().repulls.run(id)).toBe("done");
    expect(await first.repulls.list()).toMatchObject([{ state: "done", pulled: 10 }]);
  });

  it("whichever statement fails, each page is counted once", async () => {
    const seqs = say(6);
    source.say(textMessage("locked"), { keyVersion: 2 });
    for (let n = 1; ; n += 1) {
      expect(n).toBeLessThan(150);
      await empty();
      await world().pulls.pull();
      await database.write((tx) => tx.query("DELETE FROM message WHERE seq = ?", [seqs[2]]));
      await database.write((tx) => tx.query("DELETE FROM hit WHERE message_seq = ?", [seqs[2]]));
      const range = { fromSeq: 1, toSeq: source.items.at(-1)!.seq };
      const { id } = await world().repulls.request(range, "liuyang");
      const failing = failStatement(database, n);
      await world(fullPool, failing.database)
        .repulls.run(id)
        .catch(() => undefined);
      const isWhole = !failing.hasFailed();
      await database.write((tx) => tx.query("UPDATE lease SET until_ms = 0"));
      await world(fullPool).repulls.run(id);
      expect(await world().repulls.list()).toMatchObject([
        { state: "done", pulled: 7, stored: 2, duplicated: 5 },
      ]);
      expect((await readStored(database)).seqs).toHaveLength(7);
      await expectBalanced(database);
      if (isWhole) break;
    }
  });
});
