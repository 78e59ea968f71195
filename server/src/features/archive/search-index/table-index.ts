import type { Database } from "../../../platform/database/database.ts";
import { insertNew } from "../../../platform/database/insert-new.ts";
import { marksFor } from "../known-messages.ts";
import type { SearchIndex } from "./search-index.ts";

/** Rows that one statement deletes. */
const SLICE = 5_000;

/** The index as a table of the database, for MySQL and what speaks its protocol. It has one generation at a time. */
export function createTableIndex(database: Database): SearchIndex {
  const isMysql = database.dialect === "mysql";

  /** In small transactions, since nobody waits for it. */
  async function removeWhere(condition: string, values: readonly number[]): Promise<void> {
    const sql = isMysql
      ? `DELETE FROM search_posting WHERE ${condition} LIMIT ${SLICE}`
      : `DELETE FROM search_posting WHERE rowid IN
           (SELECT rowid FROM search_posting WHERE ${condition} LIMIT ${SLICE})`;
    const isThere = `SELECT 1 FROM search_posting WHERE ${condition} LIMIT 1`;
    while ((await database.read.query<unknown[]>(isThere, [...values])).length > 0) {
      await database.write((tx) => tx.query(sql, [...values]));
    }
  }

  return {
    backend: "table",
    async index(_generation, entries) {
      const rows = entries.flatMap(({ seq, month, tokens }) =>
        Array.from(tokens, (token) => ({ month, token, seq })),
      );
      await database.write((tx) => insertNew(tx, "search_posting", "seq", rows));
    },

    async query(_generation, { month, tokens, anyOf, before, limit }) {
      const [first = 0, ...others] = tokens;
      const joins = others.map(
        (_token, index) =>
          `JOIN search_posting p${index} ON p${index}.month = p.month AND p${index}.seq = p.seq AND p${index}.token = ?`,
      );
      const narrowed =
        anyOf.length === 0
          ? ""
          : `AND EXISTS (SELECT 1 FROM search_posting c WHERE c.month = p.month AND c.seq = p.seq
               AND c.token IN (${marksFor(anyOf)}))`;
      const rows = await database.read.query<{ seq: string | number }[]>(
        `SELECT p.seq FROM search_posting p ${joins.join(" ")}
         WHERE p.month = ? AND p.token = ? AND p.seq < ? ${narrowed}
         ORDER BY p.seq DESC LIMIT ${limit}`,
        [...others, month, first, before, ...anyOf],
      );
      return rows.map(({ seq }) => Number(seq));
    },

    async forget(_generation, seqs, months) {
      await removeWhere(`seq IN (${marksFor(seqs)})`, seqs);
      const empty: number[] = [];
      for (const month of months) {
        const sql = "SELECT 1 FROM search_posting WHERE month = ? LIMIT 1";
        if ((await database.read.query<unknown[]>(sql, [month])).length === 0) empty.push(month);
      }
      return empty;
    },
    drop: (_generation, month) => removeWhere("month = ?", [month]),
    clear: () => removeWhere("month > ?", [0]),
  };
}
