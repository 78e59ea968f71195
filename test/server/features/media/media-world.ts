import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { DataKey } from "../../../../server/src/platform/vault/data-key.entity.ts";
import { createVault } from "../../../../server/src/platform/vault/vault.ts";
import type { Vault } from "../../../../server/src/platform/vault/vault.ts";
import { createDownloads } from "../../../../server/src/features/media/media-download.ts";
import { MediaRow } from "../../../../server/src/features/media/media.entity.ts";
import { createMediaIntake } from "../../../../server/src/features/media/media-intake.ts";
import { createMediaRounds } from "../../../../server/src/features/media/media-rounds.ts";
import type { MediaRounds } from "../../../../server/src/features/media/media-rounds.ts";
import { createMedia } from "../../../../server/src/features/media/media.service.ts";
import type { Media } from "../../../../server/src/features/media/media.service.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { Job } from "../../../../server/src/platform/jobs/job.entity.ts";
import { createJobs } from "../../../../server/src/platform/jobs/jobs.ts";
import { createFolderStore } from "../../../../server/src/platform/objects/folder-store.ts";
import type { ObjectStore } from "../../../../server/src/platform/objects/object-store.ts";
import type { ArchiveSource, MediaChunk } from "../../../../server/src/wecom/archive-source.ts";
import type { MediaReference } from "../../../../server/src/wecom/message-part.ts";

export const entities = [MediaRow, Job, DataKey];
const kek = { id: "0123456789abcdef", key: randomBytes(32) };
const log = pino({ level: "silent" });

/** WeCom's side: files in chunks; `onFetch` sees each call before it is answered. */
export interface TestFiles extends Pick<ArchiveSource, "fetchMedia"> {
  files: Map<string, Buffer>;
  chunkBytes: number;
  /** `<file id>@<where the chunk begins>` */
  fetched: string[];
  onFetch: ((call: string) => Promise<void> | void) | null;
}

export function createTestFiles(chunkBytes: number): TestFiles {
  const source: TestFiles = {
    files: new Map(),
    chunkBytes,
    fetched: [],
    onFetch: null,
    async fetchMedia(fileId, index): Promise<MediaChunk> {
      const at = index === "" ? 0 : Number(index);
      source.fetched.push(`${fileId}@${at}`);
      await source.onFetch?.(`${fileId}@${at}`);
      const file = source.files.get(fileId)!;
      const end = at + source.chunkBytes;
      const isLast = end > file.length;
      return { data: file.subarray(at, end), nextIndex: isLast ? "" : String(end), isLast };
    },
  };
  return source;
}

export interface MediaWorld {
  clock: { nowMs: number; now(): number };
  vault: Vault;
  store: ObjectStore;
  rounds: MediaRounds;
  media: Media;
  /** A message with one file for each reference. */
  keep(seq: number, ...references: Partial<MediaReference>[]): Promise<void>;
  row(id: string): Promise<MediaRow | null>;
  /** The whole file as it can be read. */
  content(id: string): Promise<Buffer>;
}

/** The media of one process; a second world on the same folder and database is the process after a kill. */
export function openMediaWorld(
  database: Database,
  folder: string,
  source: Pick<ArchiveSource, "fetchMedia">,
  options: { store?: (store: ObjectStore) => ObjectStore; parallel?: number; nowMs?: number } = {},
): MediaWorld {
  const clock = { nowMs: options.nowMs ?? 1_760_000_000_000, now: () => clock.nowMs };
  const vault = createVault(database, kek, clock);
  const jobs = createJobs(database, log);
  const folderStore = createFolderStore(folder);
  const store = options.store?.(folderStore) ?? folderStore;
  const parts = { database, vault, jobs, clock, log, source, store };
  const downloads = createDownloads({ ...parts, folder: join(folder, "incoming") });
  const media = createMedia(parts);
  const intake = createMediaIntake(parts);
  const parallel = options.parallel ?? 4;
  return {
    clock,
    vault,
    store,
    media,
    rounds: createMediaRounds({ ...parts, downloads, parallel }),
    async keep(seq, ...references) {
      const message = { seq, subject: `wm${seq}`, media: references.map(fill) };
      await database.write((tx) => intake(tx, [message]));
    },
    row: (id) => database.read.findOneBy(MediaRow, { id }),
    async content(id) {
      const { file } = await media.open(id);
      return await file.read(0, file.size);
    },
  };
}

function fill(reference: Partial<MediaReference>): MediaReference {
  return { kind: "file", fileId: "f", md5: null, sizeBytes: null, fileName: "", ...reference };
}

export function md5Of(bytes: Buffer): string {
  return createHash("md5").update(bytes).digest("hex");
}

export interface TestFolder {
  path: string;
  /** Every file below it. */
  list(): string[];
  remove(): void;
}

export function createTestFolder(): TestFolder {
  const path = mkdtempSync(join(tmpdir(), "media-"));
  return {
    path,
    list: () =>
      readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
        .sort(),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
