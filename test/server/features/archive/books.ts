import { UNKNOWN_CONVERSATION } from "../../../../server/src/features/archive/archive-books.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";

/** The counters of a place in the books. */
export interface Counts {
  pulled: number;
  stored: number;
  duplicated: number;
  undecodable: number;
  excluded: number;
  expired: number;
}

const counters = ["pulled", "stored", "duplicated", "undecodable", "excluded", "expired"] as const;

/** Conversation → its counters over all days. */
export async function readBooks(database: Database): Promise<Map<string, Counts>> {
  const rows = await database.read.query<Record<string, string | number>[]>(
    `SELECT conversation_id, ${counters.map((name) => `SUM(${name}) AS ${name}`).join(", ")}
     FROM archive_books GROUP BY conversation_id ORDER BY conversation_id`,
  );
  return new Map(
    rows.map((row) => [
      String(row["conversation_id"]),
      Object.fromEntries(counters.map((name) => [name, Number(row[name])])) as unknown as Counts,
    ]),
  );
}

export function sumOf(books: ReadonlyMap<string, Counts>): Counts {
  const sum: Counts = {
    pulled: 0,
    stored: 0,
    duplicated: 0,
    undecodable: 0,
    excluded: 0,
    expired: 0,
  };
  for (const counts of books.values()) for (const name of counters) sum[name] += counts[name];
  return sum;
}

/**
 * On every day and in every conversation the books balance, no counter is negative, and what they say is what lies
 * in the tables. Counted here anew, row by row, and not by the product's own queries.
 */
export async function expectBalanced(database: Database): Promise<void> {
  const places = await database.read.query<Record<string, string | number>[]>(
    "SELECT * FROM archive_books",
  );
  const said = new Map<string, number>();
  for (const place of places) {
    const [pulled = 0, ...rest] = counters.map((name) => Number(place[name]));
    expect(rest.reduce((sum, count) => sum + count, 0)).toBe(pulled);
    expect(Math.min(pulled, ...rest)).toBeGreaterThanOrEqual(0);
    for (const name of ["stored", "undecodable", "excluded"] as const) {
      if (Number(place[name]) === 0) continue;
      said.set(`${name} ${place["day"]} ${place["conversation_id"]}`, Number(place[name]));
    }
  }
  expect(said).toEqual(await countTables(database));
}

async function countTables(database: Database): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const add = (name: string, atMs: number, conversation: string): void => {
    const key = `${name} ${Math.floor((atMs + 8 * 3600_000) / 86_400_000)} ${conversation}`;
    found.set(key, (found.get(key) ?? 0) + 1);
  };
  const messages = await database.read.query<{ at: string | number; conversation: string }[]>(
    "SELECT received_at_ms AS at, conversation_id AS conversation FROM message",
  );
  for (const { at, conversation } of messages) add("stored", Number(at), conversation);
  const kept = await database.read.query<
    { at: string | number; resolved: string | null; by: string | null }[]
  >(
    "SELECT received_at_ms AS at, resolved_at_ms AS resolved, excluded_by AS `by` FROM undecodable",
  );
  for (const { at, resolved, by } of kept) {
    if (by !== null) add("excluded", Number(at), UNKNOWN_CONVERSATION);
    else if (resolved === null) add("undecodable", Number(at), UNKNOWN_CONVERSATION);
  }
  return found;
}
