import type { Database } from "../../platform/database/database.ts";
import { startOfShanghaiDay } from "../../platform/shanghai-day.ts";

export interface Counts {
  pulled: number;
  stored: number;
  duplicated: number;
  undecodable: number;
  excluded: number;
  /** Destroyed when its time was over. */
  expired: number;
}

/** A place of the books, with what lies in the tables at the same moment. */
export interface Reconciled extends Counts {
  storedFound: number;
  undecodableFound: number;
  excludedFound: number;
  /** The sum is right, and the books say what lies in the tables. */
  holds: boolean;
}

/** From the first day to the last, both included; see `shanghai-day.ts`. */
export interface DayRange {
  from: number;
  to: number;
}

type Numeric = string | number;
type SourceRow = Record<keyof Counts | "unbalanced", Numeric> & {
  source: "book" | "message" | "undecodable" | "excluded";
  place: Numeric;
};

/**
 * Day → its books. One statement, because one statement sees one moment: a page that is stored between two would
 * look like a loss.
 */
export async function readDays(
  database: Database,
  range: DayRange,
): Promise<Map<number, Reconciled>> {
  const day = dayOf(database);
  const [fromMs, untilMs] = [startOfShanghaiDay(range.from), startOfShanghaiDay(range.to + 1)];
  const rows = await database.read.query<SourceRow[]>(
    `SELECT 'book' AS source, day AS place, SUM(pulled) AS pulled, SUM(stored) AS stored,
       SUM(duplicated) AS duplicated, SUM(undecodable) AS undecodable, SUM(excluded) AS excluded,
       SUM(expired) AS expired, SUM(${unbalanced}) AS unbalanced
     FROM archive_books WHERE day >= ? AND day <= ? GROUP BY day
     UNION ALL ${countOf("message", "message", day)} ${within} GROUP BY ${day}
     UNION ALL ${countOf("undecodable", "undecodable", day)} ${within} AND resolved_at_ms IS NULL
       GROUP BY ${day}
     UNION ALL ${countOf("excluded", "undecodable", day)} ${within} AND excluded_by IS NOT NULL
       GROUP BY ${day}`,
    [range.from, range.to, fromMs, untilMs, fromMs, untilMs, fromMs, untilMs],
  );
  const places = [...reconcile(rows)];
  return new Map(places.map(([place, counts]) => [Number(place), counts]));
}

/** Conversation → its books of one day. What nobody could open stands under `UNKNOWN_CONVERSATION`. */
export async function readConversations(
  database: Database,
  day: number,
): Promise<Map<string, Reconciled>> {
  const [fromMs, untilMs] = [startOfShanghaiDay(day), startOfShanghaiDay(day + 1)];
  const rows = await database.read.query<SourceRow[]>(
    `SELECT 'book' AS source, conversation_id AS place, pulled, stored, duplicated, undecodable, excluded, expired,
       ${unbalanced} AS unbalanced
     FROM archive_books WHERE day = ?
     UNION ALL ${countOf("message", "message", "conversation_id")} ${within} GROUP BY conversation_id
     UNION ALL ${countOf("undecodable", "undecodable", "'unknown'")} ${within}
       AND resolved_at_ms IS NULL HAVING COUNT(*) > 0
     UNION ALL ${countOf("excluded", "undecodable", "'unknown'")} ${within}
       AND excluded_by IS NOT NULL HAVING COUNT(*) > 0`,
    [day, fromMs, untilMs, fromMs, untilMs, fromMs, untilMs],
  );
  return reconcile(rows);
}

const within = "WHERE received_at_ms >= ? AND received_at_ms < ?";
const unbalanced =
  "CASE WHEN pulled <> stored + duplicated + undecodable + excluded + expired THEN 1 ELSE 0 END";

function countOf(source: SourceRow["source"], table: string, place: string): string {
  return `SELECT '${source}', ${place}, COUNT(*), 0, 0, 0, 0, 0, 0 FROM ${table}`;
}

function dayOf({ dialect }: Database): string {
  return `(received_at_ms + 28800000) ${dialect === "mysql" ? "DIV" : "/"} 86400000`;
}

function reconcile(rows: readonly SourceRow[]): Map<string, Reconciled> {
  const places = new Map<string, Reconciled>();
  const unbalancedPlaces = new Set<string>();
  for (const row of rows) {
    const place = String(row.place);
    const known = places.get(place) ?? { ...nothing };
    places.set(place, known);
    const count = Number(row.pulled);
    if (row.source === "message") known.storedFound += count;
    else if (row.source === "undecodable") known.undecodableFound += count;
    else if (row.source === "excluded") known.excludedFound += count;
    else Object.assign(known, readCounts(row));
    if (Number(row.unbalanced) > 0) unbalancedPlaces.add(place);
  }
  for (const [place, one] of places) {
    one.holds =
      !unbalancedPlaces.has(place) &&
      one.stored === one.storedFound &&
      one.undecodable === one.undecodableFound &&
      one.excluded === one.excludedFound;
    const isEmpty = one.pulled === 0 && one.holds;
    if (isEmpty) places.delete(place);
  }
  return places;
}

const nothing: Reconciled = {
  pulled: 0,
  stored: 0,
  duplicated: 0,
  undecodable: 0,
  excluded: 0,
  expired: 0,
  storedFound: 0,
  undecodableFound: 0,
  excludedFound: 0,
  holds: true,
};

function readCounts(row: SourceRow): Counts {
  return {
    pulled: Number(row.pulled),
    stored: Number(row.stored),
    duplicated: Number(row.duplicated),
    undecodable: Number(row.undecodable),
    excluded: Number(row.excluded),
    expired: Number(row.expired),
  };
}
