import { setTimeout as delay } from "node:timers/promises";
import { v7 as uuidv7 } from "uuid";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { DestroyedKeyError } from "../../../../server/src/platform/vault/vault.ts";
import { placeOfBody } from "../../../../server/src/features/archive/sealed-places.ts";
import { EXPIRE } from "../../../../server/src/features/retention/retention.jobs.ts";
import { failStatement } from "../../../support/fail-statement.ts";
import { admin } from "../../../support/test-api.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";
import {
  createTestKeys,
  createTestSource,
  openTestPool,
  textMessage,
} from "../archive/archive-world.ts";
import type { TestSource } from "../archive/archive-world.ts";
import { expectBalanced, readBooks, sumOf } from "../archive/books.ts";
import {
  addCase,
  arrive,
  DAY_MS,
  entities,
  openRetentionWorld,
  placeHold,
  seqsIn,
  setDays,
  snapshot,
  START_MS,
} from "./retention-world.ts";
import type { RetentionWorld, WorldOptions } from "./retention-world.ts";

const keys = createTestKeys(2);
let pool: DecryptPool;

beforeAll(() => {
  keys.deliver(1);
  pool = openTestPool(keys);
});

afterAll(async () => {
  await pool.close();
  keys.remove();
});

forEachDatabase("the nightly destruction", (open) => {
  let database: Database;
  let source: TestSource;
  let world: RetentionWorld;

  beforeAll(async () => {
    database = await open(entities);
  });

  beforeEach(async () => {
    await emptyTables(database);
    source = createTestSource(keys);
    world = worldOn(database, { nowMs: START_MS });
  });

  const worldOn = (
    on: Database,
    time: { nowMs: number },
    options: Partial<WorldOptions> = {},
  ): RetentionWorld => openRetentionWorld({ database: on, source, pool, time, ...options });

  const single = { from: "ChenLi", to: "wmA" };
  const group = { from: "ChenLi", room: "wrG" };
  const internal = { from: "ChenLi", to: "WuHao" };

  const rowsOf = async (sql: string): Promise<Record<string, unknown>[]> =>
    await database.read.query<Record<string, unknown>[]>(sql);

  /** Somebody has read 陈丽's chat with wmA. */
  const addReading = async (daysAgo: number, readerId = "zhangwei"): Promise<string> => {
    const startedAtMs = START_MS - daysAgo * DAY_MS;
    const id = uuidv7({ msecs: startedAtMs });
    await database.write(async (tx) => {
      await tx.query(
        "INSERT INTO reading VALUES (?, 'conversation', ?, 's:chenli:wmA', '', NULL, ?)",
        [id, readerId, startedAtMs],
      );
      await tx.query("INSERT INTO reading_subject VALUES ('chenli', ?, ?)", [startedAtMs, id]);
    });
    return id;
  };

  it("destroys each kind of conversation after its own days, to the day", async () => {
    await setDays(world, {});
    const old = {
      single: await arrive(world, source, 101, [single]),
      group: await arrive(world, source, 61, [group]),
      internal: await arrive(world, source, 31, [internal]),
    };
    const kept = [
      ...(await arrive(world, source, 100, [single])),
      ...(await arrive(world, source, 60, [group])),
      ...(await arrive(world, source, 30, [internal])),
    ];
    expect(await world.retention.expiry.run()).toBe("done");
    expect(await seqsIn(database, "message")).toEqual(kept);
    expect(await seqsIn(database, "hit")).toEqual(kept);
    const gone = [...old.single, ...old.group, ...old.internal];
    expect(await seqsIn(database, "destroyed_message")).toEqual(gone);
    expect(world.forgotten).toEqual(gone);
    await expectBalanced(database);
  });

  it("takes the names out of the books, which go on to balance", async () => {
    await setDays(world, {});
    await arrive(world, source, 150, [single, single, internal]);
    const kept = await arrive(world, source, 1, [single]);
    await world.retention.expiry.run();
    const books = await readBooks(database);
    expect([...books.keys()]).toEqual(["expired", "s:chenli:wmA"]);
    expect(books.get("expired")).toMatchObject({ pulled: 3, expired: 3, stored: 0 });
    expect(sumOf(books)).toMatchObject({ pulled: 4, stored: kept.length, expired: 3 });
    const { body } = await world.api.get(
      admin,
      "/api/admin/archive/reconciliation?from=2026-06-20&to=2026-07-10",
    );
    expect((body as { days: { holds: boolean; expired: number }[] }).days).toEqual([
      expect.objectContaining({ holds: true, expired: 3, pulled: 3 }),
    ]);
  });

  it("leaves nothing of a conversation and a customer of whom nothing is left, and the rest of others", async () => {
    await setDays(world, {});
    await arrive(world, source, 150, [single, { from: "ChenLi", to: "wmB" }]);
    const atMs = START_MS - 2 * DAY_MS - 1000;
    await arrive(world, source, 2, [single]);
    await database.write(async (tx) => {
      for (const id of ["wmA", "wmB", "wmC"]) {
        await tx.query("INSERT INTO customer VALUES (?, '', 0)", [id]);
      }
    });
    await world.retention.expiry.run();
    const [left, ...others] = await rowsOf("SELECT * FROM conversation");
    expect(others).toEqual([]);
    expect({ ...left, message_count: Number(left!["message_count"]) }).toMatchObject({
      id: "s:chenli:wmA",
      message_count: 1,
    });
    expect(Number(left!["expired_count"])).toBe(1);
    expect(Number(left!["first_at_ms"])).toBe(atMs);
    expect(Number(left!["expired_to_ms"])).toBe(START_MS - 150 * DAY_MS - 1000);
    expect(await rowsOf("SELECT DISTINCT conversation_id AS id FROM conversation_party")).toEqual([
      { id: "s:chenli:wmA" },
    ]);
    const customers = await rowsOf("SELECT id FROM customer ORDER BY id");
    expect(customers.map(({ id }) => id)).toEqual(["wmA", "wmC"]);
  });

  it("does not let a range that is pulled again bring back what was destroyed", async () => {
    await setDays(world, {});
    source.say({ ...textMessage("odd_external"), msgtime: 1 }, { keyVersion: 2 });
    const gone = await arrive(world, source, 150, [single, group]);
    const kept = await arrive(world, source, 1, [single]);
    expect(await seqsIn(database, "undecodable")).toHaveLength(1);
    await world.retention.expiry.run();
    expect(await seqsIn(database, "undecodable")).toEqual([]);
    await world.archive.repulls.request({ fromSeq: 1, toSeq: kept[0]! }, "liuyang");
    await world.archive.runJobs();
    expect(await seqsIn(database, "message")).toEqual(kept);
    expect(await seqsIn(database, "undecodable")).toEqual([]);
    expect(await seqsIn(database, "hit")).toEqual(kept);
    const [repull] = await world.archive.repulls.list();
    expect(repull).toMatchObject({ state: "done", pulled: 4, stored: 0, duplicated: 4 });
    await expectBalanced(database);
    expect(gone).toHaveLength(2);
  });

  it("keeps what an open or a handled case needs, with the days around it, and no false alarm", async () => {
    await setDays(world, {});
    const seqs: number[] = [];
    for (const daysAgo of [400, 393, 150, 144, 130]) {
      seqs.push(...(await arrive(world, source, daysAgo, [single])));
    }
    const [tooOld, openOne, handled, near, far] = seqs as [number, number, number, number, number];
    const other = await arrive(world, source, 200, [{ from: "ChenLi", to: "wmB" }]);
    await addCase(database, openOne, "open");
    await addCase(database, handled, "handled");
    await addCase(database, other[0]!, "false_alarm");
    await world.retention.expiry.run();
    expect(await seqsIn(database, "message")).toEqual([tooOld, openOne, handled, near]);
    expect(far).toBeGreaterThan(near);
    // Decided now, it is older than a case is kept: it goes, and with it what it kept.
    await database.write((tx) => tx.query("UPDATE supervision_case SET state = 'handled'"));
    world.time.nowMs += DAY_MS;
    await world.retention.expiry.run();
    expect(await seqsIn(database, "message")).toEqual([handled, near]);
    expect(await seqsIn(database, "supervision_case")).toEqual([handled]);
    expect((await world.retention.reports.findLast())?.results).toEqual([
      expect.objectContaining({ id: "single", destroyed: 2 }),
      expect.objectContaining({ id: "case", destroyed: 1, fromDay: "2025-10-26" }),
    ]);
  });

  describe("a hold", () => {
    it("on a person, a conversation or a case keeps all of their conversations, until it is released", async () => {
      await setDays(world, {});
      const seqs = await arrive(world, source, 150, [
        single,
        { from: "wmA", room: "wrG" },
        { from: "WuHao", room: "wrG" },
        { from: "WuHao", to: "wmB" },
        { from: "XuJie", to: "wmC" },
        { from: "XuJie", to: "WuHao" },
        { from: "XuJie", to: "wmD" },
      ]);
      const [a, g1, g2, b, c, i] = seqs as [number, number, number, number, number, number];
      const falseAlarm = await addCase(database, c, "false_alarm");
      const holds = [
        await placeHold(world, "person", "wmA"),
        await placeHold(world, "conversation", "s:wuhao:wmB"),
        await placeHold(world, "case", falseAlarm),
        await placeHold(world, "conversation", "i:wuhao:xujie"),
      ];
      await world.retention.expiry.run();
      expect(await seqsIn(database, "message")).toEqual([a, g1, g2, b, c, i]);
      expect((await world.retention.reports.findLast())?.results).toEqual([
        expect.objectContaining({ id: "single", destroyed: 1, held: 3 }),
        expect.objectContaining({ id: "group", destroyed: 0, held: 2 }),
        expect.objectContaining({ id: "internal", destroyed: 0, held: 1 }),
      ]);
      for (const id of holds) {
        const path = `/api/admin/retention/holds/${id}/release`;
        const answer = await world.api.send(admin, "post", path, { reason: "仲裁已经结束" });
        expect(answer.status).toBe(200);
      }
      world.time.nowMs += DAY_MS;
      await world.retention.expiry.run();
      expect(await seqsIn(database, "message")).toEqual([]);
    });

    it("on a member keeps a chat in which they were only written to", async () => {
      await setDays(world, {});
      const [seq] = await arrive(world, source, 150, [{ from: "XuJie", to: "ChenLi" }]);
      await placeHold(world, "person", "ChenLi");
      await world.retention.expiry.run();
      expect(await seqsIn(database, "message")).toEqual([seq]);
    });

    it("of any kind keeps items of which nobody knows whose they are", async () => {
      await setDays(world, {});
      source.say(textMessage("odd_external"), { keyVersion: 2 });
      await arrive(world, source, 150, [single]);
      const id = await placeHold(world, "person", "wmA");
      await world.retention.expiry.run();
      expect(await seqsIn(database, "undecodable")).toHaveLength(1);
      const path = `/api/admin/retention/holds/${id}/release`;
      await world.api.send(admin, "post", path, { reason: "仲裁已经结束" });
      world.time.nowMs += DAY_MS;
      await world.retention.expiry.run();
      expect(await seqsIn(database, "undecodable")).toEqual([]);
      await expectBalanced(database);
    });

    it("that is placed while a run is under way holds from the moment in which it is answered", async () => {
      await setDays(world, {});
      const all = await arrive(
        world,
        source,
        150,
        Array.from({ length: 8 }, () => single),
      );
      const other = worldOn(await open(entities), world.time);
      let placing: Promise<number[]> | undefined;
      const slow = worldOn(database, world.time, {
        stepSize: 2,
        // In a step that has read the holds and has not destroyed yet: who places one must wait for its end.
        forget: async () => {
          if (placing) return;
          placing = placeHold(other, "person", "wmA").then(() => seqsIn(database, "message"));
          await Promise.race([placing, delay(500)]);
        },
      });
      expect(await slow.retention.expiry.run()).toBe("done");
      const whenAnswered = await placing;
      expect(whenAnswered!.length).toBeLessThan(all.length);
      expect(await seqsIn(database, "message")).toEqual(whenAnswered);
    });
  });

  it("destroys who read what after its own days, but for whom is held", async () => {
    await setDays(world, {});
    const held = await addReading(200, "liuyang");
    await addReading(184);
    const young = await addReading(183);
    await placeHold(world, "person", "liuyang");
    await world.retention.expiry.run();
    const ids = async (table: string, column: string) =>
      (await rowsOf(`SELECT ${column} AS id FROM ${table}`)).map(({ id }) => id).sort();
    expect(await ids("reading", "id")).toEqual([held, young]);
    expect(await ids("reading_subject", "reading_id")).toEqual([held, young]);
    expect((await world.retention.reports.findLast())?.results).toEqual([
      expect.objectContaining({ id: "reading", destroyed: 1, held: 1 }),
    ]);
  });

  it("ends when its window closes and leaves the rest to the next night", async () => {
    await setDays(world, {});
    await arrive(
      world,
      source,
      150,
      Array.from({ length: 6 }, () => single),
    );
    const slow = worldOn(database, world.time, {
      stepSize: 2,
      forget: () => {
        world.time.nowMs += 2 * 3600_000;
        return Promise.resolve();
      },
    });
    expect(await slow.retention.expiry.run()).toBe("out_of_time");
    expect(await seqsIn(database, "message")).toHaveLength(2);
    expect(await world.retention.expiry.run()).toBe("out_of_time");
    expect(await seqsIn(database, "message")).toHaveLength(2);
    world.time.nowMs += DAY_MS;
    expect(await world.retention.expiry.run()).toBe("done");
    expect(await seqsIn(database, "message")).toEqual([]);
    const runs = await world.retention.reports.list();
    expect(runs.map(({ state }) => state)).toEqual(["done", "out_of_time"]);
    expect(runs.map(({ results }) => results[0]?.destroyed)).toEqual([2, 4]);
  });

  it("goes on after it was stopped, by the policy with which it began", async () => {
    await setDays(world, {});
    await arrive(
      world,
      source,
      150,
      Array.from({ length: 6 }, () => single),
    );
    const young = await arrive(world, source, 50, [single]);
    const stopped = worldOn(database, world.time, {
      stepSize: 2,
      forget: () => {
        stopped.retention.stop();
        return Promise.resolve();
      },
    });
    expect(await stopped.retention.expiry.run()).toBe("stopped");
    await setDays(world, { single: 40 });
    expect(await world.retention.expiry.run()).toBe("done");
    expect(await seqsIn(database, "message")).toEqual(young);
    const runs = await world.retention.reports.list();
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ policyVersion: 1, state: "done" });
    expect(runs[0]!.results[0]).toMatchObject({ destroyed: 6 });
    world.time.nowMs += DAY_MS;
    await world.retention.expiry.run();
    expect(await seqsIn(database, "message")).toEqual([]);
  });

  it("destroys the keys of months that are over once nothing is sealed under them", async () => {
    await setDays(world, {});
    await arrive(world, source, 150, [single, { from: "ChenLi", to: "wmB" }]);
    const [held] = await rowsOf("SELECT seq, body FROM message WHERE customer_id = 'wmB'");
    await arrive(world, source, 1, [single]);
    const [young] = await rowsOf(`SELECT seq, body FROM message ORDER BY seq DESC LIMIT 1`);
    const [old] = await rowsOf("SELECT seq, body FROM message ORDER BY seq LIMIT 1");
    await placeHold(world, "person", "wmB");
    await world.retention.expiry.run();
    const { vault } = worldOn(database, world.time);
    const openRow = (row: Record<string, unknown> | undefined) =>
      vault.openText(placeOfBody(Number(row!["seq"])), row!["body"] as Buffer);
    await expect(openRow(old)).rejects.toThrow(DestroyedKeyError);
    expect(await openRow(held)).toContain("wmB");
    expect(await openRow(young)).toContain("wmA");
    expect((await world.retention.reports.findLast())?.keysDestroyed).toBe(1);
  });

  it("is done once by two processes that begin together", async () => {
    await setDays(world, {});
    await arrive(
      world,
      source,
      150,
      Array.from({ length: 20 }, () => single),
    );
    const other = worldOn(await open(entities), world.time, { stepSize: 3 });
    const mine = worldOn(database, world.time, { stepSize: 3 });
    const outcomes = await Promise.all([mine.retention.expiry.run(), other.retention.expiry.run()]);
    expect(outcomes.sort()[1]).toBe("done");
    expect(await seqsIn(database, "message")).toEqual([]);
    const runs = await world.retention.reports.list();
    expect(runs).toHaveLength(1);
    expect(runs[0]!.results[0]).toMatchObject({ destroyed: 20 });
    await expectBalanced(database);
  });

  it("runs as a job", async () => {
    await setDays(world, {});
    await arrive(world, source, 150, [single]);
    await database.write((tx) => world.jobs.enqueue(tx, EXPIRE, {}));
    world.jobs.start();
    await world.jobs.idle();
    await world.jobs.stop();
    expect(await seqsIn(database, "message")).toEqual([]);
  });

  it("leaves nothing half destroyed when the n-th statement fails, for every n", async () => {
    await setDays(world, {});
    source.say(textMessage("odd_external"), { keyVersion: 2 });
    const [seq = 0] = await arrive(world, source, 150, [single, group]);
    await addCase(database, seq, "false_alarm");
    await addReading(200);
    const before = await seqsIn(database, "message");
    const unopened = await seqsIn(database, "undecodable");
    const restore = await snapshot(database);
    let n = 0;
    for (let isThrough = false; !isThrough;) {
      n += 1;
      await restore();
      const failing = failStatement(database, n);
      const other = worldOn(failing.database, world.time, { stepSize: 10 });
      isThrough = await other.retention.expiry.run().then(
        () => true,
        () => false,
      );
      const left = await seqsIn(database, "message");
      expect(await seqsIn(database, "hit")).toEqual(left);
      const there = [...left, ...(await seqsIn(database, "undecodable"))];
      expect(await seqsIn(database, "destroyed_message")).toEqual(
        [...unopened, ...before].filter((one) => !there.includes(one)),
      );
      await expectBalanced(database);
      if (isThrough || n % 5 > 0) continue;
      // What was interrupted goes on, and is counted once.
      await database.write((tx) => tx.query("UPDATE lease SET until_ms = 0"));
      await world.retention.expiry.run();
      await expectAllGone();
    }
    expect(n).toBeGreaterThan(60);
    await expectAllGone();
  });

  const expectAllGone = async (): Promise<void> => {
    for (const table of ["message", "undecodable", "supervision_case"] as const) {
      expect(await seqsIn(database, table)).toEqual([]);
    }
    const [run, ...others] = await world.retention.reports.list();
    expect(others).toEqual([]);
    expect(run!.state).toBe("done");
    expect(run!.keysDestroyed).toBeGreaterThan(0);
    expect(run!.results.map(({ id, destroyed }) => [id, destroyed])).toEqual([
      ["single", 1],
      ["group", 1],
      ["case", 1],
      ["undecodable", 1],
      ["reading", 1],
    ]);
  };
});
