import { randomBytes } from "node:crypto";
import { encryptMedia, formatSdkFileId } from "./crypto/media-crypto.ts";
import type { Store } from "./store.ts";

export interface MediaStore {
  /** Keeps a file of a message, encrypted; returns the id that the message carries. */
  add: (content: Buffer, atMs: number) => string;
  /** The ciphertext, or undefined for an unknown id, a wrong authkey or a file that is too old. */
  find: (fileId: string, authKey: string, notBeforeMs: number) => Buffer | undefined;
}

/** Files of archived messages. The key is inside the id; the server keeps the ciphertext only. */
export function openMediaStore(store: Store): MediaStore {
  const insert = store.prepare("INSERT INTO media VALUES (?, ?, ?, ?)");
  const select = store.prepare(
    "SELECT ciphertext FROM media WHERE fileId = ? AND authKey = ? AND atMs >= ?",
  );
  return {
    add(content, atMs) {
      const ticket = {
        fileId: `*1*${randomBytes(24).toString("hex")}`,
        authKey: randomBytes(20).toString("hex"),
        aesKeyHex: randomBytes(16).toString("hex"),
      };
      const ciphertext = encryptMedia(ticket.aesKeyHex, content);
      insert.run(ticket.fileId, ticket.authKey, atMs, ciphertext);
      return formatSdkFileId(ticket);
    },
    find(fileId, authKey, notBeforeMs) {
      const row = select.get(fileId, authKey, notBeforeMs) as { ciphertext: Buffer } | undefined;
      return row?.ciphertext;
    },
  };
}
