import { openNote, signNote } from "./note.ts";
import type { SigningKey } from "./signing-key.ts";

/** The ledger's state at one moment, as a text that stands for itself (C2SP tlog-checkpoint in a signed note). */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Buffer;
}

export function signCheckpoint({ origin, size, root }: Checkpoint, key: SigningKey): string {
  return signNote(`${origin}\n${size}\n${root.toString("base64")}\n`, key);
}

/** Null when the note is no checkpoint, or not signed by this key. */
export function openCheckpoint(note: string, key: SigningKey): Checkpoint | null {
  const text = openNote(note, key);
  if (text === null) return null;
  const [origin = "", size = "", root = ""] = text.split("\n");
  return { origin, size: Number(size), root: Buffer.from(root, "base64") };
}
