import type { SigningKey } from "./signing-key.ts";

/** The ledger's state at one moment, as a text that stands for itself (C2SP tlog-checkpoint in a signed note). */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Buffer;
}

export function signCheckpoint({ origin, size, root }: Checkpoint, key: SigningKey): string {
  const text = `${origin}\n${size}\n${root.toString("base64")}\n`;
  const signature = Buffer.concat([key.hint, key.sign(text)]).toString("base64");
  return `${text}\n— ${key.name} ${signature}\n`;
}

/** Null when the note is no checkpoint, or not signed by this key. */
export function openCheckpoint(note: string, key: SigningKey): Checkpoint | null {
  const [, text, name, sealed] = /^([^]+\n)\n— (\S+) (\S+)\n$/.exec(note) ?? [];
  if (text === undefined || name !== key.name || sealed === undefined) return null;
  const signature = Buffer.from(sealed, "base64");
  // One signature has one text: base64's last letter has bits to spare.
  if (signature.toString("base64") !== sealed) return null;
  if (!signature.subarray(0, 4).equals(key.hint)) return null;
  if (!key.verify(text, signature.subarray(4))) return null;
  const [origin = "", size = "", root = ""] = text.split("\n");
  return { origin, size: Number(size), root: Buffer.from(root, "base64") };
}
