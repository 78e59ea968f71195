import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { openDatabase } from "../../server/src/platform/database/database.ts";
import type { Database, DatabaseOptions } from "../../server/src/platform/database/database.ts";

/**
 * Opens the block's database, migrated, with these entities. A second call opens the same database again, as
 * another process would. What a test (or a hook around it) opens is closed after it, what `beforeAll` opens after the block.
 */
export interface OpenTestDatabase {
  (entities: DatabaseOptions["entities"]): Promise<Database>;
  /** For a process that the test starts. Known once a hook or a test runs. */
  url(): string;
}

/**
 * Runs a block of tests on each database, on a fresh one of its own: SQLite in a temporary file always, MariaDB
 * or MySQL under `TEST_MYSQL_URL` (a server's address, its user may create databases), else skipped by name.
 */
export function forEachDatabase(name: string, define: (open: OpenTestDatabase) => void): void {
  describe(`${name} [SQLite]`, () => {
    let folder = "";
    defineOn(
      define,
      () => {
        folder = mkdtempSync(join(tmpdir(), "test-database-"));
        return Promise.resolve(`sqlite:${join(folder, "test.sqlite")}`);
      },
      () => {
        rmSync(folder, { recursive: true, force: true });
        return Promise.resolve();
      },
    );
  });

  const server = process.env["TEST_MYSQL_URL"];
  if (server === undefined || server === "") {
    describe.skip(`${name} [MariaDB: TEST_MYSQL_URL is not set]`, () => {
      it("is left out", () => undefined);
    });
    return;
  }
  describe(`${name} [MariaDB]`, () => {
    const schema = `test_${randomBytes(6).toString("hex")}`;
    defineOn(
      define,
      async () => {
        await onServer(server, `CREATE DATABASE ${schema}`);
        const url = new URL(server);
        url.pathname = `/${schema}`;
        return url.href;
      },
      () => onServer(server, `DROP DATABASE IF EXISTS ${schema}`),
    );
  });
}

function defineOn(
  define: (open: OpenTestDatabase) => void,
  create: () => Promise<string>,
  drop: () => Promise<void>,
): void {
  const ofBlock: Database[] = [];
  const ofTest: Database[] = [];
  let isInTest = false;
  let url = "";
  beforeAll(async () => {
    url = await create();
  });
  beforeEach(() => {
    isInTest = true;
  });
  const open = async (entities: DatabaseOptions["entities"]): Promise<Database> => {
    const database = await openDatabase({ url, entities });
    (isInTest ? ofTest : ofBlock).push(database);
    return database;
  };
  define(Object.assign(open, { url: () => url }));
  // After the block's own hooks. A server has only so many connections for all tests.
  afterEach(async () => {
    isInTest = false;
    await closeAll(ofTest);
  });
  afterAll(async () => {
    await closeAll(ofBlock);
    await drop();
  });
}

/** One that a test has closed already refuses; that is no reason to leave the others open. */
async function closeAll(databases: Database[]): Promise<void> {
  await Promise.allSettled(databases.splice(0).map((database) => database.close()));
}

async function onServer(url: string, statement: string): Promise<void> {
  const connection = await createConnection(url);
  await connection.query(statement);
  await connection.end();
}

const searchTables = ["search_cursor", "search_late", "search_month", "search_posting"];

/** Deletes every row, so that a test of the block starts from an empty database. */
export async function emptyTables(database: Database): Promise<void> {
  const names = database.read.dataSource.entityMetadatas.map(({ tableName }) => tableName);
  await database.write(async (tx) => {
    for (const name of [...names, "lease", "live_event", "turn", ...searchTables])
      await tx.query(`DELETE FROM ${name}`);
  });
}
