import { randomBytes } from "node:crypto";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import { registerArchiveRoutes } from "../../../../server/src/features/archive/archive.routes.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { sealArchiveItem } from "../../../simulator/crypto/archive-crypto.ts";
import { admin, createTestApi, manager, sales } from "../../../support/test-api.ts";
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

forEachDatabase("undecodable items", (open) => {
  let database: Database;
  let source: TestSource;

  beforeAll(async () => {
    database = await open(entities);
  });

  beforeEach(async () => {
    await emptyTables(database);
    await database.write((tx) => tx.query("DELETE FROM hit"));
    keys.withdraw(2);
    pool.reload();
    source = createTestSource(keys);
  });

  const world = (): ArchiveWorld => openArchiveWorld(database, source, pool, { pageSize: 3 });

  it("are kept as received, with their reason, and stop nothing", async () => {
    source.say(textMessage("before"));
    source.say(textMessage("new key"), { keyVersion: 2 });
    const good = sealArchiveItem(keys.publicKey(1), JSON.stringify(textMessage("x")));
    const base = {
      encryptedRandomKey: good.encryptRandomKey,
      encryptedMessage: good.encryptChatMsg,
    };
    const other = sealArchiveItem(keys.publicKey(1), "{}");
    const noMessage = sealArchiveItem(keys.publicKey(1), '"text"');
    const tooLong = sealArchiveItem(keys.publicKey(1), JSON.stringify({ msgid: "x".repeat(500) }));
    const odd = [
      { ...base, encryptedRandomKey: "" },
      { ...base, encryptedRandomKey: randomBytes(256).toString("base64") },
      { ...base, encryptedMessage: other.encryptChatMsg },
      { ...base, encryptedMessage: "" },
      { ...base, encryptedMessage: good.encryptChatMsg.slice(0, -30) },
      {
        encryptedRandomKey: noMessage.encryptRandomKey,
        encryptedMessage: noMessage.encryptChatMsg,
      },
      { encryptedRandomKey: tooLong.encryptRandomKey, encryptedMessage: tooLong.encryptChatMsg },
      { ...base, keyVersion: 2 ** 40 },
      { ...base, keyVersion: Number.NaN },
      { ...base, msgId: "m".repeat(5000), keyVersion: -1 },
    ];
    for (const item of odd) {
      const seq = source.items.at(-1)!.seq + 1;
      source.items.push({ seq, msgId: `odd-${seq}`, keyVersion: 1, ...item });
    }
    source.say(textMessage("after"));
    const { pulls, undecodable } = world();
    expect(await pulls.pull()).toBe("news");
    const stored = await readStored(database);
    expectWhole(stored, source.items);
    expect(stored.seqs).toHaveLength(2);
    expect(stored.undecodable).toHaveLength(odd.length + 1);
    const waiting = await undecodable.listWaiting();
    const count = (reason: string) =>
      waiting.filter((one) => one.reason === reason).reduce((sum, one) => sum + one.count, 0);
    expect([count("unknown_key_version"), count("invalid_json")]).toEqual([4, 2]);
    expect(waiting).toContainEqual({ reason: "unknown_key_version", keyVersion: 2, count: 1 });
    const { total, items } = await undecodable.list();
    expect(total).toBe(odd.length + 1);
    expect(items).toHaveLength(odd.length + 1);
    const [row] = await database.read.query<{ item: Buffer }[]>("SELECT item FROM undecodable");
    expect(row!.item.includes("encryptedRandomKey")).toBe(false);
  });

  it("become messages with their hits by themselves once the key is there", async () => {
    source.say(textMessage("old"));
    const waiting = source.say(textMessage("new", "保本保息"), { keyVersion: 2 });
    const first = world();
    await database.write((tx) => first.jobs.enqueue(tx, "archive.pull", {}));
    await first.runJobs();
    expect((await readStored(database)).undecodable).toEqual([waiting]);

    keys.deliver(2);
    const second = world();
    await database.write((tx) => second.jobs.enqueue(tx, "archive.pull", {}));
    await second.runJobs();
    const stored = await readStored(database);
    expect(stored.undecodable).toEqual([]);
    expectWhole(stored, source.items);
    expect(second.inspected.flat()).toMatchObject([{ seq: waiting, text: "保本保息" }]);
    expect(await second.reader.openMessages([waiting])).toMatchObject([{ text: "保本保息" }]);
  });

  it("also when the key came while the process was down", async () => {
    const waiting = source.say(textMessage("new"), { keyVersion: 2 });
    await world().pulls.pull();
    keys.deliver(2);
    const fresh = openTestPool(keys);
    const restarted = openArchiveWorld(database, source, fresh);
    await database.write((tx) => restarted.jobs.enqueue(tx, "archive.pull", {}));
    await restarted.runJobs();
    await fresh.close();
    expect((await readStored(database)).seqs).toEqual([waiting]);
  });

  it("are linked to a recall that was stored before them", async () => {
    const waiting = source.say(textMessage("a_external"), { keyVersion: 2 });
    source.say(recallOf("b_external", "a_external"));
    const { pulls, undecodable } = world();
    await pulls.pull();
    keys.deliver(2);
    expect(await undecodable.retryAll()).toEqual({ resolved: 1, remaining: 0 });
    const [row] = await database.read.query<{ recalled: string }[]>(
      "SELECT recalled_at_ms AS recalled FROM message WHERE seq = ?",
      [waiting],
    );
    expect(Number(row!.recalled)).toBe(1_760_000_060_000);
  });

  it("are counted as tried, and say what is wrong once the key is there", async () => {
    source.items.push({
      seq: 1,
      msgId: "garbage",
      keyVersion: 2,
      encryptedRandomKey: randomBytes(256).toString("base64"),
      encryptedMessage: "garbage",
    });
    const { pulls, undecodable } = world();
    await pulls.pull();
    expect(await undecodable.retryAll()).toEqual({ resolved: 0, remaining: 1 });
    keys.deliver(2);
    expect(await undecodable.retryAll()).toEqual({ resolved: 0, remaining: 1 });
    expect((await undecodable.list()).items).toMatchObject([
      { seq: 1, attempts: 3, reason: "bad_random_key" },
    ]);
    expect(await undecodable.hasOpenable()).toBe(false);
  });

  it("tried twice at once become one message each", async () => {
    for (let index = 0; index < 5; index += 1) {
      source.say(textMessage(`n${index}`), { keyVersion: 2 });
    }
    const one = world();
    await one.pulls.pull();
    keys.deliver(2);
    const results = await Promise.all([
      one.undecodable.retryAll(),
      openArchiveWorld(await open(entities), source, pool).undecodable.retryAll(),
    ]);
    expect(results.reduce((sum, { resolved }) => sum + resolved, 0)).toBe(5);
    expectWhole(await readStored(database), source.items);
    expect((await readStored(database)).seqs).toHaveLength(5);
  });

  it("whose message arrived meanwhile under another seq are resolved without a second one", async () => {
    source.say(textMessage("same"), { keyVersion: 2 });
    const opened = source.say(textMessage("same"));
    const { pulls, undecodable } = world();
    await pulls.pull();
    keys.deliver(2);
    expect(await undecodable.retryAll()).toEqual({ resolved: 1, remaining: 0 });
    expect(await readStored(database)).toMatchObject({ seqs: [opened], hits: [opened] });
  });

  describe("over HTTP", () => {
    const api = () => {
      const { undecodable } = world();
      return createTestApi((routes) => registerArchiveRoutes(routes, { undecodable }));
    };
    const path = "/api/admin/archive/undecodable";

    it("are for administrators alone", async () => {
      expect((await api().get(null, path)).status).toBe(401);
      for (const actor of [sales, manager]) {
        expect((await api().get(actor, path)).status).toBe(403);
        expect((await api().send(actor, "post", `${path}/retry`)).status).toBe(403);
      }
      expect((await api().send(null, "post", `${path}/retry`)).status).toBe(401);
    });

    it("are listed and tried again", async () => {
      source.say(textMessage("new"), { keyVersion: 2 });
      await world().pulls.pull();
      const listed = await api().get(admin, path);
      expect(listed.body).toMatchObject({
        total: 1,
        items: [{ keyVersion: 2, reason: "unknown_key_version", attempts: 1 }],
      });
      keys.deliver(2);
      const retried = await api().send(admin, "post", `${path}/retry`);
      expect([retried.status, retried.body]).toEqual([200, { resolved: 1, remaining: 0 }]);
    });
  });
});
