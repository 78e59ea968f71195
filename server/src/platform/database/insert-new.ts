import type { EntityManager } from "typeorm";

export type ColumnValue = string | number | Buffer | null;
export type Row = Readonly<Record<string, ColumnValue>>;

/** Placeholders a statement may hold: SQLite allows 32,766, MySQL 65,535. */
const MAX_PLACEHOLDERS = 30_000;

/**
 * Inserts many rows in few statements and leaves out those whose unique key is already there
 * (20 times faster than an ORM's `save`). `uniqueColumn` names that key.
 * MySQL's INSERT IGNORE would also cut texts that are too long, so it is not used.
 */
export async function insertNew(
  tx: EntityManager,
  table: string,
  uniqueColumn: string,
  rows: readonly Row[],
): Promise<void> {
  const column = quote(tx, uniqueColumn);
  const onRepeat = isMysql(tx)
    ? `ON DUPLICATE KEY UPDATE ${column} = ${column}`
    : "ON CONFLICT DO NOTHING";
  await insertRows(tx, table, rows, onRepeat);
}

/** The same, but when a unique key is already there, throws an error that `isRepeat` tells. */
export async function insertAll(
  tx: EntityManager,
  table: string,
  rows: readonly Row[],
): Promise<void> {
  await insertRows(tx, table, rows, "");
}

/** MySQL: 1062 duplicate entry. */
const REPEATS = new Set<unknown>([
  1062,
  "SQLITE_CONSTRAINT_PRIMARYKEY",
  "SQLITE_CONSTRAINT_UNIQUE",
]);

/** Whether a statement failed because a unique key was already there. */
export function isRepeat(error: unknown): boolean {
  const { errno, code } = error as { errno?: unknown; code?: unknown };
  return REPEATS.has(errno) || REPEATS.has(code);
}

async function insertRows(
  tx: EntityManager,
  table: string,
  rows: readonly Row[],
  onRepeat: string,
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const names = columns.map((name) => quote(tx, name)).join(", ");
  const tuple = `(${columns.map(() => "?").join(", ")})`;
  const perStatement = Math.floor(MAX_PLACEHOLDERS / columns.length);
  for (let from = 0; from < rows.length; from += perStatement) {
    const chunk = rows.slice(from, from + perStatement);
    const tuples = new Array<string>(chunk.length).fill(tuple).join(", ");
    await tx.query(
      `INSERT INTO ${quote(tx, table)} (${names}) VALUES ${tuples} ${onRepeat}`,
      valuesOf(chunk, columns),
    );
  }
}

/** In a loop: a page of messages has 16,000. */
function valuesOf(rows: readonly Row[], columns: readonly string[]): ColumnValue[] {
  const values: ColumnValue[] = [];
  for (const row of rows) for (const column of columns) values.push(row[column] ?? null);
  return values;
}

function isMysql(tx: EntityManager): boolean {
  return tx.dataSource.options.type === "mysql";
}

function quote(tx: EntityManager, name: string): string {
  return isMysql(tx) ? `\`${name}\`` : `"${name}"`;
}
