import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { openDatabase } from "../../server/src/platform/database/database.ts";
import type { Database, DatabaseOptions } from "../../server/src/platform/database/database.ts";

/** A database to measure on: SQLite always, MariaDB where `TEST_MYSQL_URL` names a server. */
export interface BenchDatabase {
  name: string;
  /** As for `openDatabase`. */
  url: string;
  database: Database;
}

/** Runs `measure` on a fresh database of each kind, one after the other. */
export async function onEachDatabase(
  entities: DatabaseOptions["entities"],
  measure: (on: BenchDatabase) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    await use("SQLite", `sqlite:${join(folder, "bench.sqlite")}`, entities, measure);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const server = process.env["TEST_MYSQL_URL"];
  if (server === undefined || server === "") {
    process.stdout.write("  MariaDB: left out, TEST_MYSQL_URL is not set\n");
    return;
  }
  const schema = `bench_${randomBytes(6).toString("hex")}`;
  const connection = await createConnection(server);
  await connection.query(`CREATE DATABASE ${schema}`);
  try {
    const url = new URL(server);
    url.pathname = `/${schema}`;
    await use("MariaDB", url.href, entities, measure);
  } finally {
    await connection.query(`DROP DATABASE ${schema}`);
    await connection.end();
  }
}

async function use(
  name: string,
  url: string,
  entities: DatabaseOptions["entities"],
  measure: (on: BenchDatabase) => Promise<void>,
): Promise<void> {
  const database = await openDatabase({ url, entities });
  try {
    await measure({ name, url, database });
  } finally {
    await database.close();
  }
}
