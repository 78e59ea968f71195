import type { Logger } from "../platform/log.ts";
import type { ArchiveItem } from "./archive-source.ts";
import { isRecord, readNumber, readText } from "./wire-value.ts";

/** The interface behind the library's GetChatData, by which errors name it. */
export const CHAT_DATA_API = "/message/getchatdata";

const MAX_LIMIT = 1000;

/** Throws over a seq or a limit that WeCom does not take. */
export function checkPullRange(afterSeq: number, limit: number): void {
  if (!Number.isSafeInteger(afterSeq) || afterSeq < 0) throw new Error("not a seq");
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new Error(`a pull takes 1 to ${MAX_LIMIT} items`);
  }
}

/** The items of an answer's `chatdata` in the order of their seq; odd ones stay. */
export function readArchivePage(chatdata: readonly unknown[], log: Logger): ArchiveItem[] {
  const items = chatdata.map(readItem).filter((item) => item !== null);
  if (items.length < chatdata.length) {
    // Without a seq it has no place in the archive and cannot be asked for again.
    log.error({ count: chatdata.length - items.length }, "archive items came without a seq");
  }
  return items.sort((left, right) => left.seq - right.seq);
}

function readItem(entry: unknown): ArchiveItem | null {
  if (!isRecord(entry)) return null;
  const seq = readNumber(entry, "seq");
  if (!Number.isSafeInteger(seq) || seq <= 0) return null;
  return {
    seq,
    msgId: readText(entry, "msgid") || `seq-${seq}`,
    keyVersion: readNumber(entry, "publickey_ver"),
    encryptedRandomKey: readText(entry, "encrypt_random_key"),
    encryptedMessage: readText(entry, "encrypt_chat_msg"),
  };
}
