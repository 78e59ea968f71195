import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import { crc32 } from "node:zlib";

/** WeCom tells the MD5 of a file: enough to see that it came whole, nothing that security rests on. */
export function createMd5(): Hash {
  return createHash("md5");
}

/** All that a package says of one of its files, in one pass. */
export interface Measures {
  bytes: number;
  /** In hexadecimal. */
  sha256: string;
  md5: string;
  crc32: number;
}

export async function measure(pieces: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<Measures> {
  const [sha256, md5] = [createHash("sha256"), createMd5()];
  let [bytes, crc] = [0, 0];
  for await (const piece of pieces) {
    bytes += piece.length;
    crc = crc32(piece, crc);
    sha256.update(piece);
    md5.update(piece);
  }
  return { bytes, sha256: sha256.digest("hex"), md5: md5.digest("hex"), crc32: crc };
}
