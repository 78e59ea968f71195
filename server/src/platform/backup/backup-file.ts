import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { z } from "zod";
import type { Row, Value } from "./snapshot.ts";

/**
 * A backup is a folder: for each table a file of lines (the columns, then a row each, gzip), the media folder's
 * sealed files as they are with a list of them, and a manifest that is written last. All of it is as sealed as the
 * database; no key is in it.
 */
export const manifestShape = z.object({
  format: z.literal(1),
  createdAtMs: z.number(),
  dialect: z.enum(["sqlite", "mysql"]),
  /** Names of the migrations that had run. */
  migrations: z.array(z.string()),
  /** Ids of the vault keys that are needed to open anything. */
  vaultKeyIds: z.array(z.string()),
  tables: z.array(z.object({ name: z.string(), rows: z.number(), sha256: z.string() })),
  media: z.object({ files: z.number(), bytes: z.number(), sha256: z.string() }),
});
export type Manifest = z.infer<typeof manifestShape>;

export const MANIFEST = "manifest.json";
export const MANIFEST_SUM = "manifest.sha256";
export const MEDIA = "media";
export const MEDIA_LIST = "media.lines.gz";

export function tableFile(name: string): string {
  return `table-${name}.lines.gz`;
}

/** What can be had again, or must not come back: tokens, sessions, leases, hints, the search index. */
export const LEFT_OUT: ReadonlySet<string> = new Set([
  "lease",
  "live_event",
  "search_cursor",
  "search_late",
  "search_month",
  "search_posting",
  "session",
  "sign_in_attempt",
  "wecom_token",
]);

export class DamagedBackupError extends Error {
  override name = "DamagedBackupError";
}

/** Writes lines and returns the SHA-256 of the file, which is on the disk then. */
export async function writeLines(file: string, lines: AsyncIterable<string>): Promise<string> {
  const hash = createHash("sha256");
  const sum = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  await pipeline(Readable.from(lines), createGzip({ level: 1 }), sum, createWriteStream(file));
  await flush(file);
  return hash.digest("hex");
}

/** One after the other; a file that ends too early throws. */
export async function* readLines(file: string): AsyncGenerator<string, void> {
  const unpacked = createGunzip();
  const done = pipeline(createReadStream(file), unpacked);
  // Heard below, once all lines before the fault have been given.
  done.catch(() => undefined);
  for await (const line of createInterface({ input: unpacked, crlfDelay: Infinity })) yield line;
  await done;
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

export async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function encodeRow(columns: readonly string[], row: Row): string {
  const values = columns.map((column) => {
    const value = row[column] ?? null;
    return Buffer.isBuffer(value) ? { b: value.toString("base64") } : value;
  });
  return `${JSON.stringify(values)}\n`;
}

export function decodeRow(line: string): Value[] {
  const values = JSON.parse(line) as (string | number | null | { b: string })[];
  return values.map((value) =>
    typeof value === "object" && value !== null ? Buffer.from(value.b, "base64") : value,
  );
}
