import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { EntityManager } from "typeorm";
import type { Clock } from "../platform/clock.ts";
import type { Database } from "../platform/database/database.ts";
import { insertNew } from "../platform/database/insert-new.ts";
import { VaultSealedError } from "../platform/vault/keyring.ts";
import type { Vault } from "../platform/vault/vault.ts";
import { WecomError, WecomUnreachableError } from "./wecom-error.ts";
import { WecomToken } from "./wecom-token.entity.ts";

export type TokenName =
  "token:app" | "token:archive" | "token:contacts" | "ticket:corp" | "ticket:app";

export interface FreshToken {
  value: string;
  lifetimeMs: number;
}

/** Fetches a new one from WeCom; must give up well within `LEASE_MS`. */
export type TokenLoader = () => Promise<FreshToken>;

/**
 * Tokens and tickets that all processes share. Two refreshes of one name are never under way at once:
 * within a process callers join the one that runs, and across processes the row's lease decides.
 */
export interface SharedTokens {
  get(name: TokenName, load: TokenLoader): Promise<string>;
  /** After WeCom refused `refused`: the token that replaced it already, or else a new one. */
  refreshAfter(name: TokenName, refused: string, load: TokenLoader): Promise<string>;
}

interface Held {
  value: string;
  expiresAtMs: number;
  renewAtMs: number;
}

/** A process that dies while it refreshes holds the others up for so long. */
const LEASE_MS = 25_000;
const WAIT_LIMIT_MS = 40_000;
const RENEW_EARLY_MS = 5 * 60_000;
/** A secret that was refused is not tried again for so long: WeCom bans an address that keeps on. */
const WRONG_CREDENTIAL_REST_MS = 60_000;
/** While an old token still works, a refresh that failed is tried again after so long. */
const RENEW_AGAIN_MS = 30_000;

export function createSharedTokens({
  database,
  vault,
  clock,
  pollMs = 100,
}: {
  database: Database;
  vault: Vault;
  clock: Clock;
  pollMs?: number;
}): SharedTokens {
  const held = new Map<TokenName, Held>();
  const running = new Map<TokenName, Promise<string>>();
  const resting = new Map<TokenName, { untilMs: number; error: WecomError }>();

  function hold(name: TokenName, value: string, expiresAtMs: number): Held {
    const now = clock.now();
    // WeCom hands out the same token until it runs out; half of a short rest keeps us from asking on every call.
    const early = Math.min(RENEW_EARLY_MS, Math.max(0, expiresAtMs - now) / 2);
    const entry = { value, expiresAtMs, renewAtMs: expiresAtMs - early };
    held.set(name, entry);
    return entry;
  }

  async function readStored(row: WecomToken | null): Promise<string | null> {
    if (!row?.token || row.expiresAtMs <= clock.now()) return null;
    // A token is only a cache: one that no longer opens (the vault key was replaced) is fetched anew.
    return await vault.openText(placeOf(row.name), row.token).catch(() => null);
  }

  /** True when this attempt, named `attempt`, has become the one that refreshes. */
  async function claim(name: TokenName, seen: string | null, attempt: string): Promise<boolean> {
    return await database.write(async (tx) => {
      await insertNew(tx, "wecom_token", "name", [
        { name, token: null, expires_at_ms: 0, refreshing_until_ms: 0, refresher: null },
      ]);
      const now = await database.nowMs(tx);
      const result = await tx
        .createQueryBuilder()
        .update(WecomToken)
        .set({ refreshingUntilMs: now + LEASE_MS, refresher: attempt })
        .where("name = :name AND refreshing_until_ms <= :now", { name, now })
        .andWhere(seen === null ? "refresher IS NULL" : "refresher = :seen", { seen })
        .execute();
      return result.affected === 1;
    });
  }

  async function release(name: TokenName, attempt: string, fresh: FreshToken | null) {
    const expiresAtMs = clock.now() + (fresh?.lifetimeMs ?? 0);
    await database.write(async (tx) => {
      const stored = fresh && (await sealFresh(tx, name, fresh.value, expiresAtMs));
      await tx
        .createQueryBuilder()
        .update(WecomToken)
        // Another name than while it was under way: who saw that must look again before it claims.
        .set({ refreshingUntilMs: 0, refresher: `${attempt}:over`, ...stored })
        .where("name = :name AND refresher = :attempt", { name, attempt })
        .execute();
    });
    if (fresh) hold(name, fresh.value, expiresAtMs);
  }

  /** While the vault has no key, each process keeps its token to itself. */
  async function sealFresh(tx: EntityManager, name: TokenName, value: string, expiresAtMs: number) {
    try {
      const sealer = await vault.sealerFor(tx, ["corp"]);
      return { token: sealer.seal("corp", placeOf(name), value), expiresAtMs };
    } catch (error) {
      if (error instanceof VaultSealedError) return null;
      throw error;
    }
  }

  async function load(name: TokenName, attempt: string, loader: TokenLoader): Promise<string> {
    let fresh: FreshToken | null = null;
    try {
      fresh = await loader();
      return fresh.value;
    } catch (error) {
      if (error instanceof WecomError && error.isWrongCredential) {
        resting.set(name, { untilMs: clock.now() + WRONG_CREDENTIAL_REST_MS, error });
      }
      throw error;
    } finally {
      await release(name, attempt, fresh);
    }
  }

  /** `unwanted`: the token that is not good any more, refused by WeCom or about to run out. */
  async function refresh(
    name: TokenName,
    unwanted: string | null,
    loader: TokenLoader,
  ): Promise<string> {
    const rest = resting.get(name);
    if (rest && clock.now() < rest.untilMs) throw rest.error;
    const attempt = randomUUID();
    for (let waitedMs = 0; waitedMs <= WAIT_LIMIT_MS; waitedMs += pollMs) {
      const row = await database.read.findOneBy(WecomToken, { name });
      const stored = await readStored(row);
      if (row && stored !== null && stored !== unwanted) {
        return hold(name, stored, row.expiresAtMs).value;
      }
      if (await claim(name, row?.refresher ?? null, attempt)) {
        return await load(name, attempt, loader);
      }
      await delay(pollMs);
    }
    throw new WecomUnreachableError("/gettoken", "timeout", "another process is refreshing");
  }

  function refreshOnce(
    name: TokenName,
    unwanted: string | null,
    loader: TokenLoader,
  ): Promise<string> {
    const current = running.get(name);
    if (current) return current;
    const started = refresh(name, unwanted, loader).finally(() => running.delete(name));
    running.set(name, started);
    return started;
  }

  return {
    async get(name, loader) {
      const entry = held.get(name);
      const now = clock.now();
      if (!entry || now >= entry.expiresAtMs) return await refreshOnce(name, null, loader);
      if (now < entry.renewAtMs) return entry.value;
      try {
        return await refreshOnce(name, entry.value, loader);
      } catch {
        // It still works; whoever needs to know about the failure sees it in the door's health.
        entry.renewAtMs = now + RENEW_AGAIN_MS;
        return entry.value;
      }
    },

    async refreshAfter(name, refused, loader) {
      const entry = held.get(name);
      if (entry && entry.value !== refused && clock.now() < entry.expiresAtMs) return entry.value;
      // A refresh that began before the refusal may have found the refused token still stored.
      const joined = await running.get(name);
      if (joined !== undefined && joined !== refused) return joined;
      return await refreshOnce(name, refused, loader);
    },
  };
}

function placeOf(name: string): { table: string; column: string; rowId: string } {
  return { table: "wecom_token", column: "token", rowId: name };
}
