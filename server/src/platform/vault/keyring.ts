import type { EntityManager } from "typeorm";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import type { Database } from "../database/database.ts";
import { insertNew } from "../database/insert-new.ts";
import { DataKey } from "./data-key.entity.ts";
import type { KeyEncryptionKey } from "./key-encryption-key.ts";
import { RingKey } from "./key-ring.entity.ts";
import type { KeySource } from "./key-source.ts";

/** The keys that wrap data keys, by the table that says which of them is current. */
export interface Keyring {
  /** For wrapping something new. Throws `VaultSealedError`. */
  current(manager: EntityManager): Promise<KeyEncryptionKey>;
  /** For opening what this one wrapped. Throws `VaultSealedError`. */
  get(id: string): Promise<KeyEncryptionKey>;
}

/** A ring that is kept outside: it may be closed at the start and opened later. */
export interface OutsideKeyring extends Keyring {
  /** Founds the ring of a new installation. Throws `VaultSealedError` as long as the current key is not there. */
  open(): Promise<void>;
  /** Resolves when it is open; rejects when `signal` ends the waiting. */
  untilOpen(signal: AbortSignal): Promise<void>;
  /** Why nothing can be opened now; null when all is well. */
  whySealed(): SealedReason | null;
}

/** "missing": no key is there; "foreign": others are; "unreadable": the file or the service cannot be read. */
export type SealedReason = "missing" | "foreign" | "unreadable";

/** What is sealed stays so until the key encryption key is there. Nothing is lost meanwhile. */
export class VaultSealedError extends Error {
  override name = "VaultSealedError";

  constructor(
    readonly reason: SealedReason,
    cause?: unknown,
  ) {
    super(`the vault is sealed: its key is ${reason}`, { cause });
  }
}

/** A key that was not there is not looked for again more often, however many ask. */
const RELOAD_EVERY_MS = 1000;

export function createKeyring({
  database,
  source,
  clock,
}: {
  database: Database;
  source: KeySource;
  clock: Clock;
}): OutsideKeyring {
  const keys = new Map<string, KeyEncryptionKey>();
  let sealed: SealedReason | null = "missing";
  const missedAt = new Map<string, number>();
  let loading: Promise<void> | undefined;

  async function loadNow(): Promise<void> {
    const loaded = await source.load().catch((error: unknown) => {
      throw new VaultSealedError("unreadable", error);
    });
    // One that is gone from its source is forgotten, too.
    keys.clear();
    for (const key of loaded) keys.set(key.id, key);
  }

  /** For a key that somebody may have added a moment ago. Those who ask at once wait for the same reading. */
  async function lookFor(id: string): Promise<void> {
    const sinceMs = performance.now() - (missedAt.get(id) ?? Number.NEGATIVE_INFINITY);
    if (!loading && sinceMs < RELOAD_EVERY_MS) return;
    missedAt.set(id, performance.now());
    loading ??= loadNow().finally(() => {
      loading = undefined;
    });
    await loading;
  }

  async function get(id: string): Promise<KeyEncryptionKey> {
    if (!keys.has(id)) await lookFor(id);
    const found = keys.get(id);
    if (!found) throw new VaultSealedError(keys.size === 0 ? "missing" : "foreign");
    return found;
  }

  /** A new key is made only while nothing has been sealed yet: it could open nothing old. */
  async function found(): Promise<void> {
    const wrappers = await listWrappers(database.read);
    if (keys.size === 0 && wrappers.length === 0) {
      const made = await source.add();
      if (made) keys.set(made.id, made);
    }
    const [first] = keys.values();
    if (!first) throw new VaultSealedError("missing");
    const current = wrappers.length === 0 ? first : wrappers.flatMap((id) => keys.get(id) ?? [])[0];
    if (!current) throw new VaultSealedError("foreign");
    const nowMs = clock.now();
    await database.write((tx) =>
      insertNew(
        tx,
        "key_ring",
        "id",
        [...new Set([current.id, ...wrappers])].map((id) => ({
          id,
          state: id === current.id ? "current" : "retiring",
          created_at_ms: nowMs,
          changed_at_ms: nowMs,
        })),
      ),
    );
  }

  async function open(): Promise<void> {
    try {
      await loadNow();
      if ((await findCurrentId(database.read)) === null) await found();
      // Of two that found it at once with keys of their own, one stays sealed.
      await get((await findCurrentId(database.read)) ?? "");
      sealed = null;
    } catch (error) {
      if (error instanceof VaultSealedError) sealed = error.reason;
      throw error;
    }
  }

  return {
    get,
    open,
    whySealed: () => sealed,

    async current(manager) {
      if (sealed) throw new VaultSealedError(sealed);
      const id = await findCurrentId(manager);
      if (id === null) throw new VaultSealedError("missing");
      return await get(id);
    },

    async untilOpen(signal) {
      while (sealed) {
        signal.throwIfAborted();
        try {
          await open();
        } catch (error) {
          if (!(error instanceof VaultSealedError)) throw error;
          await delay(RELOAD_EVERY_MS, undefined, { signal });
        }
      }
    },
  };
}

export async function findCurrentId(manager: EntityManager): Promise<string | null> {
  const row = await manager.findOne(RingKey, {
    select: { id: true },
    where: { state: "current" },
    order: { createdAtMs: "ASC", id: "ASC" },
  });
  return row?.id ?? null;
}

/** Ids of the key encryption keys that still wrap something. */
export async function listWrappers(manager: EntityManager): Promise<string[]> {
  const rows = await manager
    .createQueryBuilder(DataKey, "k")
    .select("k.kekId", "kekId")
    .where("k.wrapped IS NOT NULL")
    .groupBy("k.kekId")
    .orderBy("MAX(k.createdAtMs)", "DESC")
    .getRawMany<{ kekId: string }>();
  return rows.map(({ kekId }) => kekId);
}

/** One key that is never turned. */
export function ringOf(key: KeyEncryptionKey): Keyring {
  return {
    current: () => Promise.resolve(key),
    get: (id) =>
      id === key.id ? Promise.resolve(key) : Promise.reject(new VaultSealedError("foreign")),
  };
}
