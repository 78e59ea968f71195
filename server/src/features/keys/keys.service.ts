import type { EntityManager } from "typeorm";
import { KEY_MAX_AGE_DAYS } from "#shared/contract/keys";
import type { KeysView, KeyView } from "#shared/contract/keys";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import { RingKey } from "../../platform/vault/key-ring.entity.ts";
import type { KeySource } from "../../platform/vault/key-source.ts";
import type { Place, Vault } from "../../platform/vault/vault.ts";
import { KeyAge } from "./key-age.entity.ts";

/** A key or secret as the settings and folders have it now. */
export interface WatchedKey {
  id: string;
  kind: Exclude<KeyView["kind"], "vault">;
  /** Differs from key to key, and says nothing about it. */
  fingerprint: string;
  state: KeyView["state"];
}

/** What keys there are, how old they are, and whether one has been changed. */
export interface Keys {
  /** Looks at all of them; one that is new or has been changed goes on record. */
  view(): Promise<KeysView>;
}

interface Deps {
  database: Database;
  vault: Vault;
  clock: Clock;
  keySource: Pick<KeySource, "kind">;
  /** Read anew each time: files come and go while the server runs. */
  listWatched: () => readonly WatchedKey[];
}

const MAX_AGE_MS = KEY_MAX_AGE_DAYS * 24 * 3600_000;
const SUBJECT = "corp";

const placeOf = (id: string): Place => ({ table: "key_age", column: "fingerprint", rowId: id });

export function createKeys(deps: Deps): Keys {
  const { database, vault, clock, keySource, listWatched } = deps;

  async function isKnown(row: KeyAge, { id, fingerprint }: WatchedKey): Promise<boolean> {
    return (await vault.openText(placeOf(id), row.fingerprint)) === fingerprint;
  }

  async function note(
    tx: EntityManager,
    { id, fingerprint }: WatchedKey,
    sinceMs: number,
  ): Promise<void> {
    const sealer = await vault.sealerFor(tx, [SUBJECT]);
    const sealed = sealer.seal(SUBJECT, placeOf(id), fingerprint);
    const isChange = await tx.existsBy(KeyAge, { id });
    await tx.save(KeyAge, { id, fingerprint: sealed, sinceMs });
    const kind = isChange ? "key.changed" : "key.seen";
    recordEntry(tx, { kind, actorId: "system", objectId: id, atMs: sinceMs, details: {} });
  }

  /** Writes only when something is new. */
  async function agesOf(
    watched: readonly WatchedKey[],
    nowMs: number,
  ): Promise<Map<string, number>> {
    const rows = new Map((await database.read.find(KeyAge)).map((row) => [row.id, row]));
    const fresh: WatchedKey[] = [];
    for (const key of watched) {
      const row = rows.get(key.id);
      if (!row || !(await isKnown(row, key))) fresh.push(key);
    }
    if (fresh.length > 0) {
      await database.write(async (tx) => {
        for (const key of fresh) await note(tx, key, nowMs);
      });
    }
    const isFresh = new Set(fresh.map(({ id }) => id));
    return new Map(
      watched.map(({ id }) => [id, isFresh.has(id) ? nowMs : (rows.get(id)?.sinceMs ?? nowMs)]),
    );
  }

  return {
    async view() {
      const nowMs = clock.now();
      const watched = listWatched();
      const [ring, ages] = await Promise.all([
        database.read.find(RingKey, { order: { createdAtMs: "DESC", id: "ASC" } }),
        agesOf(watched, nowMs),
      ]);
      const isOld = (state: KeyView["state"], sinceMs: number): boolean =>
        (state === null || state === "current") && nowMs - sinceMs > MAX_AGE_MS;
      const vaultKeys = ring.map(({ id, state, createdAtMs: sinceMs }) => ({
        id: `vault:${id}`,
        kind: "vault" as const,
        state,
        sinceMs,
        isOld: isOld(state, sinceMs),
      }));
      const others = watched.map(({ id, kind, state }) => {
        const sinceMs = ages.get(id) ?? nowMs;
        return { id, kind, state, sinceMs, isOld: isOld(state, sinceMs) };
      });
      return { vaultSource: keySource.kind, keys: [...vaultKeys, ...others] };
    },
  };
}
