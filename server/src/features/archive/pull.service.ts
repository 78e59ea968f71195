import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import type { Lease } from "../../platform/jobs/lease.ts";
import { acquireLease } from "../../platform/jobs/lease.ts";
import type { Logger } from "../../platform/log.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { ItemOutcome } from "../../wecom/archive-envelope.ts";
import type { ArchiveItem, ArchiveSource } from "../../wecom/archive-source.ts";
import { createCallBudget } from "./call-budget.ts";
import { moveCursor, noteFailure, readCursor, StaleFenceError } from "./cursor.ts";
import type { DecryptPool } from "./decrypt-pool.ts";
import type { MessageStore } from "./message-store.ts";
import { toPullFailure } from "./pull-failure.ts";
import { noteArchiveDay } from "./archive-day.ts";
import { bookDelivery } from "./delivery.ts";
import { sortOutcomes } from "./undecodable-items.ts";

/**
 * Fetches the archive without a gap. One process at a time does it (lease with fence). A page, its cursor
 * and everything that follows from it commit together, so a crash at any point repeats a page and loses none.
 */
export interface PullService {
  /**
   * Pulls until nothing is left: "news" when there was something, "nothing" when not. "busy": another puller is
   * at it. Failures of WeCom are noted, not thrown.
   */
  pull(): Promise<"news" | "nothing" | "busy" | "failed">;
  /** Ends a pull that is under way after its current page. */
  stop(): void;
}

export interface PullServiceDeps {
  corpId: string;
  source: Pick<ArchiveSource, "pull">;
  pool: Pick<DecryptPool, "open">;
  store: MessageStore;
  database: Database;
  vault: Vault;
  clock: Clock;
  log: Logger;
  /** Items a call; WeCom allows 1,000. */
  pageSize?: number;
}

interface Page {
  from: number;
  to: number;
  items: readonly ArchiveItem[];
}

/** Their messages are held in memory. */
const PAGES_AHEAD = 2;
const LEASE_MS = 30_000;
const RENEW_MS = 10_000;

export function createPullService(deps: PullServiceDeps): PullService {
  const { corpId, source, pool, store, database, vault, clock, log } = deps;
  const pageSize = deps.pageSize ?? 1000;
  const budget = createCallBudget({ database, clock, name: `archive:${corpId}` });
  const stopping = new AbortController();

  async function fetchPage(from: number): Promise<Page> {
    await budget.take(stopping.signal);
    // WeCom answers from `from + 1` on.
    const items = await source.pull(from, pageSize);
    return { from, to: Math.max(from, ...items.map(({ seq }) => seq)), items };
  }

  /** Pages in order, the next one being fetched while its predecessor is worked on. The last one is empty. */
  async function* pagesAfter(seq: number): AsyncGenerator<Page, void> {
    let ahead = fetchPage(seq);
    for (;;) {
      const page = await ahead;
      const isLast = page.to === page.from;
      if (!isLast) {
        ahead = fetchPage(page.to);
        // Looked at when it is its turn; until then a failure is no unhandled one.
        ahead.catch(() => undefined);
      }
      yield page;
      if (isLast || stopping.signal.aborted) return;
    }
  }

  async function storePage(page: Page, outcomes: ItemOutcome[], fence: number): Promise<void> {
    const receivedAtMs = clock.now();
    const { opened, failed } = sortOutcomes(page.items, outcomes, () => receivedAtMs);
    const stored = await store.store({
      opened,
      claim: (tx) =>
        moveCursor(tx, { corpId, fence, from: page.from, to: page.to, nowMs: receivedAtMs }),
      async account(tx, fates) {
        if (page.items.length === 0) return;
        await bookDelivery(tx, vault, { fates, failed, receivedAtMs });
        await noteArchiveDay(tx, page, receivedAtMs);
      },
    });
    if (page.items.length === 0) return;
    log.info(
      { seq: page.to, items: page.items.length, stored, undecodable: failed.length },
      "archive page stored",
    );
  }

  /**
   * Pages are stored one after the other, while up to `PAGES_AHEAD` behind them are decrypted and the one after those
   * is fetched: neither the threads nor the database wait for each other.
   */
  async function pullAll(lease: Lease): Promise<"news" | "nothing"> {
    const renew = renewer(lease, clock);
    const storing: Promise<void>[] = [];
    let hasNews = false;
    try {
      for await (const page of pagesAfter(await readCursor(database, corpId))) {
        hasNews ||= page.items.length > 0;
        const before = storing.at(-1);
        const outcomes = pool.open(page.items);
        outcomes.catch(() => undefined);
        const stored = Promise.resolve(before).then(async () => {
          await renew();
          await storePage(page, await outcomes, lease.fence);
        });
        stored.catch(() => undefined);
        storing.push(stored);
        if (storing.length > PAGES_AHEAD) await storing.shift();
      }
    } finally {
      // Pages that are on their way are finished, even when the next could not be fetched.
      await storing.at(-1);
    }
    return hasNews ? "news" : "nothing";
  }

  async function note(error: unknown, fence: number): Promise<void> {
    const failure = toPullFailure(error);
    log[failure.kind === "internal" ? "error" : "warn"]({ failure, err: error }, "pull failed");
    await database.write((tx) => noteFailure(tx, { corpId, fence, nowMs: clock.now() }, failure));
  }

  return {
    async pull() {
      const lease = await acquireLease(database, `archive:${corpId}`, LEASE_MS);
      if (!lease) return "busy";
      try {
        return await pullAll(lease);
      } catch (error) {
        if (error instanceof StaleFenceError) {
          log.warn({ fence: lease.fence }, "another process pulls the archive");
          return "busy";
        }
        // The wait for the call budget was cut short; whoever pulls next goes on from here.
        if (error instanceof Error && error.name === "AbortError") return "busy";
        await note(error, lease.fence);
        return "failed";
      } finally {
        await lease.release();
      }
    },
    stop() {
      stopping.abort();
    },
  };
}

/** Prolongs the lease once a third of its time has gone. */
function renewer(lease: Lease, clock: Clock): () => Promise<void> {
  let renewedAtMs = clock.now();
  return async () => {
    const nowMs = clock.now();
    if (nowMs - renewedAtMs < RENEW_MS) return;
    if (!(await lease.renew())) throw new StaleFenceError();
    renewedAtMs = nowMs;
  };
}
