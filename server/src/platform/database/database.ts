import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { DataSource } from "typeorm";
import type { EntityManager } from "typeorm";
import { migrations } from "../../../../migrations/list.ts";
import { SnakeCaseNaming } from "./snake-case-naming.ts";

export type Dialect = "sqlite" | "mysql";

/**
 * The one way to the tables. SQLite has a single connection for writing: an insert awaited beside
 * somebody else's transaction would be undone with it, so every write passes one queue. Reads have
 * a connection of their own and never see an open transaction. MySQL uses a pool for both.
 */
export interface Database {
  readonly dialect: Dialect;
  /**
   * Runs `work` in one transaction and commits it. Inside another `write` it joins that one.
   * A deadlock or a busy database runs `work` again from its start, so `work` must do nothing
   * but statements: no network call, no event, no file. (On SQLite others would wait for it, too.)
   */
  write<T>(work: (tx: EntityManager) => Promise<T>): Promise<T>;
  /** For queries only; sees what is committed. */
  readonly read: EntityManager;
  /** Runs `action` after the transaction that is open here has committed (at once when none is). */
  afterCommit(action: () => void): void;
  /** The database's own clock in epoch milliseconds: leases must not trust a node's clock. */
  nowMs(manager?: EntityManager): Promise<number>;
  close(): Promise<void>;
}

interface OpenTransaction {
  manager: EntityManager;
  afterCommit: (() => void)[];
}

export interface DatabaseOptions {
  /** `sqlite:<file>`, or `mysql://user:password@host:port/name`. */
  url: string;
  /** TypeORM entity classes. */
  // eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- TypeORM's own type for entity classes
  entities: Function[];
  poolSize?: number;
  /** Default: all. A restore makes the schema of its backup first. */
  migrations?: typeof migrations;
}

/** Opens the database and brings its schema up to date. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  return options.url.startsWith("sqlite:")
    ? await openSqlite(options, options.url.slice("sqlite:".length))
    : await openMysql(options);
}

const BUSY_TIMEOUT_MS = 50;

async function openSqlite(options: DatabaseOptions, file: string): Promise<Database> {
  const common = {
    type: "better-sqlite3",
    database: file,
    entities: options.entities,
    namingStrategy: new SnakeCaseNaming(),
  } as const;
  const writer = new DataSource({
    ...common,
    enableWAL: true,
    // SQLite waits for another process's lock without letting the event loop run: wait briefly, then
    // try the whole transaction again from outside.
    timeout: BUSY_TIMEOUT_MS,
    migrations: options.migrations ?? migrations,
    prepareDatabase: (connection: { pragma(statement: string): unknown }) => {
      // FULL: an acknowledged callback survives a power cut, not only a crash of the process.
      connection.pragma("synchronous = FULL");
      connection.pragma("foreign_keys = OFF");
      connection.pragma("secure_delete = ON");
    },
  });
  await writer.initialize();
  await writer.runMigrations({ transaction: "each" });
  const reader = new DataSource({ ...common, readonly: true, timeout: BUSY_TIMEOUT_MS });
  await reader.initialize();

  let tail: Promise<unknown> = Promise.resolve();
  const inQueue = <T>(run: () => Promise<T>): Promise<T> => {
    const result = tail.then(run, run);
    tail = result.catch(() => undefined);
    return result;
  };
  return createDatabase({
    dialect: "sqlite",
    read: reader.manager,
    transact: (run) => inQueue(() => retryConflicts(() => transactOnSqlite(writer, run))),
    clockSql: "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) AS now",
    close: async () => {
      await inQueue(() => Promise.resolve());
      await reader.destroy();
      await writer.destroy();
    },
  });
}

/**
 * When the disk is full or fails, SQLite undoes the whole transaction by itself. TypeORM's ROLLBACK finds none to
 * undo then, and TypeORM goes on believing in it: its next transactions would be parts of one that never commits.
 */
async function transactOnSqlite<T>(
  writer: DataSource,
  run: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  try {
    return await writer.transaction(run);
  } catch (error) {
    // The one runner of the one connection.
    const runner = writer.createQueryRunner();
    if (runner.isTransactionActive) {
      await runner.query("BEGIN");
      await runner.rollbackTransaction();
    }
    throw error;
  }
}

async function openMysql(options: DatabaseOptions): Promise<Database> {
  const source = new DataSource({
    type: "mysql",
    url: options.url,
    entities: options.entities,
    migrations: options.migrations ?? migrations,
    namingStrategy: new SnakeCaseNaming(),
    poolSize: options.poolSize ?? 10,
    timezone: "Z",
    charset: "utf8mb4",
    connectTimeout: 10_000,
    extra: { enableKeepAlive: true },
  });
  await source.initialize();
  // Of processes that start together one may find TypeORM's own table half made; then it looks again.
  await retryConflicts(() => source.runMigrations({ transaction: "none" }), STARTS_TOGETHER);
  return createDatabase({
    dialect: "mysql",
    read: source.manager,
    transact: (run) => retryConflicts(() => source.transaction("READ COMMITTED", run)),
    clockSql: "SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED) AS now",
    close: () => source.destroy(),
  });
}

/** By the manager of an open transaction. */
const lastOf = new WeakMap<EntityManager, ((tx: EntityManager) => Promise<void>)[]>();

/**
 * Runs `work` as the last part of an open transaction. For what many transactions do to one and the same row, so that
 * it is locked as briefly as can be.
 */
export function beforeCommit(tx: EntityManager, work: (tx: EntityManager) => Promise<void>): void {
  lastOf.set(tx, [...(lastOf.get(tx) ?? []), work]);
}

interface Engine {
  dialect: Dialect;
  read: EntityManager;
  transact<T>(run: (manager: EntityManager) => Promise<T>): Promise<T>;
  clockSql: string;
  close(): Promise<void>;
}

function createDatabase(engine: Engine): Database {
  const open = new AsyncLocalStorage<OpenTransaction>();
  return {
    dialect: engine.dialect,
    read: engine.read,
    close: () => engine.close(),
    async write(work) {
      const outer = open.getStore();
      if (outer) return await work(outer.manager);
      let committed: (() => void)[] = [];
      const result = await engine.transact(async (manager) => {
        const transaction: OpenTransaction = { manager, afterCommit: [] };
        committed = transaction.afterCommit;
        return await open.run(transaction, async () => {
          const done = await work(manager);
          for (const last of lastOf.get(manager) ?? []) await last(manager);
          return done;
        });
      });
      for (const action of committed) action();
      return result;
    },
    afterCommit(action) {
      const transaction = open.getStore();
      if (transaction) transaction.afterCommit.push(action);
      else action();
    },
    async nowMs(manager = engine.read) {
      const [row] = await manager.query<{ now: string | number }[]>(engine.clockSql);
      if (!row) throw new Error("the database did not tell its time");
      return Number(row.now);
    },
  };
}

/**
 * MySQL: 1213 deadlock, 1205 lock wait timeout. SQLite: another process held the lock for longer than
 * the busy timeout, wrote between our read and our first write (SQLITE_BUSY_SNAPSHOT), or tidies up after one that was
 * killed (SQLITE_BUSY_RECOVERY).
 * In each case the transaction is undone, and running it again is the documented remedy.
 */
const RETRYABLE = new Set<unknown>([
  1205,
  1213,
  "SQLITE_BUSY",
  "SQLITE_BUSY_RECOVERY",
  "SQLITE_BUSY_SNAPSHOT",
]);

/** Then the caller hears of it. */
const RETRY_FOR_MS = 10_000;

/** MySQL: another process has just made the table or written the row that we were about to. */
const STARTS_TOGETHER = new Set<unknown>([1050, 1062, ...RETRYABLE]);

async function retryConflicts<T>(
  transact: () => Promise<T>,
  retryable: ReadonlySet<unknown> = RETRYABLE,
): Promise<T> {
  const giveUpAt = performance.now() + RETRY_FOR_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transact();
    } catch (error) {
      const { errno, code } = error as { errno?: unknown; code?: unknown };
      const isConflict = retryable.has(errno) || retryable.has(code);
      if (!isConflict || performance.now() > giveUpAt) throw error;
      await delay(Math.min(2 ** attempt * 5, 200) * (0.5 + Math.random()));
    }
  }
}
