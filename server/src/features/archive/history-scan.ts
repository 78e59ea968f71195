import type { Rule } from "#shared/rules/rule";
import { reachOf } from "#shared/rules/rule-reach";
import type { WorkingCalendar } from "#shared/working-calendar";
import type { Database } from "../../platform/database/database.ts";
import { allOf, besides, condition, messageCondition } from "./conversation-query.ts";
import type { MessagePlace, SqlCondition } from "./conversation-query.ts";
import { marksFor } from "./known-messages.ts";
import { historyColumns } from "./rule-scan.ts";
import type { FoundMessage, PeopleFacts } from "./rule-scan.ts";
import type { SearchThreads } from "./search-threads.ts";

/** Which messages: of the conversations of these members, sent in this time and stored by then. */
export interface HistoryRange {
  memberIds: readonly string[];
  fromMs: number;
  /** Sent before. */
  toMs: number;
  lastSeq: number;
}

/** Up to where a walk has come: with this conversation up to a message of it, or with all of it. */
export interface HistoryPlace {
  conversationId: string;
  message: MessagePlace | null;
}

export interface HistoryStep {
  scanned: number;
  erased: number;
  failed: number;
  found: FoundMessage[];
  /** Null when everything has been gone through. */
  next: HistoryPlace | null;
}

/** The rules of a walk; `id` names just them. */
export interface HistoryRules {
  id: string;
  lists: readonly (readonly Rule[])[];
}

/** Goes through stored messages with rules, in worker threads, step by step. Who may read what is the caller's matter. */
export interface HistoryScan {
  /** How many there are, and the newest seq of all. */
  measure(range: Omit<HistoryRange, "lastSeq">): Promise<{ total: number; lastSeq: number }>;
  /** Begins portions of messages until the time is over, and goes through what it has begun. */
  step(
    range: HistoryRange,
    from: HistoryPlace | null,
    options: { rules: HistoryRules; budgetMs: number; isOver?: () => boolean },
  ): Promise<HistoryStep>;
  /** The one message again; null when it is gone or hits nothing. */
  find(seq: number, rules: HistoryRules): Promise<FoundMessage | null>;
}

export interface HistoryScanDeps {
  database: Database;
  threads: Pick<SearchThreads, "scanRules" | "count" | "list" | "portions">;
  /** As it is now. */
  calendar: () => Promise<WorkingCalendar>;
  members: {
    departmentsOf(ids: readonly string[]): Promise<{ id: number; memberIds: string[] }[]>;
  };
  customers: { tagsOf(customerId: string): Promise<string[] | undefined> };
  /** Messages that are gone through together; tests take fewer. */
  portionSize?: number;
}

/** Messages a portion, and conversations in one. */
const PORTION = 2000;
const CONVERSATIONS = 200;

interface Listed {
  id: string;
  /** All its messages, and how many of them the range has if they are spread evenly. */
  most: number;
  likely: number;
}

interface Portion {
  conversationIds: readonly string[];
  /** In the one conversation. */
  after: MessagePlace | null;
  isPage: boolean;
}

export function createHistoryScan(deps: HistoryScanDeps): HistoryScan {
  const { database, threads, calendar, portionSize = PORTION } = deps;

  /** The next conversations that may have messages of the range; counting those would cost as much as reading them. */
  async function listNext(range: HistoryRange, afterId: string): Promise<Listed[]> {
    const { fromMs, toMs } = range;
    const where = allOf([
      condition("c.id > ? AND c.last_at_ms >= ? AND c.first_at_ms < ?", afterId, fromMs, toMs),
      ofMembers(range),
    ]);
    type Row = [string, string | number, string | number, string | number];
    const rows = await threads.list<Row>({
      sql: `SELECT c.id, c.message_count, c.first_at_ms, c.last_at_ms FROM conversation c
            WHERE ${where.sql} ORDER BY c.id LIMIT ${CONVERSATIONS}`,
      values: where.values,
    });
    return rows.map(([id, count, firstAtMs, lastAtMs]) => {
      const [first, last] = [Number(firstAtMs), Number(lastAtMs)];
      const shared = Math.min(last, toMs - 1) - Math.max(first, fromMs) + 1;
      return { id, most: Number(count), likely: (Number(count) * shared) / (last - first + 1) };
    });
  }

  async function peopleOf(
    conversationIds: readonly string[],
    asked: ReadonlySet<string>,
  ): Promise<PeopleFacts> {
    const departments = new Map<string, number[]>();
    const tags = new Map<string, string[]>();
    if (asked.has("member")) {
      const members = await partiesOf(conversationIds, true);
      for (const { id, memberIds } of await deps.members.departmentsOf(members)) {
        for (const memberId of memberIds) {
          departments.set(memberId, [...(departments.get(memberId) ?? []), id]);
        }
      }
    }
    if (asked.has("customer")) {
      for (const customerId of await partiesOf(conversationIds, false)) {
        const own = await deps.customers.tagsOf(customerId);
        if (own) tags.set(customerId, own);
      }
    }
    return { departments, tags };
  }

  async function partiesOf(ids: readonly string[], isMember: boolean): Promise<string[]> {
    const rows = await database.read.query<{ party_id: string }[]>(
      `SELECT DISTINCT party_id FROM conversation_party
       WHERE conversation_id IN (${marksFor(ids)}) AND is_member = ?`,
      [...ids, isMember ? 1 : 0],
    );
    return rows.map((row) => row.party_id);
  }

  function statementFor(range: HistoryRange, { conversationIds, after, isPage }: Portion) {
    const where = allOf([
      condition(`m.conversation_id IN (${marksFor(conversationIds)})`, ...conversationIds),
      inRange(range),
      ...(after ? [besides(after, "newer")] : []),
    ]);
    const page = `ORDER BY m.sent_at_ms, m.seq LIMIT ${portionSize}`;
    return {
      sql: `SELECT ${historyColumns} FROM message m WHERE ${where.sql} ${isPage ? page : ""}`,
      values: where.values,
    };
  }

  /** The portions after a place, in order. Of a conversation that is longer than a portion the place is not known yet. */
  async function* portionsAfter(
    range: HistoryRange,
    from: HistoryPlace | null,
  ): AsyncGenerator<Portion, void> {
    if (from?.message) {
      yield { conversationIds: [from.conversationId], after: from.message, isPage: true };
    }
    let afterId = from?.conversationId ?? "";
    for (;;) {
      const next = await listNext(range, afterId);
      for (const { conversationIds, isPage } of groupBySize(next, portionSize)) {
        yield { conversationIds, after: null, isPage };
      }
      const last = next.at(-1);
      if (!last || next.length < CONVERSATIONS) return;
      afterId = last.id;
    }
  }

  async function scanPortion(
    range: HistoryRange,
    portion: Portion,
    { rules, asked }: { rules: HistoryRules; asked: ReadonlySet<string> },
  ): Promise<HistoryStep & { next: HistoryPlace }> {
    const { conversationIds, isPage } = portion;
    const people = await peopleOf(conversationIds, asked);
    const outcome = await threads.scanRules(
      {
        ...statementFor(range, portion),
        rulesId: rules.id,
        context: { calendar: await calendar(), ...people },
        conversationIds,
        covered: isPage ? null : { fromMs: range.fromMs, toMs: range.toMs },
      },
      rules.lists,
    );
    const { scanned, erased, failed, found, last } = outcome;
    const message = isPage && scanned === portionSize ? last : null;
    const next = { conversationId: conversationIds.at(-1) ?? "", message };
    return { scanned, erased, failed, found, next };
  }

  return {
    async measure(range) {
      const newest = await threads.count({
        sql: "SELECT COALESCE(MAX(seq), 0) FROM message",
        values: [],
      });
      const full = { ...range, lastSeq: newest };
      if (range.memberIds.length === 0) return { total: 0, lastSeq: newest };
      const where = allOf([ofMembers(full), inRange(full)]);
      const total = await threads.count({
        sql: `SELECT COUNT(*) FROM conversation c JOIN message m ON m.conversation_id = c.id
              WHERE ${where.sql}`,
        values: where.values,
      });
      return { total, lastSeq: newest };
    },

    async step(range, from, { rules, budgetMs, isOver = () => false }) {
      const sum: HistoryStep = { scanned: 0, erased: 0, failed: 0, found: [], next: null };
      if (range.memberIds.length === 0) return sum;
      const asked = reachOf(rules.lists.flat()).facts;
      const untilMs = performance.now() + budgetMs;
      const underWay: ReturnType<typeof scanPortion>[] = [];
      const portions = portionsAfter(range, from);
      let pages: Portion | undefined;
      let isAtEnd = false;
      let place = from;
      const mayBegin = (): boolean =>
        !isAtEnd && !isOver() && (place === from || performance.now() < untilMs);
      for (;;) {
        // A page tells where the next one begins, so nothing is begun behind it.
        while (underWay.length < threads.portions && !pages && mayBegin()) {
          const { value: portion } = await portions.next();
          if (!portion) {
            isAtEnd = true;
            break;
          }
          const outcome = scanPortion(range, portion, { rules, asked });
          // Nobody may be there to hear that it failed.
          outcome.catch(() => undefined);
          underWay.push(outcome);
          if (portion.isPage) pages = portion;
        }
        const done = await underWay.shift();
        if (!done) break;
        sum.scanned += done.scanned;
        sum.erased += done.erased;
        sum.failed += done.failed;
        sum.found.push(...done.found);
        place = done.next;
        if (!pages || underWay.length > 0) continue;
        const after = done.next.message;
        if (after && performance.now() < untilMs && !isOver()) {
          pages = { ...pages, after };
          underWay.push(scanPortion(range, pages, { rules, asked }));
        } else {
          pages = undefined;
          if (after) break;
        }
      }
      return { ...sum, next: isAtEnd && !place?.message ? null : place };
    },

    async find(seq, rules) {
      const [row] = await database.read.query<
        { conversation_id: string; sent_at_ms: string | number }[]
      >("SELECT conversation_id, sent_at_ms FROM message WHERE seq = ?", [seq]);
      if (!row) return null;
      const fromMs = Number(row.sent_at_ms);
      const range = { memberIds: [], fromMs, toMs: fromMs + 1, lastSeq: seq };
      const portion = { conversationIds: [row.conversation_id], after: null, isPage: false };
      const asked = reachOf(rules.lists.flat()).facts;
      const { found } = await scanPortion(range, portion, { rules, asked });
      return found.find((one) => one.seq === seq) ?? null;
    },
  };
}

function ofMembers({ memberIds }: Pick<HistoryRange, "memberIds">): SqlCondition {
  return condition(
    `c.id IN (SELECT p.conversation_id FROM conversation_party p WHERE p.party_id IN (${marksFor(memberIds)}))`,
    ...memberIds,
  );
}

function inRange({ fromMs, toMs, lastSeq }: HistoryRange): SqlCondition {
  return allOf([messageCondition({ fromMs, toMs }), condition("m.seq <= ?", lastSeq)]);
}

/** At most so many times a portion where the messages of a time stand closer than those of all times. */
const MOST_PORTIONS = 5;

/**
 * In their order: together as long as they likely fill no more than a portion. One that may be much longer is gone
 * through page by page.
 */
function groupBySize(
  conversations: readonly Listed[],
  portionSize: number,
): { conversationIds: string[]; isPage: boolean }[] {
  const groups: { conversationIds: string[]; isPage: boolean }[] = [];
  let [likelyRoom, mostRoom] = [0, 0];
  for (const { id, most, likely } of conversations) {
    const isPage = likely > portionSize || most > MOST_PORTIONS * portionSize;
    const last = groups.at(-1);
    if (last && !last.isPage && !isPage && likely <= likelyRoom && most <= mostRoom) {
      last.conversationIds.push(id);
    } else {
      groups.push({ conversationIds: [id], isPage });
      [likelyRoom, mostRoom] = [portionSize, MOST_PORTIONS * portionSize];
    }
    likelyRoom -= likely;
    mostRoom -= most;
  }
  return groups;
}
