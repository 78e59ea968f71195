import type { Database } from "../database/database.ts";
import type { CanonicalObject } from "./canonical-json.ts";
import type { LedgerEntry } from "./ledger.ts";

/** An entry with its place in the tree. */
export interface PlacedEntry extends LedgerEntry {
  position: number;
}

export interface EntryRow {
  position: string | number;
  kind: string;
  actor_id: string;
  object_id: string;
  at_ms: string | number;
  details: string;
}

export const entryColumns = "position, kind, actor_id, object_id, at_ms, details";

export function toPlacedEntry(row: EntryRow): PlacedEntry {
  return {
    position: Number(row.position),
    kind: row.kind,
    actorId: row.actor_id,
    objectId: row.object_id,
    atMs: Number(row.at_ms),
    details: JSON.parse(row.details) as CanonicalObject,
  };
}

/** Ids in one statement. */
const SLICE = 500;

/** All entries about these objects, in the order of the ledger. */
export async function findEntriesOf(
  database: Database,
  objectIds: readonly string[],
): Promise<PlacedEntry[]> {
  const found: PlacedEntry[] = [];
  for (let from = 0; from < objectIds.length; from += SLICE) {
    const ids = objectIds.slice(from, from + SLICE);
    const rows = await database.read.query<EntryRow[]>(
      `SELECT ${entryColumns} FROM ledger_entry WHERE object_id IN (${ids.map(() => "?").join(", ")})`,
      ids,
    );
    found.push(...rows.map(toPlacedEntry));
  }
  return found.sort((left, right) => left.position - right.position);
}
