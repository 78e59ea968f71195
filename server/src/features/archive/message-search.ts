import type { Database } from "../../platform/database/database.ts";
import { allOf, besides, condition, messageCondition } from "./conversation-query.ts";
import type { MessageFilter, MessagePlace } from "./conversation-query.ts";
import { marksFor } from "./known-messages.ts";
import type { SearchThreads } from "./search-threads.ts";
import { messageColumns, toStoredMessage } from "./stored-message.ts";
import type { MessageRow, StoredMessage } from "./stored-message.ts";

/** What one step of a search has gone through. */
export interface SearchStep {
  scanned: number;
  /** Of those, how many nobody can read any more. */
  erased: number;
  found: StoredMessage[];
}

export interface MessageSearch {
  /**
   * Opens the messages of these conversations, one after the other, newest first in each, and yields those whose
   * text contains `text` exactly. Whoever stops asking ends the search: what its threads have begun is small.
   */
  search(
    conversations: readonly { id: string; messageCount: number }[],
    filter: MessageFilter,
    text: string,
  ): AsyncGenerator<SearchStep, void>;
}

/** Messages a step: some 10 ms of a thread's work. */
const STEP = 1000;

/** One conversation that may be longer than a step, or several that together are not. */
interface Portion {
  conversationIds: readonly string[];
  before?: MessagePlace | undefined;
}

/**
 * Nothing of what people said lies readable anywhere, so a search opens what it looks through. It is exact for any
 * text, leaks nothing at rest, and costs about as much as the decryption (see the bench).
 */
export function createMessageSearch({
  database,
  threads,
}: {
  database: Database;
  threads: Pick<SearchThreads, "scan" | "portions">;
}): MessageSearch {
  /** Only one conversation can be longer than a step; several are read whole, in any order. */
  function queryFor(
    { conversationIds, before }: Portion,
    filter: MessageFilter,
  ): { sql: string; values: readonly (string | number)[] } {
    const where = allOf([
      condition(`m.conversation_id IN (${marksFor(conversationIds)})`, ...conversationIds),
      messageCondition(filter),
      ...(before ? [besides(before, "older")] : []),
    ]);
    const page = `ORDER BY m.sent_at_ms DESC, m.seq DESC LIMIT ${STEP}`;
    return {
      sql: `SELECT m.seq, m.sent_at_ms, m.body FROM message m
            WHERE ${where.sql} ${conversationIds.length === 1 ? page : ""}`,
      values: where.values,
    };
  }

  return {
    async *search(conversations, filter, text) {
      const portions = groupBySize(conversations).map((conversationIds): Portion => {
        return { conversationIds };
      });
      const begin = (portion: Portion) => {
        const outcome = threads.scan({ ...queryFor(portion, filter), wanted: text });
        // Nobody may be there to hear that it failed.
        outcome.catch(() => undefined);
        return { portion, outcome };
      };
      const underWay: ReturnType<typeof begin>[] = [];
      for (;;) {
        for (const portion of portions.splice(0, threads.portions - underWay.length)) {
          underWay.push(begin(portion));
        }
        const next = underWay.shift();
        if (!next) return;
        const { scanned, erased, found, last } = await next.outcome;
        const { conversationIds } = next.portion;
        if (conversationIds.length === 1 && scanned === STEP && last) {
          underWay.unshift(begin({ conversationIds, before: last }));
        }
        yield { scanned, erased, found: await describeFound(database, found) };
      }
    },
  };
}

/** The rest of the rows that were found, newest first; few, so most rows are read without it. */
export async function describeFound(
  database: Database,
  texts: ReadonlyMap<number, string>,
): Promise<StoredMessage[]> {
  if (texts.size === 0) return [];
  const rows = await database.read.query<MessageRow[]>(
    `SELECT ${messageColumns} FROM message m WHERE m.seq IN (${marksFor([...texts])})
     ORDER BY m.sent_at_ms DESC, m.seq DESC`,
    [...texts.keys()],
  );
  return rows.map((row) => toStoredMessage(row, texts.get(Number(row.seq)) ?? null));
}

/** Conversations together as long as they fill no more than a step. */
function groupBySize(conversations: readonly { id: string; messageCount: number }[]): string[][] {
  const groups: string[][] = [];
  let room = 0;
  for (const { id, messageCount } of conversations) {
    const last = groups.at(-1);
    if (last && messageCount <= room) last.push(id);
    else {
      groups.push([id]);
      room = STEP;
    }
    // One that is empty has its place in the statement all the same.
    room -= Math.max(1, messageCount);
  }
  return groups;
}
