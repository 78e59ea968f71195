import type { EntityManager } from "typeorm";
import type { ColumnValue } from "../../platform/database/insert-new.ts";

/** Under this name stand items that nobody could open, so nobody knows whose they are. */
export const UNKNOWN_CONVERSATION = "unknown";

/** Under this name stands what was destroyed when its time was over: the books name nobody for it any more. */
export const EXPIRED_CONVERSATION = "expired";

const counters = ["pulled", "stored", "duplicated", "undecodable", "excluded", "expired"] as const;

export type BookCounter = (typeof counters)[number];

/** A change of one place of the books; a move is a negative entry and a positive one. */
export interface BookEntry extends Partial<Record<BookCounter, number>> {
  /** See `shanghai-day.ts`. */
  day: number;
  conversationId: string;
}

/** Placeholders a statement may hold (SQLite 32,766) leave room for this many rows. */
const ROWS_PER_STATEMENT = 1000;

/** Adds entries to the books. Belongs into the transaction that makes them true. */
export async function enterIntoBooks(
  tx: EntityManager,
  entries: readonly BookEntry[],
): Promise<void> {
  const rows = addUp(entries);
  for (let from = 0; from < rows.length; from += ROWS_PER_STATEMENT) {
    const chunk = rows.slice(from, from + ROWS_PER_STATEMENT);
    await tx.query(addStatement(tx, chunk.length), chunk.flat());
  }
}

/** One row a place, in one order for all writers, so that two of them wait and do not lock each other out. */
function addUp(entries: readonly BookEntry[]): ColumnValue[][] {
  const sums = new Map<string, BookEntry>();
  for (const entry of entries) {
    const key = `${entry.day} ${entry.conversationId}`;
    const { day, conversationId } = entry;
    const sum = sums.get(key) ?? { day, conversationId };
    for (const counter of counters) sum[counter] = (sum[counter] ?? 0) + (entry[counter] ?? 0);
    sums.set(key, sum);
  }
  return [...sums]
    .filter(([, sum]) => counters.some((counter) => sum[counter] !== 0))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, { day, conversationId, ...sum }]) => [
      day,
      conversationId,
      ...counters.map((counter) => sum[counter] ?? 0),
    ]);
}

function addStatement(tx: EntityManager, rows: number): string {
  const isMysql = tx.dataSource.options.type === "mysql";
  const tuple = `(${["day", "conversation_id", ...counters].map(() => "?").join(", ")})`;
  const given = (counter: string): string =>
    isMysql ? `VALUES(${counter})` : `excluded.${counter}`;
  const sums = counters.map(
    (counter) => `${counter} = archive_books.${counter} + ${given(counter)}`,
  );
  return `INSERT INTO archive_books (day, conversation_id, ${counters.join(", ")})
    VALUES ${Array.from({ length: rows }, () => tuple).join(", ")}
    ${isMysql ? "ON DUPLICATE KEY" : "ON CONFLICT (day, conversation_id) DO"} UPDATE ${isMysql ? "" : "SET "}${sums.join(", ")}`;
}
