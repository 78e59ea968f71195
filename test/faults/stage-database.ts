import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import { createConnection } from "mysql2/promise";
import { createFailingDisk } from "./disk.ts";
import type { FailingDisk } from "./disk.ts";
import { startPrivateMariadb } from "./private-mariadb.ts";
import type { PrivateMariadb } from "./private-mariadb.ts";

export type DatabaseKind = "sqlite" | "mariadb";

/** The product's database, seen and disturbed from outside: on a connection of the test's own. */
export interface StageDatabase {
  readonly kind: DatabaseKind;
  /** For the product's setting. */
  readonly url: string;
  /** For the environment of whoever uses it. */
  readonly env: Record<string, string>;
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Nobody can write until the returned function is called. */
  lock(): Promise<() => Promise<void>>;
  /** Every write is refused until the returned function is called. */
  makeReadOnly(): Promise<() => Promise<void>>;
  /** The disk is full until the returned function is called; null where that cannot be had. */
  fillDisk: (() => () => void) | null;
  disk: FailingDisk | null;
  /** The server that may be killed; null where there is none. */
  server: Pick<PrivateMariadb, "kill" | "start"> | null;
  close(): Promise<void>;
}

/** Makes databases of one kind, one a round. */
export interface DatabaseMaker {
  kind: DatabaseKind;
  /** `dataDir` is the product's. */
  make(dataDir: string): Promise<StageDatabase>;
  close(): Promise<void>;
}

const WAIT_MS = 5000;
const BUSY_PAUSE_MS = 20;
/** Room for a round, and soon full. */
const DISK_SIZE = "96m";

export async function openMaker(kind: DatabaseKind): Promise<DatabaseMaker> {
  if (kind === "sqlite") {
    return { kind, make: (dataDir) => Promise.resolve(makeSqlite(dataDir)), close: doNothing };
  }
  const server = await startPrivateMariadb();
  return { kind, make: () => makeMariadb(server), close: () => server.close() };
}

const doNothing = (): Promise<void> => Promise.resolve();

function makeSqlite(dataDir: string): StageDatabase {
  mkdirSync(dataDir, { recursive: true });
  const isSmallDisk = mountSmallDisk(dataDir);
  const file = join(dataDir, "product.sqlite");
  const disk = createFailingDisk(dataDir);
  // Without waiting: the one who holds the lock may be this very process.
  const open = (): Sqlite.Database => new Sqlite(file, { timeout: 0, fileMustExist: true });
  return {
    kind: "sqlite",
    url: `sqlite:${file}`,
    env: disk?.env ?? {},
    disk,
    server: null,
    async query(sql) {
      const database = open();
      try {
        return await whenFree(() => {
          const statement = database.prepare(sql);
          if (statement.reader) return statement.all() as Record<string, unknown>[];
          statement.run();
          return [];
        });
      } finally {
        database.close();
      }
    },
    async lock() {
      const database = open();
      // A product that is stopped in the middle of a transaction holds it for long.
      await whenFree(() => database.exec("BEGIN EXCLUSIVE"), Number.POSITIVE_INFINITY);
      return () => {
        database.close();
        return Promise.resolve();
      };
    },
    makeReadOnly() {
      disk?.failAll("EROFS");
      return Promise.resolve(() => {
        disk?.failAll(null);
        return Promise.resolve();
      });
    },
    fillDisk: isSmallDisk ? () => fill(dataDir) : null,
    close() {
      disk?.close();
      if (isSmallDisk) execFileSync("umount", ["--lazy", dataDir]);
      return Promise.resolve();
    },
  };
}

/** Tries again while another process writes. */
async function whenFree<T>(work: () => T, withinMs = WAIT_MS): Promise<T> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    try {
      return work();
    } catch (error) {
      const isBusy = (error as { code?: string }).code?.startsWith("SQLITE_BUSY") === true;
      if (!isBusy || performance.now() > giveUpAt) throw error;
      await delay(BUSY_PAUSE_MS);
    }
  }
}

/** A file system in memory, which only root may mount. */
function mountSmallDisk(folder: string): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  try {
    const options = ["-t", "tmpfs", "-o", `size=${DISK_SIZE}`, "tmpfs", folder];
    execFileSync("mount", options, { stdio: "ignore" });
    return true;
  } catch {
    // Root in a container that may not mount.
    return false;
  }
}

/** To the last byte, whoever else writes meanwhile. */
function fill(folder: string): () => void {
  const file = join(folder, "ballast");
  const piece = Buffer.alloc(256 * 1024);
  try {
    for (;;) appendFileSync(file, piece);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
  return () => rmSync(file, { force: true });
}

/** The product signs in as a user who has all rights on its database and none on the server. */
async function makeMariadb(server: PrivateMariadb): Promise<StageDatabase> {
  const schema = `faults_${randomBytes(4).toString("hex")}`;
  await ask(server.url, `CREATE DATABASE ${schema}`);
  const user = `${schema}@'127.0.0.1' IDENTIFIED BY '${schema}'`;
  await ask(server.url, `GRANT ALL ON ${schema}.* TO ${user}`);
  const own = new URL(server.url);
  own.pathname = `/${schema}`;
  const product = new URL(own);
  product.username = schema;
  product.password = schema;
  return {
    kind: "mariadb",
    url: product.href,
    env: {},
    disk: null,
    fillDisk: null,
    server,
    query: (sql) => ask(own.href, sql),
    async lock() {
      const connection = await createConnection({ uri: server.url });
      await connection.query("FLUSH TABLES WITH READ LOCK");
      return () => {
        // Its end is the lock's.
        connection.destroy();
        return Promise.resolve();
      };
    },
    async makeReadOnly() {
      await ask(server.url, "SET GLOBAL read_only = ON");
      // A server that has been killed meanwhile starts without it.
      return async () => {
        await ask(server.url, "SET GLOBAL read_only = OFF");
      };
    },
    // It goes with its server.
    close: doNothing,
  };
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await createConnection({ uri: url, connectTimeout: WAIT_MS });
  try {
    const [rows] = await connection.query({ sql, timeout: WAIT_MS });
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    connection.destroy();
  }
}
