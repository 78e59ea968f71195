import type { SigningKey } from "./signing-key.ts";

/** A text with a signature under it that stands for itself (C2SP signed note). The text ends with a new line. */
export function signNote(text: string, key: SigningKey): string {
  const signature = Buffer.concat([key.hint, key.sign(text)]).toString("base64");
  return `${text}\n— ${key.name} ${signature}\n`;
}

/** The text; null when it was not signed by this key. */
export function openNote(note: string, key: SigningKey): string | null {
  const [, text, name, sealed] = /^([^]+\n)\n— (\S+) (\S+)\n$/.exec(note) ?? [];
  if (text === undefined || name !== key.name || sealed === undefined) return null;
  const signature = Buffer.from(sealed, "base64");
  // One signature has one text: base64's last letter has bits to spare.
  if (signature.toString("base64") !== sealed) return null;
  if (!signature.subarray(0, 4).equals(key.hint)) return null;
  return key.verify(text, signature.subarray(4)) ? text : null;
}
