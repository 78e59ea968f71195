import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import {
  encodeRow,
  flush,
  LEFT_OUT,
  MANIFEST,
  MANIFEST_SUM,
  manifestShape,
  MEDIA,
  MEDIA_LIST,
  tableFile,
  writeLines,
} from "./backup-file.ts";
import type { Manifest } from "./backup-file.ts";
import { openSnapshot } from "./snapshot.ts";
import type { Snapshot } from "./snapshot.ts";

export interface BackupOptions {
  databaseUrl: string;
  /** Null: files lie in a store that has backups of its own. */
  mediaDir: string | null;
  /** Backups of this folder lie in it side by side. */
  folder: string;
  nowMs: number;
  tell?: (line: string) => void;
}

/** Writes a backup while the server runs; returns its folder. What is not complete never looks as if it were. */
export async function writeBackup(options: BackupOptions): Promise<string> {
  const { folder, nowMs, tell = () => undefined } = options;
  const name = `backup-${new Date(nowMs).toISOString().replaceAll(":", "-")}`;
  const part = join(folder, `${name}.part`);
  await mkdir(part, { recursive: true, mode: 0o700 });
  const snapshot = await openSnapshot(options.databaseUrl);
  try {
    const tables: Manifest["tables"] = [];
    for (const table of snapshot.tables) {
      if (LEFT_OUT.has(table) || table === "migrations") continue;
      const written = await writeTable(snapshot, table, part);
      tables.push({ name: table, ...written });
      tell(`${table}: ${written.rows}`);
    }
    // After the rows: every file that one of them names is there by now, unless it was destroyed since.
    const media = await copyMedia(options.mediaDir, part);
    tell(`media: ${media.files}`);
    const manifest: Manifest = {
      format: 1,
      createdAtMs: nowMs,
      dialect: snapshot.dialect,
      migrations: await column(snapshot, "migrations", "name"),
      vaultKeyIds: [...new Set(await column(snapshot, "data_key", "kek_id"))],
      tables,
      media,
    };
    const text = `${JSON.stringify(manifest, null, 1)}\n`;
    await writeFile(join(part, MANIFEST), text, { flush: true });
    const sum = createHash("sha256").update(text).digest("hex");
    await writeFile(join(part, MANIFEST_SUM), `${sum}\n`, { flush: true });
    const done = join(folder, name);
    await rename(part, done);
    await flush(folder);
    return done;
  } finally {
    await snapshot.close();
    await rm(part, { recursive: true, force: true });
  }
}

async function writeTable(
  snapshot: Snapshot,
  table: string,
  folder: string,
): Promise<{ rows: number; sha256: string }> {
  let rows = 0;
  async function* lines(): AsyncGenerator<string, void> {
    let columns: string[] | undefined;
    for await (const row of snapshot.rows(table)) {
      if (!columns) {
        columns = Object.keys(row);
        yield `${JSON.stringify(columns)}\n`;
      }
      yield encodeRow(columns, row);
      rows += 1;
    }
  }
  const sha256 = await writeLines(join(folder, tableFile(table)), lines());
  return { rows, sha256 };
}

async function column(snapshot: Snapshot, table: string, name: string): Promise<string[]> {
  const values: string[] = [];
  for await (const row of snapshot.rows(table)) values.push(String(row[name]));
  return values;
}

async function copyMedia(mediaDir: string | null, folder: string): Promise<Manifest["media"]> {
  let [files, bytes] = [0, 0];
  async function* lines(): AsyncGenerator<string, void> {
    if (mediaDir === null) return;
    for (const path of await listFiles(mediaDir)) {
      const copied = await copy(join(mediaDir, path), join(folder, MEDIA, path));
      if (!copied) continue;
      files += 1;
      bytes += copied.bytes;
      yield `${JSON.stringify({ path, ...copied })}\n`;
    }
  }
  const sha256 = await writeLines(join(folder, MEDIA_LIST), lines());
  return { files, bytes, sha256 };
}

export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: unknown) => {
      if ((error as { code?: unknown }).code === "ENOENT") return [];
      throw error;
    },
  );
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Null when it has been destroyed meanwhile. */
export async function copy(
  from: string,
  to: string,
): Promise<{ bytes: number; sha256: string } | null> {
  const hash = createHash("sha256");
  let bytes = 0;
  await mkdir(dirname(to), { recursive: true });
  const target = await open(to, "w", 0o600);
  try {
    for await (const chunk of createReadStream(from)) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      await target.write(chunk as Buffer);
    }
    await target.sync();
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ENOENT") throw error;
    await rm(to, { force: true });
    return null;
  } finally {
    await target.close();
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** Removes backups in the folder that are older; returns how many. Touches nothing that is no backup of ours. */
export async function removeOldBackups(folder: string, beforeMs: number): Promise<number> {
  let removed = 0;
  for (const entry of await readdir(folder)) {
    if (!entry.startsWith("backup-") || entry.endsWith(".part")) continue;
    const createdAtMs = await readCreatedAt(join(folder, entry, MANIFEST));
    if (createdAtMs === null || createdAtMs >= beforeMs) continue;
    await rm(join(folder, entry), { recursive: true });
    removed += 1;
  }
  return removed;
}

/** Null for what is no manifest, or a damaged one: nobody should lose a folder for that. */
async function readCreatedAt(file: string): Promise<number | null> {
  try {
    return manifestShape.parse(JSON.parse(await readFile(file, "utf8"))).createdAtMs;
  } catch {
    return null;
  }
}
