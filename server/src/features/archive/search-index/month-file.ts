import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import type { IndexEntry, IndexQuery } from "./search-index.ts";

/**
 * One month of the index as an SQLite file of its own: no lock of the database is touched, and a month goes by
 * deleting its file. FTS5 keeps the tokens (as words) and no content. Opened for each piece of work, so that a file
 * that somebody has deleted or replaced is never answered from. Runs in a worker thread.
 */
export interface MonthFile {
  folder: string;
  generation: string;
  month: number;
}

type Connection = Sqlite.Database;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS origin (generation TEXT NOT NULL);
  CREATE VIRTUAL TABLE IF NOT EXISTS posting USING
    fts5(tokens, content='', contentless_delete=1, detail=none, tokenize='ascii')`;
const BUSY_TIMEOUT_MS = 5_000;

/** False, with nothing written, when the file must be there and is not. */
export function writeMonth(
  file: MonthFile,
  entries: readonly IndexEntry[],
  mustExist: boolean,
): boolean {
  mkdirSync(file.folder, { recursive: true });
  if (!isOfGeneration(file)) {
    if (mustExist) return false;
    removeMonth(file);
  }
  use(file, { isNew: true }, (connection) => {
    connection.exec(SCHEMA);
    const put = connection.prepare("INSERT OR REPLACE INTO posting (rowid, tokens) VALUES (?, ?)");
    connection.transaction(() => {
      if (generationOf(connection) === undefined) {
        connection.prepare("INSERT INTO origin VALUES (?)").run(file.generation);
      }
      for (const { seq, tokens } of entries) put.run(seq, Array.from(tokens, toWord).join(" "));
    })();
  });
  return true;
}

/** Null when the file is not there, broken, or of another generation. */
export function queryMonth(
  file: MonthFile,
  { tokens, anyOf, before, limit }: Omit<IndexQuery, "month">,
): number[] | null {
  if (!isOfGeneration(file)) return null;
  return use(file, { isNew: false }, (connection) => {
    const all = tokens.map((token) => `"${toWord(token)}"`);
    const any = anyOf.map((token) => `"${toWord(token)}"`).join(" OR ");
    const match = [...all, ...(any === "" ? [] : [`(${any})`])].join(" AND ");
    return connection
      .prepare<[string, number, number], number>(
        "SELECT rowid FROM posting WHERE posting MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
      )
      .pluck()
      .all(match, before, limit);
  });
}

/** Null as for a query. */
export function forgetInMonth(
  file: MonthFile,
  seqs: readonly number[],
): "something" | "nothing" | null {
  if (!isOfGeneration(file)) return null;
  return use(file, { isNew: false }, (connection) => {
    const remove = connection.prepare("DELETE FROM posting WHERE rowid = ?");
    connection.transaction(() => {
      for (const seq of seqs) remove.run(seq);
    })();
    const left = connection.prepare("SELECT 1 FROM posting_docsize LIMIT 1").get();
    // What was deleted stays in FTS5's segments until they are merged.
    if (left) connection.exec("INSERT INTO posting (posting) VALUES ('optimize')");
    return left ? "something" : "nothing";
  });
}

export function removeMonth(file: Pick<MonthFile, "folder" | "month">): void {
  for (const end of ["", "-journal"]) rmSync(`${pathOf(file)}${end}`, { force: true });
}

export function removeAllMonths(folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const [ours, others] = [names.filter(isOurs), names.filter((name) => !isOurs(name))];
  for (const name of ours) rmSync(join(folder, name));
  if (others.length === 0) rmSync(folder, { recursive: true, force: true });
}

function isOurs(name: string): boolean {
  return /^\d+\.db(-journal)?$/.test(name);
}

function pathOf({ folder, month }: Pick<MonthFile, "folder" | "month">): string {
  return join(folder, `${month}.db`);
}

function use<T>(file: MonthFile, { isNew }: { isNew: boolean }, work: (to: Connection) => T): T {
  const connection = new Sqlite(pathOf(file), {
    fileMustExist: !isNew,
    timeout: BUSY_TIMEOUT_MS,
  });
  try {
    // The cursor moves past what is written here, so it must be on the disk by then.
    connection.pragma("synchronous = FULL");
    connection.pragma("secure_delete = ON");
    return work(connection);
  } finally {
    connection.close();
  }
}

const BROKEN = new Set<unknown>(["SQLITE_CORRUPT", "SQLITE_NOTADB"]);

function isOfGeneration(file: MonthFile): boolean {
  if (!existsSync(pathOf(file))) return false;
  try {
    return use(file, { isNew: false }, (found) => generationOf(found) === file.generation);
  } catch (error) {
    if (BROKEN.has((error as { code?: unknown }).code)) return false;
    throw error;
  }
}

/** Undefined when the file holds nothing yet. */
function generationOf(connection: Connection): string | undefined {
  const isThere = connection.prepare("SELECT 1 FROM sqlite_master WHERE name = 'origin'").get();
  if (!isThere) return undefined;
  return connection.prepare<[], string>("SELECT generation FROM origin").pluck().get();
}

function toWord(token: number): string {
  return token.toString(36);
}
