import { createHash, randomBytes } from "node:crypto";

/** Random names that say nothing, and the form in which tables keep them. */
export interface OpaqueTokens {
  /** That many random bits, as lower-case hex digits. */
  create(bits: 128 | 256): string;
  /** SHA-256 in hex: whoever reads the table cannot use what stands there. */
  hash(token: string): string;
}

export const opaqueTokens: OpaqueTokens = {
  create: (bits) => randomBytes(bits / 8).toString("hex"),
  hash: (token) => createHash("sha256").update(token).digest("hex"),
};
