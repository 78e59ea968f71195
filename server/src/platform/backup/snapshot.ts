import SqliteConnection from "better-sqlite3";
import { createConnection } from "mysql2";
import type { Connection } from "mysql2";

export type Value = string | number | Buffer | null;
export type Row = Record<string, Value>;

/** All tables as they were at one moment, however much is written meanwhile. */
export interface Snapshot {
  dialect: "sqlite" | "mysql";
  /** Names, sorted. */
  tables: string[];
  rows(table: string): AsyncIterable<Row>;
  close(): Promise<void>;
}

/** `url` as for `openDatabase`. */
export async function openSnapshot(url: string): Promise<Snapshot> {
  return url.startsWith("sqlite:") ? openSqlite(url.slice("sqlite:".length)) : await openMysql(url);
}

/** A read transaction sees one state of the WAL and keeps nobody from writing. */
function openSqlite(file: string): Snapshot {
  const connection = new SqliteConnection(file, { readonly: true, fileMustExist: true });
  connection.exec("BEGIN");
  const names = connection
    .prepare<[], { name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .all();
  return {
    dialect: "sqlite",
    tables: names.map(({ name }) => name).sort(),
    async *rows(table) {
      for (const row of connection.prepare<[], Row>(`SELECT * FROM "${table}"`).iterate()) {
        yield await Promise.resolve(row);
      }
    },
    close() {
      connection.close();
      return Promise.resolve();
    },
  };
}

async function openMysql(url: string): Promise<Snapshot> {
  const connection = createConnection({
    uri: url,
    charset: "utf8mb4",
    timezone: "Z",
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  await run(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  await run(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
  const names = (await run(connection, "SHOW TABLES")) as Record<string, string>[];
  return {
    dialect: "mysql",
    tables: names.flatMap((row) => Object.values(row)).sort(),
    rows: (table) => connection.query(`SELECT * FROM \`${table}\``).stream() as AsyncIterable<Row>,
    close: () => new Promise((done) => connection.end(() => done())),
  };
}

function run(connection: Connection, statement: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.query(statement, (error, result) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
}
