import { LRUCache } from "lru-cache";

/**
 * Reads rows in a worker thread, over a connection of the thread's own and past the ORM: what goes through very many
 * rows must neither stop the server's loop nor pay for objects that nobody keeps. It cannot write.
 */
export interface RowReader {
  /** Rows as lists of values, in the order of the columns. */
  query<Row extends readonly unknown[]>(
    sql: string,
    values: readonly (string | number)[],
  ): Promise<Row[]>;
}

const PREPARED = 100;
/** In a thread of its own waiting harms nobody. */
const BUSY_TIMEOUT_MS = 5_000;
/** One statement under way while the rows of another are looked at. */
const CONNECTIONS = 2;

/** `url` as for `openDatabase`. */
export async function openRowReader(url: string): Promise<RowReader> {
  return url.startsWith("sqlite:")
    ? await openSqlite(url.slice("sqlite:".length))
    : await openMysql(url);
}

async function openSqlite(file: string): Promise<RowReader> {
  const { default: Sqlite } = await import("better-sqlite3");
  const connection = new Sqlite(file, { readonly: true, timeout: BUSY_TIMEOUT_MS });
  const prepare = (sql: string) => connection.prepare(sql).raw(true);
  const prepared = new LRUCache<string, ReturnType<typeof prepare>>({ max: PREPARED });
  return {
    query<Row>(sql: string, values: readonly (string | number)[]) {
      const statement = prepared.get(sql) ?? prepare(sql);
      prepared.set(sql, statement);
      return Promise.resolve(statement.all(...values) as Row[]);
    },
  };
}

async function openMysql(url: string): Promise<RowReader> {
  const { createPool } = await import("mysql2/promise");
  const pool = createPool({
    uri: url,
    connectionLimit: CONNECTIONS,
    charset: "utf8mb4",
    timezone: "Z",
    enableKeepAlive: true,
    rowsAsArray: true,
  });
  return {
    async query<Row>(sql: string, values: readonly (string | number)[]) {
      const [rows] = await pool.query(sql, [...values]);
      return rows as Row[];
    },
  };
}
