import { setImmediate as nextTurn } from "node:timers/promises";
import { IsNull, LessThan } from "typeorm";
import type { EntityMetadata } from "typeorm";
import type { Database } from "../database/database.ts";
import { DataKey } from "./data-key.entity.ts";

/** A column that may hold sealed values, in a table with one key. */
interface SealedColumn {
  table: string;
  key: string;
  column: string;
}

/** Some milliseconds of work. */
const STEP = 2000;

/**
 * The data keys of months before `month` (`yyyymm`, Asia/Shanghai) that no sealed value names; null when `isOver`
 * ended the search early. Once a month is over nothing new is sealed under its keys, so what is not named now never
 * will be. Sealed values stand in blob columns and name their key in the second to ninth byte.
 */
export async function findUnusedKeys(
  database: Database,
  month: string,
  isOver: () => Promise<boolean>,
): Promise<string[] | null> {
  const rows = await database.read.find(DataKey, {
    select: { id: true },
    where: { month: LessThan(month), destroyedAtMs: IsNull() },
  });
  const unused = new Set(rows.map(({ id }) => id));
  for (const column of sealedColumns(database)) {
    if (unused.size === 0) return [];
    for await (const heads of readHeads(database, column)) {
      if (await isOver()) return null;
      for (const head of heads) unused.delete(head.toString("hex"));
      await nextTurn();
    }
  }
  return [...unused];
}

/** Every blob column of every table but the keys' own: a new table cannot be forgotten here. */
export function sealedColumns(database: Database): SealedColumn[] {
  return database.read.dataSource.entityMetadatas
    .filter(({ target }) => target !== DataKey)
    .flatMap((entity) =>
      entity.columns
        .filter(({ type }) => type === "blob")
        .map(({ databaseName }) => ({
          table: entity.tableName,
          key: soleKeyOf(entity),
          column: databaseName,
        })),
    );
}

function soleKeyOf({ tableName, primaryColumns }: EntityMetadata): string {
  const [key, ...others] = primaryColumns;
  if (!key || others.length > 0) throw new Error(`${tableName} is sealed and has not one key`);
  return key.databaseName;
}

async function* readHeads(
  { read }: Database,
  { table, key, column }: SealedColumn,
): AsyncGenerator<Buffer[], void> {
  let after: string | number | undefined;
  for (;;) {
    const rows = await read.query<{ place: string | number; head: Buffer | null }[]>(
      `SELECT ${key} AS place, SUBSTR(${column}, 2, 8) AS head FROM ${table}
       ${after === undefined ? "" : `WHERE ${key} > ?`} ORDER BY ${key} LIMIT ${STEP}`,
      after === undefined ? [] : [after],
    );
    yield rows.flatMap(({ head }) => (head === null ? [] : [head]));
    after = rows.at(-1)?.place;
    if (rows.length < STEP) return;
  }
}
