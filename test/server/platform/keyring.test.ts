import { randomBytes } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { entities } from "../../../server/src/entities.ts";
import { RingKey } from "../../../server/src/platform/vault/key-ring.entity.ts";
import { createKey } from "../../../server/src/platform/vault/key-encryption-key.ts";
import type { KeyEncryptionKey } from "../../../server/src/platform/vault/key-encryption-key.ts";
import type { KeySource } from "../../../server/src/platform/vault/key-source.ts";
import { createKeyring, listWrappers } from "../../../server/src/platform/vault/keyring.ts";
import type { OutsideKeyring } from "../../../server/src/platform/vault/keyring.ts";
import {
  KeyInUseError,
  makeCurrent,
  REST_MS,
  retire,
  rewrapAll,
} from "../../../server/src/platform/vault/rotation.ts";
import { createVault } from "../../../server/src/platform/vault/vault.ts";
import type { Vault } from "../../../server/src/platform/vault/vault.ts";
import type { Database } from "../../../server/src/platform/database/database.ts";
import { emptyTables, forEachDatabase } from "../../support/test-database.ts";

const place = { table: "message", column: "body", rowId: "1" };

/** A key file in memory. */
function memorySource(): KeySource & { keys: KeyEncryptionKey[] } {
  const source = {
    kind: "file" as const,
    keys: [] as KeyEncryptionKey[],
    load: () => Promise.resolve([...source.keys]),
    add: () => {
      const made = createKey();
      source.keys.push(made);
      return Promise.resolve(made);
    },
    remove: (id: string) => {
      source.keys = source.keys.filter((key) => key.id !== id);
      return Promise.resolve(true);
    },
  };
  return source;
}

forEachDatabase("keyring", (open) => {
  let database: Database;
  let source: ReturnType<typeof memorySource>;
  let nowMs = Date.UTC(2026, 6, 15);
  const clock = { now: () => nowMs };

  beforeAll(async () => {
    database = await open(entities);
  });
  beforeEach(async () => {
    await emptyTables(database);
    source = memorySource();
  });

  const openRing = async (on = database): Promise<{ ring: OutsideKeyring; vault: Vault }> => {
    const ring = createKeyring({ database: on, source, clock });
    await ring.open();
    return { ring, vault: createVault(on, ring, clock) };
  };
  const seal = (vault: Vault, subject: string, text: string, on = database) =>
    on.write(async (tx) => (await vault.sealerFor(tx, [subject])).seal(subject, place, text));
  const states = async () =>
    (await database.read.find(RingKey, { order: { createdAtMs: "ASC" } })).map(
      ({ state }) => state,
    );

  it("is founded once with a key of its own", async () => {
    await openRing();
    await openRing();
    expect(source.keys).toHaveLength(1);
    expect(await states()).toEqual(["current"]);
  });

  it("stays sealed without its key or with another, opens nothing, and makes none", async () => {
    const { vault } = await openRing();
    const sealed = await seal(vault, "wm1", "文本");
    const kept = source.keys;
    for (const [keys, reason] of [
      [[], "missing"],
      [[createKey()], "foreign"],
    ] as const) {
      source.keys = [...keys];
      const ring = createKeyring({ database, source, clock });
      await expect(ring.open()).rejects.toMatchObject({ reason });
      expect(ring.whySealed()).toBe(reason);
      const locked = createVault(database, ring, clock);
      await expect(locked.open(place, sealed)).rejects.toThrow("sealed");
      await expect(seal(locked, "wm1", "x")).rejects.toThrow("sealed");
      expect(source.keys).toHaveLength(keys.length);
    }
    source.keys = kept;
    const again = await openRing();
    expect(await again.vault.openText(place, sealed)).toBe("文本");
  });

  it("opens by itself once the key is there", async () => {
    await openRing();
    const kept = source.keys.splice(0);
    const ring = createKeyring({ database, source, clock });
    await expect(ring.open()).rejects.toThrow("sealed");
    const opened = ring.untilOpen(new AbortController().signal);
    source.keys.push(...kept);
    await opened;
    expect(ring.whySealed()).toBeNull();
  });

  it("of an installation from before the ring goes on with the key that wrapped last", async () => {
    const old = createKey();
    // As it was: no root, hashes of subjects by the key itself.
    const vault = createVault(database, old, clock);
    const sealed = await seal(vault, "wm1", "旧");
    source.keys.push(createKey(), old);
    const next = await openRing();
    expect((await next.ring.current(database.read)).id).toBe(old.id);
    expect(await next.vault.openText(place, sealed)).toBe("旧");
  });

  it("is turned while two processes read and write, and no read fails", async () => {
    const other = await open(entities);
    const [one, two] = [await openRing(), await openRing(other)];
    const sealed: Buffer[] = [];
    for (let i = 0; i < 300; i += 1) sealed.push(await seal(one.vault, `wm${i}`, `文本${i}`));
    const first = source.keys[0]!;

    let isOver = false;
    let reads = 0;
    const load = async (vault: Vault, on: Database): Promise<void> => {
      while (!isOver) {
        const index = reads % 300;
        const fresh = createVault(on, vault === one.vault ? one.ring : two.ring, clock);
        expect(await fresh.openText(place, sealed[index]!)).toBe(`文本${index}`);
        const mine = await seal(vault, `new${reads}`, "新", on);
        expect(await fresh.openText(place, mine)).toBe("新");
        reads += 1;
        // SQLite answers without leaving the turn.
        await nextTurn();
      }
    };
    const loads = [load(one.vault, database), load(two.vault, other)];

    const second = (await source.add())!;
    const turned = createKeyring({ database, source, clock });
    await turned.open();
    await makeCurrent({ database, ring: turned, clock }, second.id);
    try {
      await Promise.all([
        rewrapAll({ database, ring: turned, clock }),
        rewrapAll({ database, ring: turned, clock }),
      ]);
    } finally {
      isOver = true;
    }
    await Promise.all(loads);
    await rewrapAll({ database, ring: turned, clock });
    expect(reads).toBeGreaterThan(0);
    expect(await listWrappers(database.read)).toEqual([second.id]);

    await expect(retire({ database, ring: turned, clock }, first.id)).rejects.toThrow(
      KeyInUseError,
    );
    nowMs += REST_MS;
    await retire({ database, ring: turned, clock }, first.id);
    await source.remove(first.id);
    expect((await states()).sort()).toEqual(["current", "destroyed"]);
    const after = await openRing();
    for (const [index, value] of sealed.entries()) {
      expect(await after.vault.openText(place, value)).toBe(`文本${index}`);
    }
    // The same subject still has the same key: hashes did not change with the turn.
    const again = await seal(after.vault, "wm7", "又");
    expect(again.subarray(1, 9)).toEqual(sealed[7]!.subarray(1, 9));
  });

  it("goes on where a turn was cut off, and leaves destroyed keys destroyed", async () => {
    const { vault, ring } = await openRing();
    const sealed: Buffer[] = [];
    for (let i = 0; i < 20; i += 1) sealed.push(await seal(vault, `wm${i}`, `文本${i}`));
    const second = (await source.add())!;
    await makeCurrent({ database, ring, clock }, second.id);
    const deps = { database, ring, clock };
    const killed = rewrapAll(deps, () => {
      throw new Error("killed");
    });
    await expect(killed).rejects.toThrow("killed");
    const gone = sealed[3]!.subarray(1, 9).toString("hex");
    await database.write((tx) => vault.destroyKeys(tx, [gone]));
    await rewrapAll(deps);
    expect(await listWrappers(database.read)).toEqual([second.id]);
    const fresh = createVault(database, ring, clock);
    await expect(fresh.open(place, sealed[3]!)).rejects.toThrow("destroyed");
    expect(await fresh.openText(place, sealed[4]!)).toBe("文本4");
  });

  it("does not wrap anew what was changed: a row moved to another key stops the turn", async () => {
    const { vault, ring } = await openRing();
    await seal(vault, "wm1", "文本");
    const second = (await source.add())!;
    await makeCurrent({ database, ring, clock }, second.id);
    await database.write((tx) => tx.query("UPDATE data_key SET commitment = ?", [randomBytes(32)]));
    await expect(rewrapAll({ database, ring, clock })).rejects.toThrow("commitment");
  });
});
