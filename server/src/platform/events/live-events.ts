import type { EntityManager } from "typeorm";
import { LRUCache } from "lru-cache";
import { v7 as uuidv7 } from "uuid";
import type { Database } from "../database/database.ts";
import { insertNew } from "../database/insert-new.ts";
import type { Logger } from "../log.ts";

/** Ids and numbers only; whoever listens reads the rest with its own permissions. */
export type EventPayload = Record<string, string | number>;
export type EventListener = (payload: EventPayload) => void;

/**
 * Tells open pages to look again, in this process at once after the commit, in others within a
 * poll. A hint may be lost when a process dies; pages read anew when they reconnect.
 */
export interface LiveEvents {
  publish(tx: EntityManager, topic: string, payload: EventPayload): Promise<void>;
  /** Returns the function that ends the subscription. */
  subscribe(topic: string, listener: EventListener): () => void;
  start(): void;
  stop(): void;
}

const POLL_MS = 700;
/** Looks back further than a transaction may take, since the order of ids is no order of commits. */
const WINDOW_MS = 15_000;
const PRUNE_EVERY_MS = 60_000;

export function createLiveEvents(database: Database, log: Logger): LiveEvents {
  const listeners = new Map<string, Set<EventListener>>();
  const seen = new LRUCache<string, true>({ max: 10_000 });
  let timer: NodeJS.Timeout | undefined;
  let nextPruneAtMs = 0;
  let sinceMs = Number.POSITIVE_INFINITY;

  function deliver(id: string, topic: string, payload: EventPayload): void {
    if (seen.has(id)) return;
    seen.set(id, true);
    for (const listener of listeners.get(topic) ?? []) listener(payload);
  }

  async function poll(): Promise<void> {
    const nowMs = await database.nowMs();
    // What was before this process is nothing new to its listeners.
    sinceMs = Math.min(sinceMs, nowMs);
    if (nowMs > nextPruneAtMs) await prune(nowMs);
    if (listeners.size === 0) return;
    const rows = await database.read.query<{ id: string; topic: string; payload: string }[]>(
      "SELECT id, topic, payload FROM live_event WHERE created_at_ms >= ? ORDER BY created_at_ms",
      [Math.max(nowMs - WINDOW_MS, sinceMs)],
    );
    for (const { id, topic, payload } of rows)
      deliver(id, topic, JSON.parse(payload) as EventPayload);
  }

  async function prune(nowMs: number): Promise<void> {
    nextPruneAtMs = nowMs + PRUNE_EVERY_MS;
    await database.write((tx) =>
      tx.query("DELETE FROM live_event WHERE created_at_ms < ?", [nowMs - 4 * WINDOW_MS]),
    );
  }

  function pollIn(ms: number): void {
    timer = setTimeout(() => {
      poll()
        .catch((error: unknown) => log.warn({ err: error }, "live events cannot be read"))
        .finally(() => {
          if (timer) pollIn(POLL_MS);
        });
    }, ms);
  }

  return {
    async publish(tx, topic, payload) {
      const id = uuidv7();
      const nowMs = await database.nowMs(tx);
      await insertNew(tx, "live_event", "id", [
        { id, topic, payload: JSON.stringify(payload), created_at_ms: nowMs },
      ]);
      database.afterCommit(() => deliver(id, topic, payload));
    },
    subscribe(topic, listener) {
      const set = listeners.get(topic) ?? new Set();
      set.add(listener);
      listeners.set(topic, set);
      return () => {
        set.delete(listener);
        if (set.size === 0) listeners.delete(topic);
      };
    },
    start() {
      pollIn(0);
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
