import { randomBytes } from "node:crypto";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { WecomError, WecomUnreachableError } from "../../../../server/src/wecom/wecom-error.ts";
import { failStatement } from "../../../support/fail-statement.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";
import {
  createTestKeys,
  createTestSource,
  entities,
  expectWhole,
  openArchiveWorld,
  openTestPool,
  readStored,
  recallOf,
  textMessage,
} from "./archive-world.ts";
import type { ArchiveWorld, TestSource } from "./archive-world.ts";

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

forEachDatabase("pulling the archive", (open) => {
  let database: Database;
  let source: TestSource;

  beforeAll(async () => {
    database = await open(entities);
  });

  beforeEach(async () => {
    await emptyTables(database);
    await database.write((tx) => tx.query("DELETE FROM hit"));
    source = createTestSource(keys);
  });

  const world = (pageSize = 1000, over = database): ArchiveWorld =>
    openArchiveWorld(over, source, pool, { pageSize });

  const say = (count: number): number[] =>
    Array.from({ length: count }, (_, index) => source.say(textMessage(`m${index}_external`)));

  it("passes the last stored seq and stores what comes after it, with its body sealed", async () => {
    const seqs = say(8);
    const { pulls, reader } = world(3);
    expect(await pulls.pull()).toBe("news");
    expect(source.askedAfter).toEqual([0, seqs[2], seqs[5], seqs[7]]);
    expect(await readStored(database)).toEqual({
      seqs,
      hits: seqs,
      undecodable: [],
      cursor: seqs[7],
    });
    const [row] = await database.read.query<{ body: Buffer }[]>("SELECT body FROM message");
    expect(row!.body.includes("说")).toBe(false);
    expect(await reader.openMessages([seqs[1]!, 999_999, seqs[0]!])).toMatchObject([
      { seq: seqs[1], text: "说 m1_external", conversationId: "s:chenli:wmCustomer1" },
      { seq: seqs[0], text: "说 m0_external", memberId: "chenli", customerId: "wmCustomer1" },
    ]);
  });

  it("goes on where it ended, in this process or another", async () => {
    const before = say(2);
    await world().pulls.pull();
    const next = source.say(textMessage("later_external"));
    const { pulls, inspected } = world();
    await pulls.pull();
    expect(source.askedAfter.slice(2)).toEqual([before[1], next]);
    expect(inspected.flat().map(({ seq }) => seq)).toEqual([next]);
  });

  it("shows the inspection what the reader shows later", async () => {
    say(3);
    const { pulls, inspected, reader } = world();
    await pulls.pull();
    const messages = inspected.flat();
    expect(await reader.openMessages(messages.map(({ seq }) => seq))).toEqual(messages);
  });

  it("a crash between two pages loses nothing and repeats nothing", async () => {
    say(9);
    const { pulls, failInspection } = world(3);
    source.onPull = (call) => {
      if (call === 3) failInspection.next = true;
    };
    expect(await pulls.pull()).toBe("failed");
    const halfway = await readStored(database);
    expectWhole(halfway, source.items);
    expect(halfway.cursor).toBeLessThan(source.items.at(-1)!.seq);
    source.onPull = null;
    expect(await pulls.pull()).toBe("news");
    expectWhole(await readStored(database), source.items);
    expect((await readStored(database)).seqs).toHaveLength(9);
  });

  it("stores the page in hand when the next one cannot be fetched", async () => {
    const seqs = say(6);
    const { pulls, reader } = world(3);
    source.onPull = (call) => {
      if (call === 2) throw new WecomUnreachableError("/message/getchatdata", "timeout");
    };
    expect(await pulls.pull()).toBe("failed");
    expect((await readStored(database)).seqs).toEqual(seqs.slice(0, 3));
    expect((await reader.status()).failure).toMatchObject({ kind: "unreachable" });
  });

  it("notes why WeCom refuses, until it does no longer", async () => {
    const { pulls, reader } = world();
    source.onPull = () => {
      throw new WecomError(301052, "/message/getchatdata");
    };
    expect(await pulls.pull()).toBe("failed");
    expect((await reader.status()).failure).toMatchObject({ kind: "wecom", errcode: 301052 });
    source.onPull = null;
    const [seq] = say(1);
    expect(await pulls.pull()).toBe("news");
    expect(await reader.status()).toMatchObject({
      failure: null,
      messageCount: 1,
      seq,
      newestSentAtMs: 1_760_000_000_000,
    });
  });

  it("of two pullers at once one turns away, and everything is there once", async () => {
    say(30);
    const other = await open(entities);
    const [first, second] = [world(4), world(4, other)];
    let turnedAway: string | undefined;
    // The second comes while the first is at its first page.
    source.onPull = async (call) => {
      if (call === 1) turnedAway = await second.pulls.pull();
    };
    expect(await first.pulls.pull()).toBe("news");
    expect(turnedAway).toBe("busy");
    expectWhole(await readStored(database), source.items);
    expect((await readStored(database)).seqs).toHaveLength(30);
  });

  it("who was turned away looks again a second later, for what came meanwhile", async () => {
    const { pulls, jobs, runJobs } = world();
    let done: Promise<unknown> | undefined;
    source.onPull = async (call) => {
      if (call !== 1) return;
      await database.write((tx) => jobs.enqueue(tx, "archive.pull", {}));
      done = runJobs();
      await done;
    };
    await pulls.pull();
    const waiting = await database.read.query<{ dedupe: string }[]>(
      "SELECT dedupe FROM job WHERE state = 'ready' AND dedupe LIKE 'archive.pull@again:%'",
    );
    expect(waiting.length).toBeGreaterThan(0);
  });

  it("a puller whose lease has passed to another cannot store", async () => {
    say(6);
    const { pulls } = world(3);
    source.onPull = async (call) => {
      if (call === 2)
        await database.write((tx) => tx.query("UPDATE archive_cursor SET fence = 99"));
    };
    expect(await pulls.pull()).toBe("busy");
    const { seqs, cursor } = await readStored(database);
    expect({ seqs, cursor }).toEqual({ seqs: [], cursor: 0 });
  });

  it("a cursor that another has moved stays where it is", async () => {
    const seqs = say(6);
    const { pulls } = world(3);
    source.onPull = async (call) => {
      if (call === 1)
        await database.write((tx) => tx.query("UPDATE archive_cursor SET seq = 1000"));
    };
    expect(await pulls.pull()).toBe("busy");
    const stored = await readStored(database);
    expect(stored).toMatchObject({ seqs: [], cursor: 1000 });
    expect(seqs).toHaveLength(6);
  });

  it("a message that comes again, by seq or by id, has no further effect", async () => {
    const [first] = say(4);
    source.say(textMessage("m1_external"));
    source.say(textMessage("twice_external"));
    source.say(textMessage("twice_external"));
    const { pulls } = world(3);
    await pulls.pull();
    const { seqs, hits } = await readStored(database);
    expect(seqs).toHaveLength(5);
    expect(hits).toEqual(seqs);
    await database.write((tx) => tx.query("UPDATE archive_cursor SET seq = ?", [first]));
    const again = world(2);
    expect(await again.pulls.pull()).toBe("news");
    expect(again.inspected).toEqual([]);
    expect((await readStored(database)).seqs).toEqual(seqs);
  });

  it("does not turn in circles when WeCom answers with what it was not asked for", async () => {
    say(2);
    const all = [...source.items];
    const stuck = { ...source, pull: () => Promise.resolve(all) };
    const { pulls } = openArchiveWorld(database, stuck, pool);
    expect(await pulls.pull()).toBe("news");
    expect((await readStored(database)).seqs).toHaveLength(2);
  });

  it("links a recall to its message, in the same page and in a later one", async () => {
    const early = source.say(textMessage("a_external"));
    const other = source.say(textMessage("b_external"));
    const recall = source.say(recallOf("c_external", "a_external"));
    source.say(textMessage("d_external"));
    source.say(recallOf("e_external", "b_external"));
    await world(3).pulls.pull();
    const rows = await database.read.query<{ recalled: string | null; action: string }[]>(
      "SELECT recalled_at_ms AS recalled, action FROM message WHERE seq IN (?, ?, ?) ORDER BY seq",
      [early, other, recall],
    );
    expect(
      rows.map(({ recalled, action }) => [recalled === null ? null : Number(recalled), action]),
    ).toEqual([
      [1_760_000_060_000, "send"],
      [1_760_000_060_000, "send"],
      [null, "recall"],
    ]);
  });

  it("a robot's words are stored and judged by nobody", async () => {
    const seq = source.say(textMessage("r", "保本保息", { from: "wbRobot", to: ["chenli"] }));
    const { pulls, inspected } = world();
    await pulls.pull();
    expect((await readStored(database)).seqs).toEqual([seq]);
    expect(inspected).toEqual([]);
  });

  it("stops after the page in hand when asked to", async () => {
    say(9);
    const { pulls } = world(3);
    source.onPull = (call) => {
      if (call === 1) pulls.stop();
    };
    expect(await pulls.pull()).toBe("news");
    const stored = await readStored(database);
    expect(stored.seqs).toHaveLength(3);
    expectWhole(stored, source.items);
  });

  it("whichever statement fails, page, hits and cursor stay together", async () => {
    say(3);
    source.items.push({
      seq: source.items.at(-1)!.seq + 1,
      msgId: "garbage",
      keyVersion: 1,
      encryptedRandomKey: randomBytes(256).toString("base64"),
      encryptedMessage: "garbage",
    });
    source.say(recallOf("recall_external", "m1_external"));
    for (let n = 1; ; n += 1) {
      expect(n).toBeLessThan(100);
      await emptyTables(database);
      await database.write((tx) => tx.query("DELETE FROM hit"));
      const failing = failStatement(database, n);
      const outcome = await world(2, failing.database)
        .pulls.pull()
        .catch(() => "thrown");
      expectWhole(await readStored(database), source.items);
      if (!failing.hasFailed()) {
        expect(outcome).toBe("news");
        expect((await readStored(database)).seqs).toHaveLength(4);
        break;
      }
      // The lease of the one that failed may still stand; its time is over.
      await database.write((tx) => tx.query("UPDATE lease SET until_ms = 0"));
      // "nothing" when the failure came after the commit.
      expect(await world(2).pulls.pull()).toMatch(/^(news|nothing)$/);
      const healed = await readStored(database);
      expectWhole(healed, source.items);
      expect(healed).toMatchObject({ cursor: source.items.at(-1)!.seq });
      expect(healed.undecodable).toHaveLength(1);
    }
  });
});
