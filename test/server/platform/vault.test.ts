import { randomBytes } from "node:crypto";
import { createVault, DestroyedKeyError } from "../../../server/src/platform/vault/vault.ts";
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
  const clock = { now: () => july };
  beforeAll(async () => {
    database = await open(entities);
  });
  beforeEach(async () => {
    await emptyTables(database);
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
    const rows = await database.read.query<{ month: string }[]>("SELECT month FROM data_key");
    expect(rows.map(({ month }) => month)).toEqual(["202607", "202607"]);
    for (const [i, text] of ["a", "b", "c"].entries()) {
      expect(await vault.openText(place, sealed[i]!)).toBe(text);
    }
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

  it("is not led astray by a key row moved to another subject", async () => {
    const sealed = await seal("wmCustomer", "文本");
    await database.write((tx) => tx.query("UPDATE data_key SET month = '202601'"));
    const fresh = createVault(database, kek, clock);
    await expect(fresh.open(place, sealed)).rejects.toThrow();
  });
});
