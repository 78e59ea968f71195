import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { isAbsolute, join, normalize } from "node:path";
import { migrations } from "../../../../migrations/list.ts";
import { openDatabase } from "../database/database.ts";
import type { Database, DatabaseOptions } from "../database/database.ts";
import { checkLedger } from "../ledger/check-ledger.ts";
import {
  DamagedBackupError,
  decodeRow,
  MANIFEST,
  MANIFEST_SUM,
  manifestShape,
  MEDIA,
  MEDIA_LIST,
  readLines,
  sha256Of,
  tableFile,
} from "./backup-file.ts";
import type { Manifest } from "./backup-file.ts";
import { openSnapshot } from "./snapshot.ts";
import type { Value } from "./snapshot.ts";
import { copy, listFiles } from "./write-backup.ts";

export interface RestoreOptions {
  /** The backup's own folder. */
  from: string;
  databaseUrl: string;
  entities: DatabaseOptions["entities"];
  mediaDir: string | null;
  tell?: (line: string) => void;
}

export class NotEmptyError extends Error {
  override name = "NotEmptyError";
}

interface MediaFile {
  path: string;
  bytes: number;
  sha256: string;
}

/**
 * Brings a backup into an empty database and an empty media folder, on either kind of database. Everything is held
 * against its checksum before anything is written; then the rows are counted and the whole ledger is looked through.
 * Throws `DamagedBackupError` or `NotEmptyError`.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Manifest> {
  const { from, databaseUrl, entities, mediaDir, tell = () => undefined } = options;
  const manifest = await readManifest(from);
  const files = await checkFiles(from, manifest);
  tell("checksums are right");
  await refuseUnlessEmpty(databaseUrl, mediaDir);

  const known = new Map(migrations.map((one) => [one.name, one]));
  const ran = manifest.migrations.map((name) => known.get(name));
  if (ran.includes(undefined)) {
    throw new DamagedBackupError("the backup was made by a newer version of the server");
  }
  // As it was; what has come to the schema since runs at the end, over the rows.
  const database = await openDatabase({
    url: databaseUrl,
    entities,
    migrations: migrations.filter((one) => ran.includes(one)),
  });
  try {
    for (const table of manifest.tables) {
      await restoreTable(database, from, table);
      tell(`${table.name}: ${table.rows}`);
    }
  } finally {
    await database.close();
  }
  for (const file of files) await restoreFile(from, mediaDir, file);
  await checkRestored(options);
  return manifest;
}

async function readManifest(from: string): Promise<Manifest> {
  const text = await readFile(join(from, MANIFEST), "utf8").catch(() => {
    throw new DamagedBackupError("there is no complete backup in this folder");
  });
  const sum = await readFile(join(from, MANIFEST_SUM), "utf8").catch(() => "");
  if (`${createHash("sha256").update(text).digest("hex")}\n` !== sum) {
    throw new DamagedBackupError(`${MANIFEST} is not as it was written`);
  }
  return manifestShape.parse(JSON.parse(text));
}

async function checkFiles(from: string, { tables, media }: Manifest): Promise<MediaFile[]> {
  const check = async (name: string, sha256: string): Promise<void> => {
    const found = await sha256Of(join(from, name)).catch(() => "");
    if (found !== sha256) throw new DamagedBackupError(`${name} is not as it was written`);
  };
  for (const { name, sha256 } of tables) await check(tableFile(name), sha256);
  await check(MEDIA_LIST, media.sha256);
  const files: MediaFile[] = [];
  for await (const line of readLines(join(from, MEDIA_LIST))) {
    const file = JSON.parse(line) as MediaFile;
    if (isAbsolute(file.path) || normalize(file.path).startsWith("..")) {
      throw new DamagedBackupError(`${file.path} lies outside of the media folder`);
    }
    await check(join(MEDIA, file.path), file.sha256);
    files.push(file);
  }
  return files;
}

async function refuseUnlessEmpty(databaseUrl: string, mediaDir: string | null): Promise<void> {
  const isSqlite = databaseUrl.startsWith("sqlite:");
  if (isSqlite && existsSync(databaseUrl.slice("sqlite:".length))) {
    throw new NotEmptyError("the database is there already; a restore never overwrites one");
  }
  if (!isSqlite) {
    const snapshot = await openSnapshot(databaseUrl);
    await snapshot.close();
    if (snapshot.tables.length > 0) {
      throw new NotEmptyError("the database has tables already; a restore never overwrites them");
    }
  }
  if (mediaDir !== null && (await listFiles(mediaDir)).length > 0) {
    throw new NotEmptyError("the media folder is not empty; a restore never overwrites files");
  }
}

/** What one statement may hold: MySQL's packets are bounded, and so are placeholders. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_ROWS = 500;

async function restoreTable(
  database: Database,
  from: string,
  { name, rows }: Manifest["tables"][number],
): Promise<void> {
  const quote = (text: string): string =>
    database.dialect === "mysql" ? `\`${text}\`` : `"${text}"`;
  let columns: string[] | undefined;
  let waiting: Value[][] = [];
  let bytes = 0;

  async function insert(): Promise<void> {
    if (waiting.length === 0 || !columns) return;
    const tuple = `(${columns.map(() => "?").join(", ")})`;
    const statement = `INSERT INTO ${quote(name)} (${columns.map(quote).join(", ")}) VALUES ${waiting.map(() => tuple).join(", ")}`;
    const values = waiting.flat();
    [waiting, bytes] = [[], 0];
    await database.write((tx) => tx.query(statement, values));
  }

  // Rows that the migrations themselves put into an empty database stand in the backup, too.
  await database.write((tx) => tx.query(`DELETE FROM ${quote(name)}`));
  for await (const line of readLines(join(from, tableFile(name)))) {
    if (!columns) {
      columns = JSON.parse(line) as string[];
      continue;
    }
    waiting.push(decodeRow(line));
    bytes += line.length;
    if (bytes > MAX_BYTES || waiting.length === MAX_ROWS) await insert();
  }
  await insert();
  const [counted] = await database.read.query<{ n: string | number }[]>(
    `SELECT COUNT(*) AS n FROM ${quote(name)}`,
  );
  if (Number(counted?.n) !== rows) {
    throw new DamagedBackupError(`${name} has ${counted?.n} rows and should have ${rows}`);
  }
}

async function restoreFile(
  from: string,
  mediaDir: string | null,
  { path, sha256 }: MediaFile,
): Promise<void> {
  if (mediaDir === null) return;
  const copied = await copy(join(from, MEDIA, path), join(mediaDir, path));
  if (copied?.sha256 !== sha256) throw new DamagedBackupError(`${path} changed while it was read`);
}

/** With today's schema. */
async function checkRestored({ databaseUrl, entities, tell }: RestoreOptions): Promise<void> {
  const database = await openDatabase({ url: databaseUrl, entities });
  try {
    const { tiles, entries, broken } = await checkLedger(database);
    if (broken.length > 0) throw new DamagedBackupError(`the ledger is broken at ${broken[0]}`);
    tell?.(`the ledger holds: ${tiles} tiles, ${entries} entries`);
  } finally {
    await database.close();
  }
}
