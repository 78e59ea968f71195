import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";

/** WeCom tells the MD5 of a file: enough to see that it came whole, nothing that security rests on. */
export function createMd5(): Hash {
  return createHash("md5");
}
