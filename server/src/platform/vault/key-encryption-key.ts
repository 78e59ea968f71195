import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createSecretFile } from "../secret-file.ts";

/** The key that wraps all data keys. It lives outside the database and its backups. */
export interface KeyEncryptionKey {
  /** First 16 hex digits of the key's SHA-256: names it without telling it. */
  id: string;
  key: Buffer;
}

const KEY_BYTES = 32;

/**
 * Reads the key (64 hex digits) from `file`. A missing file is made when `mayCreate`: only sensible
 * for a new installation, since data sealed under a lost key stays sealed.
 */
export function loadKeyEncryptionKey(file: string, mayCreate: boolean): KeyEncryptionKey {
  if (!existsSync(file) && mayCreate) {
    createSecretFile(file, `${randomBytes(KEY_BYTES).toString("hex")}\n`);
  }
  const text = readFileSync(file, "utf8").trim();
  if (!/^[0-9a-f]{64}$/i.test(text)) {
    throw new Error(`the vault key in ${file} must be 64 hexadecimal digits`);
  }
  const key = Buffer.from(text, "hex");
  return { id: createHash("sha256").update(key).digest("hex").slice(0, 16), key };
}
