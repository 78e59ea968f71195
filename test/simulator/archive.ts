import { randomBytes, randomInt, type KeyObject } from "node:crypto";
import { sealArchiveItem, type SealedItem } from "./crypto/archive-crypto.ts";
import type { ArchiveKeys } from "./archive-keys.ts";
import { raiseCounter, readCounter, type Store } from "./store.ts";

/** Items can be pulled for five days. */
export const RETENTION_MS = 5 * 24 * 3_600_000;

/** What is wrong with an item that was broken on purpose. */
export type Corruption = "unknown_key" | "bad_random_key" | "bad_body";

/** One item as `getchatdata` serves it. */
export interface WireItem {
  seq: number;
  msgid: string;
  publickey_ver: number;
  encrypt_random_key: string;
  encrypt_chat_msg: string;
}

/** One item in the clear, for comparing what the product stored with what was said. */
export interface PlainItem {
  seq: number;
  msgid: string;
  atMs: number;
  keyVersion: number;
  /** The JSON that was sealed. */
  plain: string;
  corrupt: Corruption | null;
}

/** A decrypted archive message: the envelope fields and one body under its type's name. */
export type ArchivedMessage = Record<string, unknown> & { msgid: string };

export interface Archive {
  /** Seals and keeps one item; later pulls give the same bytes. Returns its seq. */
  append: (message: ArchivedMessage, atMs: number, corrupt?: Corruption) => number;
  /** Items after `seq` that are not older than the retention, oldest first. */
  page: (seq: number, limit: number, nowMs: number) => WireItem[];
  list: () => PlainItem[];
  state(): { lastSeq: number; messageCount: number };
}

interface ItemRow extends PlainItem {
  encryptRandomKey: string;
  encryptChatMsg: string;
}

/** A key version that the corp never had. */
const UNKNOWN_KEY_VERSION = 900;

export function openArchive(store: Store, keys: ArchiveKeys): Archive {
  const insert = store.prepare(
    `INSERT INTO archiveItems VALUES (@seq, @msgid, @atMs, @keyVersion, @plain, @encryptRandomKey,
     @encryptChatMsg, @corrupt)`,
  );
  const after = store.prepare(
    "SELECT * FROM archiveItems WHERE seq > ? AND atMs >= ? ORDER BY seq LIMIT ?",
  );
  const all = store.prepare(
    "SELECT seq, msgid, atMs, keyVersion, plain, corrupt FROM archiveItems ORDER BY seq",
  );
  const count = store.prepare("SELECT COUNT(*) AS n FROM archiveItems");
  return {
    append(message, atMs, corrupt) {
      const plain = JSON.stringify(message);
      const { version, publicKey } = keys.current();
      // The sequence counts everything in the corp, so what one archive sees has holes.
      const seq = raiseCounter(store, "archive-seq", randomInt(40) === 0 ? randomInt(2, 6) : 1);
      const sealed = sealFor(publicKey, plain, corrupt);
      const keyVersion = corrupt === "unknown_key" ? UNKNOWN_KEY_VERSION : version;
      const row = { seq, msgid: message.msgid, atMs, keyVersion, plain, ...sealed };
      insert.run({ ...row, corrupt: corrupt ?? null });
      return seq;
    },
    page: (seq, limit, nowMs) =>
      (after.all(seq, nowMs - RETENTION_MS, limit) as ItemRow[]).map((row) => ({
        seq: row.seq,
        msgid: row.msgid,
        publickey_ver: row.keyVersion,
        encrypt_random_key: row.encryptRandomKey,
        encrypt_chat_msg: row.encryptChatMsg,
      })),
    list: () => all.all() as PlainItem[],
    state: () => ({
      lastSeq: readCounter(store, "archive-seq"),
      messageCount: (count.get() as { n: number }).n,
    }),
  };
}

function sealFor(publicKey: KeyObject, plain: string, corrupt?: Corruption): SealedItem {
  const item = sealArchiveItem(publicKey, plain);
  if (corrupt === "bad_random_key") {
    return { ...item, encryptRandomKey: randomBytes(256).toString("base64") };
  }
  if (corrupt === "bad_body") {
    // A text that belongs to another random key: the RSA layer opens, the message does not.
    const other = sealArchiveItem(publicKey, "{}");
    return { ...item, encryptChatMsg: other.encryptChatMsg };
  }
  return item;
}
