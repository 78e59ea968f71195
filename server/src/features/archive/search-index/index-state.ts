import type { EntityManager } from "typeorm";
import { insertNew } from "../../../platform/database/insert-new.ts";
import { marksFor } from "../known-messages.ts";
import type { SearchIndex } from "./search-index.ts";

/**
 * How far the index goes. A message is in it when its seq is at or before the cursor's and not among the late ones;
 * everything else has to be opened by whoever searches.
 */
export interface IndexCursor {
  backend: SearchIndex["backend"];
  /** Changes when the index is built anew; part of its keys. */
  generation: string;
  seq: number;
}

const ID = "main";

export async function findCursor(manager: EntityManager): Promise<IndexCursor | null> {
  const [row] = await manager.query<
    { backend: IndexCursor["backend"]; generation: string; seq: string | number }[]
  >("SELECT backend, generation, seq FROM search_cursor WHERE id = ?", [ID]);
  return row ? { ...row, seq: Number(row.seq) } : null;
}

/** Begins a generation, of which nothing is there yet. */
export async function resetCursor(
  tx: EntityManager,
  { backend, generation }: Pick<IndexCursor, "backend" | "generation">,
): Promise<void> {
  await removeCursor(tx);
  await insertNew(tx, "search_cursor", "id", [{ id: ID, backend, generation, seq: 0 }]);
}

export async function removeCursor(tx: EntityManager): Promise<void> {
  for (const table of ["search_cursor", "search_late", "search_month"]) {
    await tx.query(`DELETE FROM ${table}`);
  }
}

/** Throws when somebody has begun another generation or gone on from there. */
export async function advanceCursor(
  tx: EntityManager,
  from: IndexCursor,
  { to, indexed, months }: { to: number; indexed: ReadonlySet<number>; months: readonly number[] },
): Promise<void> {
  await lockCursor(tx);
  const now = await findCursor(tx);
  if (now?.generation !== from.generation || now.seq !== from.seq) throw new MovedCursorError();
  await noteMonths(tx, months);
  const rows = await tx.query<{ seq: string | number }[]>(
    "SELECT seq FROM message WHERE seq > ? AND seq <= ?",
    [from.seq, to],
  );
  // They came between our reading and now.
  const missed = rows.map(({ seq }) => Number(seq)).filter((seq) => !indexed.has(seq));
  await insertNew(
    tx,
    "search_late",
    "seq",
    missed.map((seq) => ({ seq })),
  );
  await tx.query("UPDATE search_cursor SET seq = ? WHERE id = ?", [to, ID]);
}

export class MovedCursorError extends Error {
  override name = "MovedCursorError";
}

/**
 * In the transaction that stores messages, after they are in the table: notes those that the index has passed
 * already. The lock lets either this transaction see the cursor's step or the step see these messages.
 */
export async function noteLate(tx: EntityManager, seqs: readonly number[]): Promise<void> {
  if (seqs.length === 0) return;
  await lockCursor(tx);
  const cursor = await findCursor(tx);
  const late = cursor ? seqs.filter((seq) => seq <= cursor.seq) : [];
  await insertNew(
    tx,
    "search_late",
    "seq",
    late.map((seq) => ({ seq })),
  );
}

export async function listLate(manager: EntityManager, limit: number): Promise<number[]> {
  const rows = await manager.query<{ seq: string | number }[]>(
    `SELECT seq FROM search_late ORDER BY seq LIMIT ${limit}`,
  );
  return rows.map(({ seq }) => Number(seq));
}

export async function removeLate(tx: EntityManager, seqs: readonly number[]): Promise<void> {
  if (seqs.length === 0) return;
  await tx.query(`DELETE FROM search_late WHERE seq IN (${marksFor(seqs)})`, [...seqs]);
}

/** Newest first. */
export async function listMonths(manager: EntityManager): Promise<number[]> {
  const rows = await manager.query<{ month: number }[]>(
    "SELECT month FROM search_month ORDER BY month DESC",
  );
  return rows.map(({ month }) => month);
}

export async function noteMonths(tx: EntityManager, months: readonly number[]): Promise<void> {
  const rows = months.map((month) => ({ month }));
  await insertNew(tx, "search_month", "month", rows);
}

export async function removeMonths(tx: EntityManager, months: readonly number[]): Promise<void> {
  for (const month of months) await tx.query("DELETE FROM search_month WHERE month = ?", [month]);
}

/** A change that changes nothing locks on every database; "FOR UPDATE" is unknown to SQLite. */
async function lockCursor(tx: EntityManager): Promise<void> {
  await tx.query("UPDATE search_cursor SET seq = seq WHERE id = ?", [ID]);
}
