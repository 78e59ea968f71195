import { createHash, randomBytes } from "node:crypto";
import { decrypt, encrypt } from "./aead.ts";

/** A key that wraps data keys. It lives outside the database and its backups. */
export interface KeyEncryptionKey {
  /** First 16 hex digits of the key's SHA-256: names it without telling it. */
  id: string;
  key: Buffer;
}

export const KEY_BYTES = 32;

export function toKey(key: Buffer): KeyEncryptionKey {
  if (key.length !== KEY_BYTES) throw new Error(`a vault key has ${KEY_BYTES} bytes`);
  return { id: createHash("sha256").update(key).digest("hex").slice(0, 16), key };
}

export function createKey(): KeyEncryptionKey {
  return toKey(randomBytes(KEY_BYTES));
}

/** One key a line (or comma): 64 hexadecimal digits. */
export function parseKeys(text: string): KeyEncryptionKey[] {
  return linesOf(text).map((line) => {
    if (!/^[0-9a-f]{64}$/i.test(line)) {
      throw new Error("a vault key must be 64 hexadecimal digits");
    }
    return toKey(Buffer.from(line, "hex"));
  });
}

export function linesOf(text: string): string[] {
  return text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

export function wrapKey({ key }: KeyEncryptionKey, plain: Buffer, context: Buffer): Buffer {
  return encrypt(key, plain, context);
}

export function unwrapKey({ key }: KeyEncryptionKey, wrapped: Buffer, context: Buffer): Buffer {
  return decrypt(key, wrapped, context);
}
