import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MediaRow } from "../../../../server/src/features/media/media.entity.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import type { ObjectStore } from "../../../../server/src/platform/objects/object-store.ts";
import { DataKey } from "../../../../server/src/platform/vault/data-key.entity.ts";
import { SdkError, SdkHostError } from "../../../../server/src/wecom/sdk-error.ts";
import { WecomError, WecomUnreachableError } from "../../../../server/src/wecom/wecom-error.ts";
import { failStatement } from "../../../support/fail-statement.ts";
import { seededRandom } from "../../../support/random.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";
import {
  createTestFiles,
  createTestFolder,
  entities,
  md5Of,
  openMediaWorld,
} from "./media-world.ts";
import type { MediaWorld, TestFiles, TestFolder } from "./media-world.ts";

const KIB = 1024;
const DAY_MS = 24 * 3600_000;
const random = seededRandom(20261123);

forEachDatabase("files of messages", (open) => {
  let database: Database;
  let folder: TestFolder;
  let source: TestFiles;
  let world: MediaWorld;

  beforeEach(async () => {
    database = await open(entities);
    await emptyTables(database);
    folder = createTestFolder();
    source = createTestFiles(512 * KIB);
    world = openMediaWorld(database, folder.path, source);
  });
  afterEach(() => folder.remove());

  const serve = (fileId: string, size: number): Buffer => {
    const bytes = random.bytes(size);
    source.files.set(fileId, bytes);
    return bytes;
  };
  /** What WeCom says of a file that it serves. */
  const announce = (fileId: string, size: number) => {
    const bytes = serve(fileId, size);
    return { fileId, md5: md5Of(bytes), sizeBytes: size };
  };
  const counts = async () => (await world.media.summary(world.clock.nowMs)).counts;
  /** By hash: Jest takes seconds to compare large buffers. */
  const expectContent = async (from: MediaWorld, id: string, fileId: string) =>
    expect(md5Of(await from.content(id))).toBe(md5Of(source.files.get(fileId)!));
  /** Everything but the keys, which the process holds in memory as well. */
  const clear = () =>
    database.write(async (tx) => {
      for (const table of ["media", "job", "lease"]) await tx.query(`DELETE FROM ${table}`);
    });
  /** The process after a kill: nothing of the one before but the disk and the database. */
  const restart = (): MediaWorld => openMediaWorld(database, folder.path, source, world.clock);

  it.each([0, 1, 64 * KIB - 1, 64 * KIB, 512 * KIB - 1, 512 * KIB, 1024 * KIB, 1300 * KIB + 7])(
    "a file of %d bytes comes whole, and lies sealed",
    async (size) => {
      await world.keep(7, { ...announce("a", size), fileName: "报价.pdf" });
      expect(await world.rounds.run()).toBe("done");
      await expectContent(world, "7-0", "a");
      expect(await world.row("7-0")).toMatchObject({ state: "stored", problem: null, attempts: 0 });
      expect(folder.list()).toEqual(["000000/7-0"]);
      const sealed = readFileSync(join(folder.path, "000000/7-0"));
      if (size > 64) expect(sealed.includes(source.files.get("a")!.subarray(0, 16))).toBe(false);
    },
  );

  it("keeps nothing readable of what WeCom says of a file", async () => {
    const { md5, ...told } = announce("secret-file-id", 10);
    await world.keep(7, { ...told, md5, fileName: "报价.pdf" });
    const rows = JSON.stringify(await database.read.query("SELECT * FROM media"));
    const bytes = (await database.read.findOneByOrFail(MediaRow, { id: "7-0" })).reference;
    for (const word of ["secret-file-id", "报价", md5]) {
      expect(rows).not.toContain(word);
      expect(bytes.includes(word)).toBe(false);
    }
  });

  it("several files come at once, and no more than that", async () => {
    let [now, most] = [0, 0];
    let letGo: () => void = () => undefined;
    const hasFour = new Promise<void>((resolve) => (letGo = resolve));
    source.onFetch = async () => {
      most = Math.max(most, (now += 1));
      if (now === 4) letGo();
      await hasFour;
      now -= 1;
    };
    for (let seq = 1; seq <= 60; seq += 1) await world.keep(seq, announce(`f${seq}`, 100));
    await world.rounds.run();
    expect(await counts()).toEqual({ stored: 60 });
    expect(source.fetched).toHaveLength(60);
    expect(most).toBe(4);
  });

  it("goes on where it stopped, whichever chunk was the last", async () => {
    const told = announce("a", 5 * 512 * KIB + 100);
    for (let last = 0; last <= 5; last += 1) {
      await clear();
      source.fetched.length = 0;
      await world.keep(7, told);
      source.onFetch = () => {
        if (source.fetched.length > last) throw new WecomUnreachableError("media", "network");
      };
      await world.rounds.run();
      expect(await world.row("7-0")).toMatchObject({ state: "waiting", problem: "unreachable" });
      source.onFetch = null;
      source.fetched.length = 0;
      const next = restart();
      next.clock.nowMs += DAY_MS;
      await next.rounds.run();
      await expectContent(next, "7-0", "a");
      expect(source.fetched[0]).toBe(`a@${last * 512 * KIB}`);
      expect(source.fetched).toHaveLength(6 - last);
      expect(await next.row("7-0")).toMatchObject({ problem: null });
      expect(folder.list()).toEqual(["000000/7-0"]);
    }
  });

  it("goes on after a kill at any byte of the disk", async () => {
    const told = announce("a", 3 * 512 * KIB + 100);
    const staged = join(folder.path, "incoming", "7-0");
    for (let round = 0; round < 12; round += 1) {
      await clear();
      await world.keep(7, told);
      source.onFetch = (call) => {
        if (call === `a@${2 * 512 * KIB}`) throw new WecomUnreachableError("media", "network");
      };
      await world.rounds.run();
      // What lies behind the noted progress may be anything; before it, something may be missing or spoilt.
      const bytes = readFileSync(staged);
      const isSpoilt = round % 3 === 2;
      if (isSpoilt) bytes[random.int(0, bytes.length - 1)]! ^= 1;
      const isCut = round % 3 === 1;
      const garbage = random.bytes(random.int(0, 100_000));
      const cut = bytes.subarray(0, random.int(0, bytes.length - 1));
      writeFileSync(staged, isCut ? cut : Buffer.concat([bytes, garbage]));
      source.onFetch = null;
      source.fetched.length = 0;
      const next = restart();
      next.clock.nowMs += DAY_MS;
      await next.rounds.run();
      await expectContent(next, "7-0", "a");
      const isAnew = isCut || isSpoilt;
      expect(source.fetched).toHaveLength(isAnew ? 4 : 2);
    }
  });

  it("chunks of any size are put together", async () => {
    for (const chunkBytes of [1000, 64 * KIB + 1, 100 * KIB]) {
      source.chunkBytes = chunkBytes;
      await clear();
      await world.keep(7, announce("a", 300 * KIB + 5));
      await world.rounds.run();
      await expectContent(world, "7-0", "a");
    }
  });

  it("nothing is half stored when a statement fails, whichever it is", async () => {
    const told = announce("a", 2 * 512 * KIB + 5);
    for (let n = 1; ; n += 1) {
      await clear();
      await world.keep(7, told);
      const failing = failStatement(database, n);
      await openMediaWorld(failing.database, folder.path, source)
        .rounds.run()
        .catch(() => undefined);
      const next = restart();
      next.clock.nowMs += DAY_MS;
      // A lease that could not be given back runs out by itself.
      await database.write((tx) => tx.query("DELETE FROM lease"));
      await next.rounds.run();
      await expectContent(next, "7-0", "a");
      expect(folder.list()).toEqual(["000000/7-0"]);
      if (!failing.hasFailed()) break;
      expect(n).toBeLessThan(100);
    }
  });

  describe("what is not as announced", () => {
    it.each([
      ["another checksum", { md5: "0".repeat(32) }],
      ["another size", { sizeBytes: 11 }],
    ])("%s: is fetched three times, then kept and said to be odd", async (_name, odd) => {
      await world.keep(7, { ...announce("a", 10), ...odd });
      for (let round = 1; round <= 3; round += 1) {
        expect(await world.row("7-0")).toMatchObject({ state: "waiting" });
        await world.rounds.run();
        expect(source.fetched).toHaveLength(round);
        world.clock.nowMs += DAY_MS / 4;
      }
      expect(await world.row("7-0")).toMatchObject({ state: "stored", problem: "mismatch" });
      await expectContent(world, "7-0", "a");
    });

    it("is well when the next try brings what was announced", async () => {
      const told = announce("a", 10);
      const right = source.files.get("a")!;
      source.files.set("a", Buffer.from("something"));
      await world.keep(7, told);
      await world.rounds.run();
      source.files.set("a", right);
      world.clock.nowMs += DAY_MS;
      await world.rounds.run();
      expect(await world.row("7-0")).toMatchObject({ state: "stored", problem: null });
      await expectContent(world, "7-0", "a");
    });
  });

  describe("what WeCom refuses", () => {
    const expired = () => new SdkError(10010, "GetMediaData");
    const failWith = (error: () => Error, fileId = "bad") => {
      source.onFetch = (call) => {
        if (call.startsWith(`${fileId}@`)) throw error();
      };
    };

    it.each([
      ["through the library", expired],
      ["over HTTP", () => new WecomError(301048, "/message/getchatmediadata")],
    ])("a file that is gone is gone for good: %s", async (_name, error) => {
      failWith(error);
      await world.keep(7, announce("bad", 10), announce("good", 10));
      await world.rounds.run();
      expect(await world.row("7-0")).toMatchObject({ state: "expired" });
      expect(await world.row("7-1")).toMatchObject({ state: "stored" });
      world.clock.nowMs += DAY_MS;
      await world.rounds.run();
      expect(source.fetched).toHaveLength(2);
      expect(await counts()).toEqual({ expired: 1, stored: 1 });
    });

    it("an id that is none is not asked for again", async () => {
      failWith(() => new SdkError(10005, "GetMediaData"));
      await world.keep(7, announce("bad", 10));
      await world.rounds.run();
      expect(await world.row("7-0")).toMatchObject({ state: "failed", problem: "bad_id" });
    });

    it.each([
      ["unreachable", () => new SdkError(10001, "GetMediaData")],
      ["unreachable", () => new SdkError(10009, "GetMediaData")],
      ["unreachable", () => new SdkError(10011, "GetMediaData")],
      ["unreachable", () => new WecomUnreachableError("media", "timeout")],
      ["unreachable", () => new SdkHostError("not_loaded")],
      ["refused", () => new SdkError(10002, "GetMediaData")],
      ["refused", () => new SdkError(10003, "GetMediaData")],
      ["refused", () => new SdkError(10006, "GetMediaData")],
      ["refused", () => new SdkHostError("crashed", "SIGSEGV")],
    ])(
      "%s: is tried again with longer and longer pauses, then given up",
      async (problem, error) => {
        failWith(error);
        await world.keep(7, announce("bad", 10));
        const pauses: number[] = [];
        for (let attempts = 1; attempts <= 10; attempts += 1) {
          await world.rounds.run();
          const row = (await world.row("7-0"))!;
          expect(row).toMatchObject({ state: "waiting", problem, attempts });
          pauses.push(row.nextTryAtMs - world.clock.nowMs);
          await world.rounds.run();
          expect(source.fetched).toHaveLength(attempts);
          world.clock.nowMs = row.nextTryAtMs;
        }
        expect([pauses[0], pauses[1], pauses[9]]).toEqual([15_000, 30_000, 30 * 60_000]);
        world.clock.nowMs += 6 * DAY_MS;
        await world.rounds.run();
        expect(await world.row("7-0")).toMatchObject({ state: "failed", problem: "gave_up" });
      },
    );

    it("what was given up is fetched when somebody asks for it again, of the last week only", async () => {
      failWith(() => new SdkError(10005, "GetMediaData"));
      await world.keep(7, announce("bad", 10));
      await world.rounds.run();
      expect(await world.media.listLost()).toMatchObject({
        total: 1,
        items: [{ id: "7-0", seq: 7, reason: "bad_id" }],
      });
      source.onFetch = null;
      const lostAtMs = world.clock.nowMs;
      world.clock.nowMs = lostAtMs + 7 * DAY_MS;
      expect(await world.media.fetchLostAgain()).toBe(0);
      world.clock.nowMs = lostAtMs + 5 * DAY_MS;
      expect(await world.media.fetchLostAgain()).toBe(1);
      await world.rounds.run();
      expect(await world.row("7-0")).toMatchObject({ state: "stored", problem: null });
      await expectContent(world, "7-0", "bad");
      expect(await world.media.listLost()).toEqual({ total: 0, items: [] });
    });

    it("one that fails keeps no other waiting", async () => {
      failWith(() => new WecomUnreachableError("media", "unexpected_answer"));
      for (let seq = 1; seq <= 30; seq += 1) {
        await world.keep(seq, announce(seq % 3 === 0 ? "bad" : `f${seq}`, 10));
      }
      await world.rounds.run();
      expect(await counts()).toEqual({ stored: 20, waiting: 10 });
    });

    it("when nothing can be reached the rest is not asked for", async () => {
      source.onFetch = () => {
        throw new WecomUnreachableError("media", "network");
      };
      for (let seq = 1; seq <= 100; seq += 1) await world.keep(seq, announce(`f${seq}`, 10));
      await world.rounds.run();
      expect(source.fetched.length).toBeLessThan(20);
      source.onFetch = null;
      world.clock.nowMs += DAY_MS;
      await world.rounds.run();
      expect(await counts()).toEqual({ stored: 100 });
    });
  });

  it("a store that takes nothing costs no file", async () => {
    let isFull = true;
    const store = (real: ObjectStore): ObjectStore => ({
      ...real,
      put: (...given) => (isFull ? Promise.reject(new Error("no space")) : real.put(...given)),
    });
    world = openMediaWorld(database, folder.path, source, { store });
    await world.keep(7, announce("a", 600 * KIB));
    await world.rounds.run();
    expect(await world.row("7-0")).toMatchObject({ state: "waiting", problem: "not_storable" });
    isFull = false;
    world.clock.nowMs += DAY_MS;
    await world.rounds.run();
    await expectContent(world, "7-0", "a");
  });

  it("of two processes one fetches", async () => {
    const other = restart();
    await world.keep(7, announce("a", 10));
    source.onFetch = async () => {
      expect(await other.rounds.run()).toBe("busy");
    };
    expect(await world.rounds.run()).toBe("done");
    expect(source.fetched).toHaveLength(1);
  });

  it("one that was stopped past its lease takes nothing away from the one that took over", async () => {
    await world.keep(7, announce("a", 100));
    await world.keep(8, announce("b", 100));
    const late = openMediaWorld(database, folder.path, source, { ...world.clock, parallel: 1 });
    source.onFetch = async () => {
      source.onFetch = null;
      await database.write((tx) => tx.query("DELETE FROM lease"));
      expect(await world.rounds.run()).toBe("done");
    };
    await late.rounds.run();
    await expectContent(world, "7-0", "a");
    await expectContent(world, "8-0", "b");
    expect(await counts()).toEqual({ stored: 2 });
  });

  it("a stop ends the round after its chunk; the next process goes on there", async () => {
    await world.keep(7, announce("a", 3 * 512 * KIB));
    source.onFetch = () => world.rounds.stop();
    expect(await world.rounds.run()).toBe("busy");
    expect(source.fetched).toEqual(["a@0"]);
    source.onFetch = null;
    await restart().rounds.run();
    expect(source.fetched).toHaveLength(4);
    await expectContent(world, "7-0", "a");
  });

  describe("destroying", () => {
    const forget = (...seqs: number[]) =>
      database.write((tx) => world.media.forgetMessages(tx, seqs));

    it("a message's files go with it, row and object", async () => {
      await world.keep(7, announce("a", 10), announce("b", 10));
      await world.keep(8, announce("c", 10));
      await world.rounds.run();
      await forget(7);
      await expect(world.content("7-0")).rejects.toMatchObject({ code: "not_found" });
      await world.rounds.run();
      expect(folder.list()).toEqual(["000000/8-0"]);
      expect(await world.row("7-0")).toBeNull();
      expect(await counts()).toEqual({ stored: 1 });
    });

    it("is undone with the caller's transaction", async () => {
      await world.keep(7, announce("a", 10));
      await world.rounds.run();
      const undone = database.write(async (tx) => {
        await world.media.forgetMessages(tx, [7]);
        throw new Error("no");
      });
      await expect(undone).rejects.toThrow("no");
      await world.rounds.run();
      await expectContent(world, "7-0", "a");
    });

    it("a file that is under way leaves nothing behind", async () => {
      for (const at of [0, 512 * KIB, 1024 * KIB]) {
        await clear();
        await world.keep(7, announce("a", 1024 * KIB + 1));
        source.onFetch = async (call) => {
          if (call === `a@${at}`) await forget(7);
        };
        await world.rounds.run();
        source.onFetch = null;
        await world.rounds.run();
        expect(folder.list()).toEqual([]);
        expect(await world.row("7-0")).toBeNull();
      }
    });

    it("nor does one whose row another process has erased meanwhile", async () => {
      await world.keep(7, announce("a", 10));
      source.onFetch = () => database.write((tx) => tx.query("DELETE FROM media"));
      await world.rounds.run();
      expect(folder.list()).toEqual([]);
    });

    it("an object that cannot be deleted now is deleted later", async () => {
      let isDown = false;
      const store = (real: ObjectStore): ObjectStore => ({
        ...real,
        delete: (name) => (isDown ? Promise.reject(new Error("down")) : real.delete(name)),
      });
      world = openMediaWorld(database, folder.path, source, { store });
      await world.keep(7, announce("a", 10));
      await world.rounds.run();
      await forget(7);
      isDown = true;
      await expect(world.rounds.run()).rejects.toThrow("down");
      expect(await world.row("7-0")).toMatchObject({ state: "erasing" });
      isDown = false;
      await world.rounds.run();
      expect(folder.list()).toEqual([]);
    });

    it("without the person's key nobody reads the file, and what still waits is dropped", async () => {
      await world.keep(7, announce("a", 10));
      await world.rounds.run();
      await world.keep(8, announce("b", 10));
      await database.write((tx) =>
        tx.updateAll(DataKey, { wrapped: null, commitment: null, destroyedAtMs: 1 }),
      );
      const next = restart();
      await expect(next.content("7-0")).rejects.toMatchObject({ code: "not_found" });
      await next.rounds.run();
      await next.rounds.run();
      expect(await next.row("8-0")).toBeNull();
    });
  });

  it("any part of a file can be read: seeded ranges equal slices", async () => {
    const bytes = serve("a", 5 * 64 * KIB + 77);
    await world.keep(7, { fileId: "a" });
    await world.rounds.run();
    const { file } = await world.media.open("7-0");
    for (let round = 0; round < 300; round += 1) {
      const from = random.int(0, bytes.length);
      const to = random.int(
        from,
        round % 2 === 0 ? bytes.length : Math.min(bytes.length, from + 9),
      );
      expect((await file.read(from, to)).equals(bytes.subarray(from, to))).toBe(true);
    }
    const streamed: Buffer[] = [];
    for await (const piece of file.stream(100, bytes.length)) streamed.push(piece);
    expect(Buffer.concat(streamed).equals(bytes.subarray(100))).toBe(true);
  });

  it.each([
    ["a bit flipped", (bytes: Buffer) => bytes.fill(bytes[70_000]! ^ 1, 70_000, 70_001)],
    ["cut in a chunk", (bytes: Buffer) => bytes.subarray(0, -1)],
    ["cut between chunks", (bytes: Buffer) => bytes.subarray(0, 2 * (64 * KIB + 28))],
    [
      "two chunks changed places",
      (bytes: Buffer) => {
        const chunk = (n: number) => bytes.subarray(n * (64 * KIB + 28), (n + 1) * (64 * KIB + 28));
        return Buffer.concat([chunk(1), chunk(0), chunk(2)]);
      },
    ],
  ])("a stored file does not open when it was changed: %s", async (_name, change) => {
    await world.keep(7, announce("a", 2 * 64 * KIB + 50));
    await world.rounds.run();
    const path = join(folder.path, "000000/7-0");
    writeFileSync(path, change(readFileSync(path)));
    await expect(world.content("7-0")).rejects.toThrow();
  });

  it("another person's file in its place does not open", async () => {
    await world.keep(7, announce("a", 50));
    await world.keep(8, announce("b", 50));
    await world.rounds.run();
    const path = (seq: number) => join(folder.path, `000000/${seq}-0`);
    writeFileSync(path(7), readFileSync(path(8)));
    await expect(world.content("7-0")).rejects.toThrow();
    await expectContent(world, "8-0", "b");
  });
});
