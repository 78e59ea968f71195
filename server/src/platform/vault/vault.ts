import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { In, IsNull, Not } from "typeorm";
import type { EntityManager } from "typeorm";
import type { Clock } from "../clock.ts";
import type { Database } from "../database/database.ts";
import { insertNew } from "../database/insert-new.ts";
import { sharedLock } from "../database/shared-lock.ts";
import { DataKey } from "./data-key.entity.ts";
import { DestroyedKeyError, openDataKey, sealDataKey } from "./data-key.ts";
import type { KeyBundle } from "./key-bundle.ts";
import type { KeyEncryptionKey } from "./key-encryption-key.ts";
import { ringOf } from "./keyring.ts";
import type { Keyring } from "./keyring.ts";
import { keyIdOf, openWith, saltWith, sealWith } from "./sealed-value.ts";
import type { Place } from "./sealed-value.ts";

export { DestroyedKeyError } from "./data-key.ts";
export type { Place } from "./sealed-value.ts";

/** Seals without waiting: its data keys are at hand. */
export interface Sealer {
  seal(subject: string, place: Place, plaintext: string | Buffer): Buffer;
  /** For a hash of what is sealed there: without the salt, and so without the data key, nobody can guess at it. */
  salt(subject: string, place: Place): Buffer;
}

/**
 * The only place that touches ciphers for data at rest. A value is sealed with AES-256-GCM under the
 * data key of its subject (the person it is about) and month; the data key is wrapped by the key
 * encryption key.
 */
export interface Vault {
  /** Makes the keys of `subjects` ready inside the caller's transaction, then seals at once. */
  sealerFor(tx: EntityManager, subjects: Iterable<string>): Promise<Sealer>;
  /** Opens one value. Throws `DestroyedKeyError` when its key was destroyed on purpose. */
  open(place: Place, sealed: Buffer): Promise<Buffer>;
  openText(place: Place, sealed: Buffer): Promise<string>;
  /** The salt that belonged to a value when it was sealed. */
  saltOf(place: Place, sealed: Buffer): Promise<Buffer>;
  /** A key for hashing that follows from the vault's own and a name; the same in every process. */
  hashKey(name: string): Promise<Uint8Array>;
  /** The data keys of these ids, for a worker thread that opens many values. */
  bundleFor(keyIds: readonly string[]): Promise<KeyBundle>;
  /**
   * Makes unreadable for ever what was sealed under these keys; returns how many of them still lived. Whoever seals
   * for the same subject afterwards gets a new key; whoever is at it is waited for. Another process may open values for `KEY_CACHE_MS` more.
   */
  destroyKeys(tx: EntityManager, ids: readonly string[]): Promise<number>;
  /** Ids of the living keys of a subject, of all months. */
  keysOf(manager: EntityManager, subject: string): Promise<string[]>;
}

interface ReadyKey {
  id: string;
  key: Buffer;
}

const CACHED_KEYS = 20_000;
/** For so long a key that another process has destroyed may lie in memory here. */
export const KEY_CACHE_MS = 60_000;
/** Ids in one statement. */
const SLICE = 500;

/**
 * The key from which those for hashing follow is a data key, too, so that it stays the same when the key encryption
 * key is turned. Its month is never over.
 */
const ROOT = { subjectHash: "root", month: "999999" } as const;

/** `keys`: a ring, or one key that is never turned. */
export function createVault(
  database: Database,
  keys: Keyring | KeyEncryptionKey,
  clock: Clock,
): Vault {
  const ring = "key" in keys ? ringOf(keys) : keys;
  let rootKey: Buffer | undefined;
  const keysById = new LRUCache<string, Buffer>({
    max: CACHED_KEYS,
    ttl: KEY_CACHE_MS,
    ttlResolution: 0,
    perf: clock,
  });
  const idsBySubject = new LRUCache<string, string>({ max: CACHED_KEYS });

  async function unwrap(row: DataKey): Promise<Buffer> {
    if (!row.wrapped) throw new DestroyedKeyError("the key was destroyed");
    const key = openDataKey(await ring.get(row.kekId), row);
    keysById.set(row.id, key);
    return key;
  }

  /** Made with the first thing that is sealed. */
  async function root(manager: EntityManager): Promise<Buffer> {
    if (rootKey) return rootKey;
    const stored = await manager.findOneBy(DataKey, { ...ROOT });
    const row = stored ?? (await database.write(createRoot));
    const key = await unwrap(row);
    // One whose transaction is undone is nobody's root.
    database.afterCommit(() => {
      rootKey = key;
    });
    return key;
  }

  async function createRoot(tx: EntityManager): Promise<DataKey> {
    const kek = await ring.current(tx);
    // Before there was a root, the hashes of subjects followed from the key encryption key itself.
    const key = (await tx.exists(DataKey))
      ? Buffer.from(hkdfSync("sha256", kek.key, "", "data-key-subject", 32))
      : randomBytes(32);
    const id = randomBytes(8).toString("hex");
    const row = sealDataKey(kek, { id, ...ROOT, key, createdAtMs: clock.now() });
    // Another process may have made the root a moment ago; the unique key decides and we read the winner.
    await insertNew(tx, "data_key", "id", [row]);
    return await tx.findOneByOrFail(DataKey, { ...ROOT });
  }

  async function hashSubject(manager: EntityManager, subject: string): Promise<string> {
    return createHmac("sha256", await root(manager))
      .update(subject)
      .digest("hex");
  }

  /** Made unless there; returns them by the hash of their subject. */
  async function loadOrCreate(
    tx: EntityManager,
    hashes: readonly string[],
    month: string,
  ): Promise<Map<string, ReadyKey>> {
    const ready = new Map<string, ReadyKey>();
    if (hashes.length === 0) return ready;
    const kek = await ring.current(tx);
    const createdAtMs = clock.now();
    const newKeys = hashes.map((subjectHash) => {
      const id = randomBytes(8).toString("hex");
      return sealDataKey(kek, { id, subjectHash, month, key: randomBytes(32), createdAtMs });
    });
    // Another process may have made the same key a moment ago; the unique key decides and we read the winner.
    await insertNew(tx, "data_key", "id", newKeys);
    for (const slice of slicesOf(hashes)) {
      const rows = await tx.findBy(DataKey, { month, subjectHash: In(slice) });
      for (const row of rows) {
        ready.set(row.subjectHash, { id: row.id, key: await unwrap(row) });
        idsBySubject.set(`${row.subjectHash}${month}`, row.id);
      }
    }
    return ready;
  }

  /**
   * Those that are in memory and alive. The table is asked each time: another process may have destroyed one, and
   * what is sealed here from then on would be lost. They stay alive until this transaction ends.
   */
  async function findReady(
    tx: EntityManager,
    hashes: readonly string[],
    month: string,
  ): Promise<Map<string, ReadyKey>> {
    const cached = new Map<string, ReadyKey & { hash: string }>();
    for (const hash of hashes) {
      const id = idsBySubject.get(`${hash}${month}`);
      const key = id === undefined ? undefined : keysById.get(id);
      if (id !== undefined && key) cached.set(id, { hash, id, key });
    }
    const ready = new Map<string, ReadyKey>();
    for (const slice of slicesOf([...cached.keys()])) {
      // Past the ORM, which would make an object with all columns of each.
      const alive = await tx.query<{ id: string }[]>(
        `SELECT id FROM data_key WHERE id IN (${slice.map(() => "?").join(", ")}) AND destroyed_at_ms IS NULL ${sharedLock(tx)}`,
        slice,
      );
      for (const { id } of alive) {
        const found = cached.get(id);
        if (found) ready.set(found.hash, found);
      }
    }
    return ready;
  }

  async function keyById(id: string): Promise<Buffer> {
    const cached = keysById.get(id);
    if (cached) return cached;
    const row = await database.read.findOneBy(DataKey, { id });
    if (!row) throw new Error(`data key ${id} does not exist`);
    return await unwrap(row);
  }

  /** Into the cache, in few statements; a destroyed one shows when it is asked for. */
  async function loadKeys(ids: readonly string[]): Promise<void> {
    for (const slice of slicesOf(ids)) {
      const rows = await database.read.findBy(DataKey, { id: In(slice), wrapped: Not(IsNull()) });
      for (const row of rows) await unwrap(row);
    }
  }

  const vault: Vault = {
    async sealerFor(tx, subjects) {
      const month = monthOf(clock.now());
      const hashes = new Map<string, string>();
      for (const subject of subjects) hashes.set(subject, await hashSubject(tx, subject));
      const wanted = [...new Set(hashes.values())];
      const ready = await findReady(tx, wanted, month);
      const missing = wanted.filter((hash) => !ready.has(hash));
      const loaded = await loadOrCreate(tx, missing, month);
      // Held by the sealer itself, so that the cache may forget them meanwhile.
      const keys = new Map<string, ReadyKey>();
      for (const [subject, hash] of hashes) {
        const found = ready.get(hash) ?? loaded.get(hash);
        if (found) keys.set(subject, found);
      }
      const keyOf = (subject: string): ReadyKey => {
        const found = keys.get(subject);
        if (!found) throw new Error("the sealer was not made for this subject");
        return found;
      };
      return {
        seal(subject, place, plaintext) {
          const bytes = typeof plaintext === "string" ? Buffer.from(plaintext, "utf8") : plaintext;
          return sealWith(keyOf(subject), place, bytes);
        },
        salt: (subject, place) => saltWith(keyOf(subject), place),
      };
    },

    async open(place, sealed) {
      const id = keyIdOf(sealed);
      return openWith({ id, key: await keyById(id) }, place, sealed);
    },

    async openText(place, sealed) {
      return (await vault.open(place, sealed)).toString("utf8");
    },

    async saltOf(place, sealed) {
      const id = keyIdOf(sealed);
      return saltWith({ id, key: await keyById(id) }, place);
    },

    async hashKey(name) {
      return new Uint8Array(hkdfSync("sha256", await root(database.read), "", `hash ${name}`, 32));
    },

    async bundleFor(keyIds) {
      await loadKeys(keyIds.filter((id) => !keysById.has(id)));
      const bundle = new Map<string, Uint8Array | null>();
      for (const id of keyIds) {
        try {
          bundle.set(id, Uint8Array.from(await keyById(id)));
        } catch (error) {
          if (!(error instanceof DestroyedKeyError)) throw error;
          bundle.set(id, null);
        }
      }
      return bundle;
    },

    async destroyKeys(tx, ids) {
      let destroyed = 0;
      for (const slice of slicesOf(ids)) {
        const { affected } = await tx
          .createQueryBuilder()
          .update(DataKey)
          .set({
            wrapped: null,
            commitment: null,
            destroyedAtMs: clock.now(),
            // Names nobody from now on, and leaves the subject's place in this month to a new key.
            subjectHash: () => "id",
          })
          .where({ id: In(slice), destroyedAtMs: IsNull() })
          .execute();
        destroyed += affected ?? 0;
      }
      database.afterCommit(() => {
        for (const id of ids) keysById.delete(id);
      });
      return destroyed;
    },

    async keysOf(manager, subject) {
      const subjectHash = await hashSubject(manager, subject);
      const where = { subjectHash, destroyedAtMs: IsNull() };
      const rows = await manager.find(DataKey, { select: { id: true }, where });
      return rows.map(({ id }) => id);
    },
  };
  return vault;
}

function* slicesOf(ids: readonly string[]): Generator<string[], void> {
  for (let from = 0; from < ids.length; from += SLICE) yield ids.slice(from, from + SLICE);
}

const shanghaiMonth = new Intl.DateTimeFormat("en-CA", {
  timeZone: "Asia/Shanghai",
  year: "numeric",
  month: "2-digit",
});

/** `yyyymm` in Asia/Shanghai, as it stands in a data key. */
export function monthOf(atMs: number): string {
  return shanghaiMonth.format(atMs).replace("-", "");
}
