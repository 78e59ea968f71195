import type { ObjectStore } from "../objects/object-store.ts";
import {
  chunksOf,
  FILE_CHUNK_BYTES,
  lastChunkOf,
  openChunk,
  SEALED_CHUNK_BYTES,
} from "./sealed-file.ts";

/** A stored file, any part of which can be read without the rest. */
export interface SealedFile {
  size: number;
  /** `to` is not included. */
  read(from: number, to: number): Promise<Buffer>;
  /** The same piece by piece, for as long as somebody asks for more. */
  stream(from: number, to: number): AsyncGenerator<Buffer, void>;
}

/** So much is fetched at once: few requests to the store, and little in memory. */
const PIECE_BYTES = 16 * FILE_CHUNK_BYTES;

export function openSealedFile(
  store: Pick<ObjectStore, "read">,
  name: string,
  { key, size }: { key: Buffer; size: number },
): SealedFile {
  async function read(from: number, to: number): Promise<Buffer> {
    if (from >= to) return Buffer.alloc(0);
    const { first, last, start, end } = chunksOf(size, from, to);
    const sealed = await store.read(name, start, end);
    const plain: Buffer[] = [];
    for (let index = first; index <= last; index += 1) {
      const at = (index - first) * SEALED_CHUNK_BYTES;
      const place = { index, isLast: index === lastChunkOf(size) };
      plain.push(openChunk(key, place, sealed.subarray(at, at + SEALED_CHUNK_BYTES)));
    }
    const skipped = first * FILE_CHUNK_BYTES;
    return Buffer.concat(plain).subarray(from - skipped, to - skipped);
  }

  return {
    size,
    read,
    async *stream(from, to) {
      for (let at = from; at < to;) {
        const next = Math.min(to, (Math.floor(at / PIECE_BYTES) + 1) * PIECE_BYTES);
        yield await read(at, next);
        at = next;
      }
    },
  };
}
