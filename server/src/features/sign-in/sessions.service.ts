import type { EntityManager } from "typeorm";
import { In, LessThanOrEqual } from "typeorm";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/database.ts";
import type { LiveEvents } from "../../platform/events/live-events.ts";
import type { OpaqueTokens } from "../../platform/opaque-tokens.ts";
import { SessionRow } from "./session.entity.ts";

export interface Session {
  memberId: string;
  startedAtMs: number;
}

/**
 * Sessions live on the server, so that they can be ended: after 30 minutes without a request, after eight hours
 * in any case, and at once when the member leaves. The browser holds a random token, the table its hash.
 */
export interface Sessions {
  /** Returns the token for the cookie. `replaces` is the token of the session that ends with this sign-in. */
  start(memberId: string, replaces?: string): Promise<string>;
  /** The session behind the token, marked as used just now. */
  find(token: string): Promise<Session | undefined>;
  /** The same without marking it as used. */
  peek(token: string): Promise<Session | undefined>;
  end(token: string): Promise<void>;
  /** With the caller's transaction. */
  endAllOf(tx: EntityManager, memberIds: readonly string[]): Promise<void>;
  /** Removes what has run out. */
  prune(tx: EntityManager): Promise<void>;
  /** Calls back when a session of the member has been ended; returns how to stop. */
  onEnded(memberId: string, listener: () => void): () => void;
}

const IDLE_MS = 30 * 60_000;
const ABSOLUTE_MS = 8 * 3600_000;
/** A write for every request would be one too many. */
const SEEN_EVERY_MS = 60_000;
const IDS_A_STATEMENT = 500;

export function createSessions({
  database,
  events,
  clock,
  tokens,
}: {
  database: Database;
  events: LiveEvents;
  clock: Clock;
  tokens: OpaqueTokens;
}): Sessions {
  const topicOf = (memberId: string): string => `session-ended:${memberId}`;

  async function findRow(token: string): Promise<SessionRow | undefined> {
    const row = await database.read.findOneBy(SessionRow, { id: tokens.hash(token) });
    const nowMs = clock.now();
    const isOpen = row && nowMs < row.expiresAtMs && nowMs < row.lastSeenAtMs + IDLE_MS;
    return isOpen ? row : undefined;
  }

  async function markSeen(row: SessionRow): Promise<void> {
    const nowMs = clock.now();
    if (nowMs - row.lastSeenAtMs < SEEN_EVERY_MS) return;
    // An update only: a session that was ended meanwhile stays ended.
    await database.write((tx) => tx.update(SessionRow, { id: row.id }, { lastSeenAtMs: nowMs }));
  }

  async function remove(tx: EntityManager, token: string): Promise<void> {
    const id = tokens.hash(token);
    const row = await tx.findOneBy(SessionRow, { id });
    if (!row) return;
    await tx.delete(SessionRow, { id });
    await events.publish(tx, topicOf(row.memberId), {});
  }

  return {
    async start(memberId, replaces) {
      const token = tokens.create(256);
      const nowMs = clock.now();
      await database.write(async (tx) => {
        if (replaces !== undefined) await remove(tx, replaces);
        await tx.insert(SessionRow, {
          id: tokens.hash(token),
          memberId,
          createdAtMs: nowMs,
          lastSeenAtMs: nowMs,
          expiresAtMs: nowMs + ABSOLUTE_MS,
        });
      });
      return token;
    },

    async find(token) {
      const row = await findRow(token);
      if (row) await markSeen(row);
      return row && { memberId: row.memberId, startedAtMs: row.createdAtMs };
    },

    async peek(token) {
      const row = await findRow(token);
      return row && { memberId: row.memberId, startedAtMs: row.createdAtMs };
    },

    async end(token) {
      await database.write((tx) => remove(tx, token));
    },

    async endAllOf(tx, memberIds) {
      for (let from = 0; from < memberIds.length; from += IDS_A_STATEMENT) {
        const ids = memberIds.slice(from, from + IDS_A_STATEMENT);
        await tx.delete(SessionRow, { memberId: In(ids) });
        for (const memberId of ids) await events.publish(tx, topicOf(memberId), {});
      }
    },

    async prune(tx) {
      const nowMs = clock.now();
      await tx.delete(SessionRow, { expiresAtMs: LessThanOrEqual(nowMs) });
      await tx.delete(SessionRow, { lastSeenAtMs: LessThanOrEqual(nowMs - IDLE_MS) });
    },

    onEnded: (memberId, listener) => events.subscribe(topicOf(memberId), listener),
  };
}
