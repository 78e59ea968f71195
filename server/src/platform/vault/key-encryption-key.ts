import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

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
  if (!existsSync(file) && mayCreate) createKeyFile(file);
  const text = readFileSync(file, "utf8").trim();
  if (!/^[0-9a-f]{64}$/i.test(text)) {
    throw new Error(`the vault key in ${file} must be 64 hexadecimal digits`);
  }
  const key = Buffer.from(text, "hex");
  return { id: createHash("sha256").update(key).digest("hex").slice(0, 16), key };
}

/**
 * The file is there with the whole key or not at all, whenever the process dies, and it is on the disk before
 * anything is sealed with it. Of two first starts at once one makes the key and both use it.
 */
function createKeyFile(file: string): void {
  const folder = dirname(file);
  const draft = `${file}.${randomBytes(4).toString("hex")}.new`;
  mkdirSync(folder, { recursive: true });
  try {
    const text = `${randomBytes(KEY_BYTES).toString("hex")}\n`;
    writeFileSync(draft, text, { flag: "wx", mode: 0o400, flush: true });
    // Unlike a rename, a link never replaces a key that is there.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  flushFolder(folder);
}

/** Windows has no such thing and needs none. */
function flushFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
