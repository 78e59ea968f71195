import type { FileHandle } from "node:fs/promises";
import { FILE_CHUNK_BYTES, SEALED_CHUNK_BYTES, sealChunk } from "./sealed-file.ts";

/** Seals a file piece by piece while it comes, into an open file. Pieces may be of any size. */
export interface SealedFileWriter {
  write(piece: Buffer): Promise<void>;
  /** Nothing is held back: what was written so far could be the whole of a resumed start. */
  isEven(): boolean;
  /** Of the sealed file, up to now. */
  sealedBytes(): number;
  /** Seals what is left as the end; the file is then complete, and on the disk. */
  finish(): Promise<void>;
}

/** `sealedBytes` of whole chunks are there already; what stands behind them is cut off. */
export async function continueSealedFile(
  file: FileHandle,
  key: Buffer,
  sealedBytes: number,
): Promise<SealedFileWriter> {
  await file.truncate(sealedBytes);
  let at = sealedBytes;
  let index = sealedBytes / SEALED_CHUNK_BYTES;
  let rest: Buffer = Buffer.alloc(0);

  async function append(sealed: readonly Buffer[]): Promise<void> {
    const bytes = Buffer.concat(sealed);
    await file.write(bytes, 0, bytes.length, at);
    at += bytes.length;
    index += sealed.length;
  }

  return {
    async write(piece) {
      const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
      const whole = Math.floor(bytes.length / FILE_CHUNK_BYTES);
      const sealed = Array.from({ length: whole }, (_, n) => {
        const plain = bytes.subarray(n * FILE_CHUNK_BYTES, (n + 1) * FILE_CHUNK_BYTES);
        return sealChunk(key, { index: index + n, isLast: false }, plain);
      });
      await append(sealed);
      rest = bytes.subarray(whole * FILE_CHUNK_BYTES);
    },
    isEven: () => rest.length === 0,
    sealedBytes: () => at,
    async finish() {
      await append([sealChunk(key, { index, isLast: true }, rest)]);
      await file.sync();
    },
  };
}
