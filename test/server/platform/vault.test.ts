import { randomBytes } from "node:crypto";
import { DataKey } from "../../../server/src/platform/vault/data-key.entity.ts";
import { findUnusedKeys, sealedColumns } from "../../../server/src/platform/vault/key-sweep.ts";
import {
  createVault,
  DestroyedKeyError,
  KEY_CACHE_MS,
} from "../../../server/src/platform/vault/vault.ts";
import type { Vault } from "../../../server/src/platform/vault/vault.ts";
import type { Database } from "../../../server/src/platform/database/database.ts";
import { entities } from "../../../server/src/entities.ts";
import { emptyTables, forEachDatabase } from "../../support/test-database.ts";

const july = Date.UTC(2026, 6, 15);
const place = { table: "message", column: "body", rowId: "1" };

forEachDatabase("vault", (open) => {
  let database: Database;
  let vault: Vault;
  const kek = { id: "kek-1", key: randomBytes(32) };
  let nowMs = july;
  const clock = { now: () => nowMs };
  beforeAll(async () => {
    database = await open(entities);
  });
  beforeEach(async () => {
    await emptyTables(database);
    nowMs = july;
    vault = createVault(database, kek, clock);
  });

  const seal = (subject: string, text: string, by: Vault = vault) =>
    database.write(async (tx) => (await by.sealerFor(tx, [subject])).seal(subject, place, text));

  it("opens what it sealed, also in another process", async () => {
    const sealed = await seal("wmCustomer", "保本保息 😀");
    expect(sealed.includes("保本")).toBe(false);
    expect(await vault.openText(place, sealed)).toBe("保本保息 😀");
    const other = createVault(await open(entities), kek, clock);
    expect(await other.openText(place, sealed)).toBe("保本保息 😀");
  });

  it("refuses a value in another row, column or table, and any changed bit", async () => {
    const sealed = await seal("wmCustomer", "文本");
    for (const elsewhere of [
      { ...place, rowId: "2" },
      { ...place, column: "text" },
      { ...place, table: "hit" },
    ]) {
      await expect(vault.open(elsewhere, sealed)).rejects.toThrow();
    }
    for (let bit = 0; bit < sealed.length * 8; bit += 7) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      await expect(vault.open(place, changed)).rejects.toThrow();
    }
    await expect(vault.open(place, sealed.subarray(0, 12))).rejects.toThrow();
  });

  it("keeps one key a subject and month, also when two processes make it at once", async () => {
    const other = createVault(await open(entities), kek, clock);
    const sealed = await Promise.all([
      seal("wmCustomer", "a"),
      seal("wmCustomer", "b", other),
      seal("wmOther", "c"),
    ]);
    const rows = await database.read.query<{ month: string }[]>(
      "SELECT month FROM data_key WHERE month < '999999'",
    );
    expect(rows.map(({ month }) => month)).toEqual(["202607", "202607"]);
    for (const [i, text] of ["a", "b", "c"].entries()) {
      expect(await vault.openText(place, sealed[i]!)).toBe(text);
    }
  });

  it("forgets a key whose transaction was undone: nothing is sealed under a key that nobody has", async () => {
    const undone = database.write(async (tx) => {
      await vault.sealerFor(tx, ["wmCustomer"]);
      throw new Error("undo");
    });
    await expect(undone).rejects.toThrow("undo");
    const sealed = await seal("wmCustomer", "之后");
    const other = createVault(await open(entities), kek, clock);
    expect(await other.openText(place, sealed)).toBe("之后");
  });

  it("makes one key for a subject that is asked for twice in one transaction", async () => {
    await database.write(async (tx) => {
      const first = await vault.sealerFor(tx, ["wmCustomer"]);
      const second = await vault.sealerFor(tx, ["wmCustomer"]);
      const ids = [first, second].map((sealer) =>
        sealer.seal("wmCustomer", place, "x").subarray(1, 9).toString("hex"),
      );
      expect(new Set(ids).size).toBe(1);
    });
  });

  it("never uses a nonce twice", async () => {
    const nonces = new Set<string>();
    await database.write(async (tx) => {
      const sealer = await vault.sealerFor(tx, ["wmCustomer"]);
      for (let i = 0; i < 3000; i += 1) {
        nonces.add(sealer.seal("wmCustomer", place, "x").subarray(9, 21).toString("hex"));
      }
    });
    expect(nonces.size).toBe(3000);
  });

  it("does not open under another vault key", async () => {
    const sealed = await seal("wmCustomer", "文本");
    const wrong = createVault(database, { id: "kek-1", key: randomBytes(32) }, clock);
    await expect(wrong.open(place, sealed)).rejects.toThrow();
  });

  it("makes everything unreadable whose key is destroyed", async () => {
    const sealed = await seal("wmCustomer", "文本");
    await database.write((tx) =>
      tx.query("UPDATE data_key SET wrapped = NULL, commitment = NULL, destroyed_at_ms = 1"),
    );
    const fresh = createVault(database, kek, clock);
    await expect(fresh.open(place, sealed)).rejects.toThrow(DestroyedKeyError);
  });

  describe("destroying a key", () => {
    const idOf = (sealed: Buffer): string => sealed.subarray(1, 9).toString("hex");
    const destroy = (ids: readonly string[], by: Vault = vault) =>
      database.write((tx) => by.destroyKeys(tx, ids));

    it("leaves nothing of it, counts it once, and names nobody any more", async () => {
      const [one, other] = [await seal("wmCustomer", "文本"), await seal("wmOther", "文本")];
      const before = await database.read.findOneByOrFail(DataKey, { id: idOf(one) });
      expect(await destroy([idOf(one), "0000000000000000"])).toBe(1);
      expect(await destroy([idOf(one)])).toBe(0);
      await expect(vault.open(place, one)).rejects.toThrow(DestroyedKeyError);
      expect(await vault.openText(place, other)).toBe("文本");
      const row = await database.read.findOneByOrFail(DataKey, { id: idOf(one) });
      expect(row).toMatchObject({ wrapped: null, commitment: null, destroyedAtMs: july });
      expect(row.subjectHash).not.toBe(before.subjectHash);
    });

    it("frees the subject's place: what comes in the same month is sealed under a new key", async () => {
      const old = await seal("wmCustomer", "旧");
      await destroy([idOf(old)]);
      const next = await seal("wmCustomer", "新");
      expect(idOf(next)).not.toBe(idOf(old));
      expect(await createVault(database, kek, clock).openText(place, next)).toBe("新");
      await destroy([idOf(next)]);
      expect(await vault.openText(place, await seal("wmCustomer", "更新"))).toBe("更新");
    });

    it("keeps another process, which has the key in memory, from sealing under it", async () => {
      const other = createVault(await open(entities), kek, clock);
      const old = await seal("wmCustomer", "旧", other);
      await destroy([idOf(old)]);
      const next = await seal("wmCustomer", "新", other);
      expect(idOf(next)).not.toBe(idOf(old));
      expect(await createVault(database, kek, clock).openText(place, next)).toBe("新");
    });

    it("waits for a transaction that seals under it", async () => {
      const id = idOf(await seal("wmCustomer", "先"));
      let begin!: () => void;
      const begun = new Promise<void>((resolve) => (begin = resolve));
      // Outside the transaction, as another process would.
      const destroyed = begun.then(() => destroy([id]));
      const isAlive = async () => {
        // By then it would be done, if it did not wait.
        for (let round = 0; round < 50; round += 1) await database.nowMs(database.read);
        return (await database.read.findOneByOrFail(DataKey, { id })).destroyedAtMs === null;
      };
      const wasAlive = await database.write(async (tx) => {
        await vault.sealerFor(tx, ["wmCustomer"]);
        begin();
        return await isAlive();
      });
      expect(wasAlive).toBe(true);
      expect(await destroyed).toBe(1);
    });

    it("is noticed by another process that has opened with it, within the bound", async () => {
      const sealed = await seal("wmCustomer", "文本");
      const other = createVault(await open(entities), kek, clock);
      await other.open(place, sealed);
      nowMs += KEY_CACHE_MS - 1;
      await other.open(place, sealed);
      await destroy([idOf(sealed)]);
      nowMs += 2;
      await expect(other.open(place, sealed)).rejects.toThrow(DestroyedKeyError);
    });

    it("is undone with the transaction", async () => {
      const sealed = await seal("wmCustomer", "文本");
      const failed = database.write(async (tx) => {
        await vault.destroyKeys(tx, [idOf(sealed)]);
        throw new Error("undone");
      });
      await expect(failed).rejects.toThrow("undone");
      expect(await createVault(database, kek, clock).openText(place, sealed)).toBe("文本");
    });
  });

  describe("keys that seal nothing", () => {
    const store = async (id: string, subject: string): Promise<string> => {
      const sealed = await seal(subject, id);
      await database.write((tx) =>
        tx.query("INSERT INTO customer (id, profile, synced_at_ms) VALUES (?, ?, 0)", [id, sealed]),
      );
      return sealed.subarray(1, 9).toString("hex");
    };
    const find = (month: string) => findUnusedKeys(database, month, () => Promise.resolve(false));

    it("are found in months that are over, whatever table named them", async () => {
      const used = await store("wmA", "wmA");
      const unused = await store("wmB", "wmB");
      await database.write((tx) => tx.query("DELETE FROM customer WHERE id = 'wmB'"));
      expect(await find("202607")).toEqual([]);
      expect(await find("202608")).toEqual([unused]);
      await database.write((tx) => tx.query("DELETE FROM customer"));
      expect((await find("202608"))?.sort()).toEqual([used, unused].sort());
      await database.write((tx) => vault.destroyKeys(tx, [used, unused]));
      expect(await find("202608")).toEqual([]);
    });

    it("are not guessed at when the time is over", async () => {
      await store("wmA", "wmA");
      await database.write((tx) => tx.query("DELETE FROM customer"));
      expect(await findUnusedKeys(database, "202608", () => Promise.resolve(true))).toBeNull();
    });

    it("are looked for in every column of the database that can hold bytes", async () => {
      const sql =
        database.dialect === "sqlite"
          ? `SELECT m.name AS t, c.name AS c FROM sqlite_master m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND LOWER(c.type) = 'blob'`
          : `SELECT table_name AS t, column_name AS c FROM information_schema.columns
             WHERE table_schema = DATABASE() AND data_type LIKE '%blob'`;
      const blobs = await database.read.query<{ t: string; c: string }[]>(sql);
      const looked = sealedColumns(database).map(({ table, column }) => `${table}.${column}`);
      const own = ["data_key.wrapped", "data_key.commitment"];
      // Hashes, and what an authority signed of one.
      const publics = ["ledger_head.unfinished", "ledger_tile.hashes", "ledger_stamp.answer"];
      expect([...looked, ...own, ...publics].sort()).toEqual(
        blobs.map(({ t, c }) => `${t}.${c}`).sort(),
      );
    });
  });

  it("is not led astray by a key row moved to another subject", async () => {
    const sealed = await seal("wmCustomer", "文本");
    await database.write((tx) => tx.query("UPDATE data_key SET month = '202601'"));
    const fresh = createVault(database, kek, clock);
    await expect(fresh.open(place, sealed)).rejects.toThrow();
  });
});
