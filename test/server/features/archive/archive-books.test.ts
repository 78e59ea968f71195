import { randomBytes } from "node:crypto";
import { findGaps } from "../../../../server/src/features/archive/archive-day.ts";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import { UNKNOWN_CONVERSATION } from "../../../../server/src/features/archive/archive-books.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { failStatement } from "../../../support/fail-statement.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";
import {
  createTestKeys,
  createTestSource,
  entities,
  openArchiveWorld,
  openTestPool,
  readStored,
  recallOf,
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

describe("gaps in the sequence", () => {
  const page = (from: number, seqs: number[]) => ({
    from,
    to: Math.max(from, ...seqs),
    items: seqs.map((seq) => ({ seq })),
  });

  it.each([
    [page(0, [5001, 5002]), { first: 5001, count: 0, skipped: 0, widest: 0 }],
    [page(10, [11, 12, 13]), { first: 11, count: 0, skipped: 0, widest: 0 }],
    [page(10, [12, 13, 17]), { first: 12, count: 2, skipped: 4, widest: 3 }],
    [page(10, [13, 12, 12]), { first: 12, count: 1, skipped: 1, widest: 1 }],
  ])("%j", (given, expected) => expect(findGaps(given)).toEqual(expected));
});

forEachDatabase("the books of the archive", (open) => {
  let database: Database;
  let source: TestSource;
  let nowMs: number;
  const clock = { now: () => nowMs };

  beforeAll(async () => {
    database = await open(entities);
  });

  beforeEach(async () => {
    await emptyTables(database);
    await database.write((tx) => tx.query("DELETE FROM hit"));
    source = createTestSource(keys);
    nowMs = Date.parse("2026-11-23T23:59:00+08:00");
  });

  const world = (pool = oldPool, pageSize = 1000, over = database): ArchiveWorld =>
    openArchiveWorld(over, source, { ...pool, reload: () => false }, { pageSize, clock });

  const sayGarbage = (): number => {
    const seq = (source.items.at(-1)?.seq ?? 0) + 1;
    source.items.push({
      seq,
      msgId: `garbage-${seq}`,
      keyVersion: 1,
      encryptedRandomKey: randomBytes(256).toString("base64"),
      encryptedMessage: "garbage",
    });
    return seq;
  };

  it("say of every item where it went, by conversation", async () => {
    source.say(textMessage("a"));
    source.say(textMessage("a"));
    source.say(textMessage("b", "b", { room: "wrRoom", to: ["wmCustomer1", "wangli"] }));
    source.say(textMessage("c"), { keyVersion: 2 });
    sayGarbage();
    await world().pulls.pull();
    const nothing = { stored: 0, duplicated: 0, undecodable: 0, excluded: 0, expired: 0 };
    expect([...(await readBooks(database))]).toEqual([
      ["g:wrRoom", { ...nothing, pulled: 1, stored: 1 }],
      ["s:chenli:wmCustomer1", { ...nothing, pulled: 2, stored: 1, duplicated: 1 }],
      [UNKNOWN_CONVERSATION, { ...nothing, pulled: 2, undecodable: 2 }],
    ]);
    await expectBalanced(database);
  });

  it("are those of the day on which the items came", async () => {
    source.say(textMessage("monday"));
    const waiting = source.say(textMessage("monday, without a key"), { keyVersion: 2 });
    await world().pulls.pull();
    nowMs += 2 * 60_000;
    source.say(textMessage("tuesday"));
    const { pulls, undecodable } = world(fullPool);
    await pulls.pull();
    expect(await undecodable.retryAll()).toEqual({ resolved: 1, remaining: 0 });
    const rows = await database.read.query<{ day: number; pulled: string; stored: string }[]>(
      "SELECT day, SUM(pulled) AS pulled, SUM(stored) AS stored FROM archive_books GROUP BY day ORDER BY day",
    );
    expect(rows.map(({ pulled, stored }) => [Number(pulled), Number(stored)])).toEqual([
      [2, 2],
      [1, 1],
    ]);
    expect((await readStored(database)).seqs).toContain(waiting);
    await expectBalanced(database);
  });

  it("move an item whose key arrives from nobody's place to its conversation", async () => {
    source.say(textMessage("late"), { keyVersion: 2 });
    await world().pulls.pull();
    await world(fullPool).undecodable.retryAll();
    const books = await readBooks(database);
    expect(books.get(UNKNOWN_CONVERSATION)).toMatchObject({ pulled: 0, undecodable: 0 });
    expect(books.get("s:chenli:wmCustomer1")).toMatchObject({ pulled: 1, stored: 1 });
    await expectBalanced(database);
  });

  it("count an item that waited and comes again, now to be opened, as one message and a duplicate", async () => {
    const seq = source.say(textMessage("twice"), { keyVersion: 2 });
    await world().pulls.pull();
    await database.write((tx) => tx.query("UPDATE archive_cursor SET seq = 0"));
    await world(fullPool).pulls.pull();
    expect(await readStored(database)).toMatchObject({ seqs: [seq], undecodable: [] });
    expect(sumOf(await readBooks(database))).toEqual({
      pulled: 2,
      stored: 1,
      duplicated: 1,
      undecodable: 0,
      excluded: 0,
      expired: 0,
    });
    await expectBalanced(database);
  });

  it("keep an excluded item apart, once, and take it back when it comes again in good form", async () => {
    const garbage = sayGarbage();
    const waiting = source.say(textMessage("key is lost"), { keyVersion: 2 });
    const { pulls, undecodable } = world();
    await pulls.pull();
    expect(await undecodable.exclude([garbage, waiting, 999], "liuyang")).toBe(2);
    expect(await undecodable.exclude([garbage], "liuyang")).toBe(0);
    expect(await undecodable.list()).toMatchObject({ total: 0 });
    expect(sumOf(await readBooks(database))).toMatchObject({ undecodable: 0, excluded: 2 });
    await expectBalanced(database);

    expect(await world(fullPool).undecodable.retryAll()).toEqual({ resolved: 0, remaining: 0 });
    await database.write((tx) => tx.query("UPDATE archive_cursor SET seq = 0"));
    await world(fullPool).pulls.pull();
    expect(await readStored(database)).toMatchObject({ seqs: [waiting] });
    expect(sumOf(await readBooks(database))).toMatchObject({ pulled: 4, stored: 1, excluded: 1 });
    await expectBalanced(database);
  });

  it("balance after any mixture of what WeCom may deliver", async () => {
    for (let seed = 1; seed <= 6; seed += 1) {
      await emptyTables(database);
      await database.write((tx) => tx.query("DELETE FROM hit"));
      source = createTestSource(keys);
      const random = createRandom(seed);
      sayAnything(40, random);
      const pageSize = 1 + Math.floor(random() * 12);
      await world(oldPool, pageSize).pulls.pull();
      await expectBalanced(database);
      // Some of it once more, some keys later, some given up.
      await database.write((tx) =>
        tx.query("UPDATE archive_cursor SET seq = ?", [Math.floor(random() * 30)]),
      );
      nowMs += 40 * 60_000;
      const { pulls, undecodable } = world(random() < 0.7 ? fullPool : oldPool, pageSize);
      const { items } = await undecodable.list();
      const given = items.filter(() => random() < 0.3).map(({ seq }) => seq);
      await undecodable.exclude(given, "liuyang");
      sayAnything(20, random);
      await pulls.pull();
      await undecodable.retryAll();
      await expectBalanced(database);
      const { pulled } = sumOf(await readBooks(database));
      expect(pulled).toBeGreaterThanOrEqual(source.items.length);
    }
  });

  function sayAnything(count: number, random: () => number): void {
    for (let index = 0; index < count; index += 1) {
      const id = `m${Math.floor(random() * 200)}_external`;
      const to = [`wmCustomer${Math.floor(random() * 4)}`];
      const kind = random();
      if (kind < 0.15) sayGarbage();
      else if (kind < 0.35) source.say(textMessage(id, "x", { to }), { keyVersion: 2 });
      else if (kind < 0.45) source.say(recallOf(`r${id}`, id));
      else if (kind < 0.6) source.say(textMessage(id, "x", { room: "wrRoom", to }));
      else source.say(textMessage(id, "x", { to }));
    }
  }

  it("balance whichever statement fails", async () => {
    source.say(textMessage("a"));
    source.say(textMessage("a"));
    source.say(textMessage("key comes later"), { keyVersion: 2 });
    sayGarbage();
    for (let n = 1; ; n += 1) {
      expect(n).toBeLessThan(150);
      await emptyTables(database);
      await database.write((tx) => tx.query("DELETE FROM hit"));
      const failing = failStatement(database, n);
      const work = async (over: Database): Promise<void> => {
        await world(oldPool, 3, over).pulls.pull();
        const { undecodable } = world(fullPool, 3, over);
        await undecodable.retryAll();
        const { items } = await undecodable.list();
        await undecodable.exclude(
          items.map(({ seq }) => seq),
          "liuyang",
        );
      };
      await work(failing.database).catch(() => undefined);
      await expectBalanced(database);
      if (!failing.hasFailed()) break;
      await database.write((tx) => tx.query("UPDATE lease SET until_ms = 0"));
      await work(database);
      await expectBalanced(database);
      expect(sumOf(await readBooks(database))).toEqual({
        pulled: 4,
        stored: 2,
        duplicated: 1,
        undecodable: 0,
        excluded: 1,
        expired: 0,
      });
    }
  });
});

/** Small and the same everywhere (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
