import type { Database } from "../../../platform/database/database.ts";
import { keyIdSql } from "../../../platform/vault/sealed-value.ts";
import { allOf, condition, messageCondition } from "../conversation-query.ts";
import type { MessageFilter, SqlCondition } from "../conversation-query.ts";
import { marksFor } from "../known-messages.ts";
import type { SearchThreads } from "../search-threads.ts";

/** What a search goes through. */
export interface Scope {
  conversationIds: ReadonlySet<string>;
  /** That the filter leaves of them. */
  messageCount: number;
  filter: MessageFilter;
}

export interface ScopeQueries {
  /** Whether more than `count` messages come after this seq. */
  hasMoreAfter(seq: number, count: number): Promise<boolean>;
  seqsAfter(seq: number, limit: number): AsyncGenerator<number[], void>;
  /** Those that the scope has, in their order. */
  inScope(seqs: readonly number[], scope: Scope): Promise<number[]>;
  /** The statement that a scan of these messages runs. */
  bodiesOf(seqs: readonly number[]): SqlCondition;
  /** How many of the scope nobody can read any more. */
  countErased(scope: Scope): Promise<number>;
}

const CONVERSATIONS_A_STATEMENT = 500;

export function createScopeQueries({
  database,
  threads,
}: {
  database: Database;
  threads: Pick<SearchThreads, "count">;
}): ScopeQueries {
  async function seqs(sql: string, values: readonly (string | number)[]): Promise<number[]> {
    const rows = await database.read.query<{ seq: string | number }[]>(sql, [...values]);
    return rows.map(({ seq }) => Number(seq));
  }

  return {
    async hasMoreAfter(seq, count) {
      const sql = `SELECT seq FROM message WHERE seq > ? ORDER BY seq LIMIT 1 OFFSET ${count}`;
      return (await seqs(sql, [seq])).length > 0;
    },

    async *seqsAfter(seq, limit) {
      const sql = `SELECT seq FROM message WHERE seq > ? ORDER BY seq LIMIT ${limit}`;
      for (let after: number | undefined = seq; after !== undefined;) {
        const page: number[] = await seqs(sql, [after]);
        if (page.length > 0) yield page;
        after = page.length < limit ? undefined : page.at(-1);
      }
    },

    async inScope(wanted, { conversationIds, filter }) {
      if (wanted.length === 0) return [];
      const where = allOf([
        condition(`m.seq IN (${marksFor(wanted)})`, ...wanted),
        messageCondition(filter),
      ]);
      const rows = await database.read.query<{ seq: string | number; conversation_id: string }[]>(
        `SELECT m.seq, m.conversation_id FROM message m WHERE ${where.sql}`,
        [...where.values],
      );
      return rows
        .filter(({ conversation_id: id }) => conversationIds.has(id))
        .map(({ seq }) => Number(seq));
    },

    bodiesOf: (wanted) =>
      wanted.length === 0
        ? condition("SELECT m.seq, m.sent_at_ms, m.body FROM message m WHERE 1 = 0")
        : condition(
            `SELECT m.seq, m.sent_at_ms, m.body FROM message m WHERE m.seq IN (${marksFor(wanted)})`,
            ...wanted,
          ),

    async countErased({ conversationIds, filter }) {
      const destroyed = await database.read.query<unknown[]>(
        "SELECT 1 FROM data_key WHERE destroyed_at_ms IS NOT NULL LIMIT 1",
      );
      if (destroyed.length === 0) return 0;
      let erased = 0;
      for (const ids of chunksOf([...conversationIds], CONVERSATIONS_A_STATEMENT)) {
        const where = allOf([
          condition(`m.conversation_id IN (${marksFor(ids)})`, ...ids),
          messageCondition(filter),
        ]);
        erased += await threads.count({
          sql: `SELECT COUNT(*) FROM message m JOIN data_key k ON k.id = ${keyIdSql("m.body")}
                WHERE k.destroyed_at_ms IS NOT NULL AND ${where.sql}`,
          values: where.values,
        });
      }
      return erased;
    },
  };
}

export function* chunksOf<T>(list: readonly T[], size: number): Generator<T[], void> {
  for (let from = 0; from < list.length; from += size) yield list.slice(from, from + size);
}
