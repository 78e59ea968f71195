import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "../../server/src/platform/database/database.ts";

/** Where strings that must not be readable can be read all the same. */

/** A string as it is and as it would look when somebody encodes what it stands in. */
function formsOf(needle: string): Buffer[] {
  const bytes = Buffer.from(needle, "utf8");
  // Base64 depends on where in a group of three the string begins; its ends mix with the neighbours.
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return text.slice(4, -4);
  });
  const forms = [needle, bytes.toString("hex"), ...base64].map((form) => Buffer.from(form));
  return [...forms, Buffer.from(needle, "utf16le")];
}

/** Those of `needles` that stand in `hay`, in whatever form. */
export function findIn(hay: Buffer | string, needles: readonly string[]): string[] {
  const bytes = typeof hay === "string" ? Buffer.from(hay, "utf8") : hay;
  return needles.filter((needle) => formsOf(needle).some((form) => bytes.includes(form)));
}

/** `table.column: needle` for each that can be read with a plain SELECT. */
export async function findInTables(
  database: Database,
  needles: readonly string[],
): Promise<string[]> {
  const found = new Set<string>();
  for (const table of await listTables(database)) {
    const rows = await database.read.query<Record<string, unknown>[]>(`SELECT * FROM ${table}`);
    for (const [column, value] of rows.flatMap((row) => Object.entries(row))) {
      if (value === null || value === undefined) continue;
      const hay = Buffer.isBuffer(value)
        ? value
        : typeof value === "string"
          ? value
          : JSON.stringify(value);
      for (const needle of findIn(hay, needles)) found.add(`${table}.${column}: ${needle}`);
    }
  }
  return [...found];
}

async function listTables({ dialect, read }: Database): Promise<string[]> {
  const rows = await read.query<Record<string, string>[]>(
    dialect === "sqlite" ? "SELECT name FROM sqlite_master WHERE type = 'table'" : "SHOW TABLES",
  );
  return rows.flatMap((row) => Object.values(row));
}

/** The same for SQLite's own files, as they lie on the disk now, free pages and log included. */
export function findInFiles(databaseUrl: string, needles: readonly string[]): string[] {
  const file = databaseUrl.slice("sqlite:".length);
  return ["", "-wal", "-shm", "-journal"]
    .map((suffix) => `${file}${suffix}`)
    .filter((name) => existsSync(name))
    .flatMap((name) => findIn(readFileSync(name), needles));
}

/** In every file of the folder and of those in it. */
export function findInFolder(folder: string, needles: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap(({ parentPath, name }) =>
      findIn(readFileSync(join(parentPath, name)), needles).map((needle) => `${name}: ${needle}`),
    );
}
