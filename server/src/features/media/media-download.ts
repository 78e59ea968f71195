import { mkdir, open, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { createMd5 } from "../../platform/checksum.ts";
import type { Database } from "../../platform/database/database.ts";
import { openChunk, SEALED_CHUNK_BYTES } from "../../platform/vault/sealed-file.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { ArchiveSource } from "../../wecom/archive-source.ts";
import type { MediaReference } from "../../wecom/message-part.ts";
import { MediaRow } from "./media.entity.ts";
import { continueSealedFile } from "../../platform/vault/sealed-file-writer.ts";
import { placeOf } from "./sealed-places.ts";

/** A file that came whole, sealed, in the folder of those on their way. */
export interface Download {
  file: string;
  sizeBytes: number;
  /** It has the size and the checksum that WeCom had told. */
  isAsAnnounced: boolean;
}

export interface Downloads {
  /**
   * Fetches a file chunk by chunk. What has come is on the disk, and known to be, after each chunk: whoever comes
   * next goes on from there. `mayGoOn` is asked before each chunk and throws when not. Null when nobody wants the
   * file any more. Throws what the source throws, and what the disk does.
   */
  fetch(row: MediaRow, mayGoOn: () => Promise<void>): Promise<Download | null>;
  /** Throws away what has come of a file. */
  discard(id: string): Promise<void>;
}

interface Deps {
  database: Database;
  vault: Vault;
  source: Pick<ArchiveSource, "fetchMedia">;
  /** For files on their way. */
  folder: string;
}

/** Longer ones are not noted; such a file begins anew after a stop. */
const MAX_INDEX_LENGTH = 256;

interface Progress {
  sealedBytes: number;
  nextIndex: string;
}

export function createDownloads({ database, vault, source, folder }: Deps): Downloads {
  const pathOf = (id: string): string => join(folder, id);

  async function note(row: MediaRow, progress: Progress): Promise<boolean> {
    const { affected } = await database.write((tx) =>
      tx.update(MediaRow, { id: row.id, state: "waiting" }, progress),
    );
    return affected === 1;
  }

  async function openPlaces(row: MediaRow): Promise<{ reference: MediaReference; key: Buffer }> {
    const json = await vault.openText(placeOf(row.id, "reference"), row.reference);
    const key = await vault.open(placeOf(row.id, "file_key"), row.fileKey);
    return { reference: JSON.parse(json) as MediaReference, key };
  }

  async function fetchInto(
    file: FileHandle,
    row: MediaRow,
    mayGoOn: () => Promise<void>,
  ): Promise<Omit<Download, "file"> | null> {
    const { reference, key } = await openPlaces(row);
    const start = (await resume(file, key, row)) ?? fromTheBeginning();
    const { md5 } = start;
    let { sizeBytes } = start;
    const writer = await continueSealedFile(file, key, start.sealedBytes);
    for (let index = start.nextIndex; ;) {
      await mayGoOn();
      const { data, nextIndex, isLast } = await source.fetchMedia(reference.fileId, index);
      md5.update(data);
      sizeBytes += data.length;
      await writer.write(data);
      if (isLast) break;
      if (nextIndex === "" || nextIndex === index) throw new Error("a chunk names no next one");
      index = nextIndex;
      if (!writer.isEven() || index.length > MAX_INDEX_LENGTH) continue;
      await file.sync();
      if (!(await note(row, { sealedBytes: writer.sealedBytes(), nextIndex: index }))) return null;
    }
    await writer.finish();
    const hasSize = reference.sizeBytes === null || reference.sizeBytes === sizeBytes;
    const hasMd5 = reference.md5 === null || reference.md5 === md5.digest("hex");
    return { sizeBytes, isAsAnnounced: hasSize && hasMd5 };
  }

  return {
    async fetch(row, mayGoOn) {
      await mkdir(folder, { recursive: true });
      const path = pathOf(row.id);
      // Not "a": that would write behind what is to be cut off.
      const file = await open(path, "r+").catch(() => open(path, "w+"));
      try {
        const download = await fetchInto(file, row, mayGoOn);
        return download && { file: path, ...download };
      } finally {
        await file.close();
      }
    },

    discard: (id) => rm(pathOf(id), { force: true }),
  };
}

interface Start extends Progress {
  /** Of what is there already. */
  sizeBytes: number;
  md5: ReturnType<typeof createMd5>;
}

function fromTheBeginning(): Start {
  return { sealedBytes: 0, nextIndex: "", sizeBytes: 0, md5: createMd5() };
}

/**
 * What was on the disk before, read again for the checksum. Null when it is not all there, or not what was written:
 * the progress may have been another machine's.
 */
async function resume(file: FileHandle, key: Buffer, row: MediaRow): Promise<Start | null> {
  const { sealedBytes, nextIndex } = row;
  const start = { ...fromTheBeginning(), sealedBytes, nextIndex };
  try {
    for (let index = 0; index * SEALED_CHUNK_BYTES < sealedBytes; index += 1) {
      const sealed = Buffer.alloc(SEALED_CHUNK_BYTES);
      await file.read(sealed, 0, sealed.length, index * SEALED_CHUNK_BYTES);
      const plain = openChunk(key, { index, isLast: false }, sealed);
      start.md5.update(plain);
      start.sizeBytes += plain.length;
    }
    return start;
  } catch {
    return null;
  }
}
