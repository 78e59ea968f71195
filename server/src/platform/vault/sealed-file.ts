import { randomBytes } from "node:crypto";
import { decrypt, encrypt, joinParts } from "./aead.ts";

/**
 * A file at rest: cut into chunks of equal size, each sealed with AES-256-GCM under the file's own key with its
 * place bound in. The last chunk says so and is always shorter than a whole one (empty, if need be), so that a file
 * cannot be cut, reordered or mixed with another without the opening failing, and any chunk opens without the others.
 * The key itself is sealed by the vault, under the key of the person whom the file is about.
 */
export const FILE_CHUNK_BYTES = 64 * 1024;

/** Nonce and tag. */
const OVERHEAD = 28;
export const SEALED_CHUNK_BYTES = FILE_CHUNK_BYTES + OVERHEAD;

export interface ChunkPlace {
  index: number;
  isLast: boolean;
}

export function createFileKey(): Buffer {
  return randomBytes(32);
}

export function sealChunk(key: Buffer, place: ChunkPlace, plain: Buffer): Buffer {
  const isWhole = plain.length === FILE_CHUNK_BYTES;
  if (plain.length > FILE_CHUNK_BYTES || isWhole === place.isLast) {
    throw new Error("a chunk is whole, the last one is not");
  }
  return encrypt(key, plain, bindingOf(place));
}

/** Throws when it is not the chunk that belongs there. */
export function openChunk(key: Buffer, place: ChunkPlace, sealed: Buffer): Buffer {
  return decrypt(key, sealed, bindingOf(place));
}

function bindingOf({ index, isLast }: ChunkPlace): Buffer {
  return joinParts(["file-1", String(index), isLast ? "last" : "more"]);
}

/** Where the chunks stand that hold the bytes `from` to `to` (not included) of a file of `size` bytes. */
export interface ChunkRange {
  first: number;
  last: number;
  /** In the sealed file; `end` is not included. */
  start: number;
  end: number;
}

export function chunksOf(size: number, from: number, to: number): ChunkRange {
  const first = Math.floor(from / FILE_CHUNK_BYTES);
  const last = Math.max(first, Math.floor((to - 1) / FILE_CHUNK_BYTES));
  const end = Math.min((last + 1) * SEALED_CHUNK_BYTES, sealedSizeOf(size));
  return { first, last, start: first * SEALED_CHUNK_BYTES, end };
}

/** The chunk that ends the file. */
export function lastChunkOf(size: number): number {
  return Math.floor(size / FILE_CHUNK_BYTES);
}

export function sealedSizeOf(size: number): number {
  return size + (lastChunkOf(size) + 1) * OVERHEAD;
}
