import { randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/**
 * The file is there with the whole secret or not at all, whenever the process dies, and it is on the disk before
 * anything is done with it. Of two first starts at once one makes the secret and both use it:
 * false when the other one has.
 */
export function createSecretFile(file: string, text: string): boolean {
  const folder = dirname(file);
  const draft = `${file}.${randomBytes(4).toString("hex")}.new`;
  mkdirSync(folder, { recursive: true });
  let isMine = true;
  try {
    writeFileSync(draft, text, { flag: "wx", mode: 0o400, flush: true });
    // Unlike a rename, a link never replaces a secret that is there.
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    isMine = false;
  } finally {
    rmSync(draft, { force: true });
  }
  flushFolder(folder);
  return isMine;
}

/** The same for one that is there: whoever reads it meanwhile gets the old text or the new one, whole. */
export function replaceSecretFile(file: string, text: string): void {
  const draft = `${file}.${randomBytes(4).toString("hex")}.new`;
  try {
    writeFileSync(draft, text, { flag: "wx", mode: 0o400, flush: true });
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  flushFolder(dirname(file));
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
