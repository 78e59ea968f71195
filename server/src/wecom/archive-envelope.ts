import { constants, createDecipheriv, privateDecrypt } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { readArchiveMessage } from "./archive-message.ts";
import type { ArchiveMessage } from "./archive-message.ts";
import type { ArchiveItem, OpenFailure, TextOutcome } from "./archive-source.ts";
import { decodeBase64 } from "./base64.ts";
import { readKeyInfo } from "./key-info.ts";

/**
 * The two layers around an archived message. Pure and synchronous: RSA costs about a millisecond, so this
 * runs in worker threads. Nothing in here throws over an item; each fault has a reason by name.
 */
export type ItemOutcome =
  { isOpen: true; message: ArchiveMessage; text: string } | { isOpen: false; reason: OpenFailure };

export type KeyOutcome =
  { isOpen: true; randomKey: string } | { isOpen: false; reason: OpenFailure };

const AES_BLOCK = 16;
/** Characters of the message before the key of the lengths, and that key's own. */
const HEAD = 13;
const KEY_LENGTH = 32;

/** Both steps and the reading of the message, for a source that leaves them to us. */
export function openItem(keys: ReadonlyMap<number, KeyObject>, item: ArchiveItem): ItemOutcome {
  const unwrapped = unwrapItemKey(keys, item);
  if (!unwrapped.isOpen) return unwrapped;
  return readOutcome(openMessage(unwrapped.randomKey, item.encryptedMessage));
}

/** The RSA step alone, for a source that opens the message itself. */
export function unwrapItemKey(keys: ReadonlyMap<number, KeyObject>, item: ArchiveItem): KeyOutcome {
  const key = keys.get(item.keyVersion);
  if (!key) return { isOpen: false, reason: "unknown_key_version" };
  const randomKey = unwrapRandomKey(key, item.encryptedRandomKey);
  return randomKey === null
    ? { isOpen: false, reason: "bad_random_key" }
    : { isOpen: true, randomKey };
}

/** The last step for either kind of source: a text that is no message counts as not decrypted. */
export function readOutcome(outcome: TextOutcome): ItemOutcome {
  if (!outcome.isOpen) return outcome;
  const message = readArchiveMessage(outcome.text);
  return message
    ? { isOpen: true, message, text: outcome.text }
    : { isOpen: false, reason: "invalid_json" };
}

/**
 * The random key (base64 text), or null. Node refuses PKCS#1 v1.5 for decryption (CVE-2023-46809) or answers
 * a wrong key with random bytes, by version; so RSA runs without padding and the padding is removed here.
 */
export function unwrapRandomKey(privateKey: KeyObject, encryptedRandomKey: string): string | null {
  const wrapped = decodeBase64(encryptedRandomKey);
  if (!wrapped) return null;
  let block: Buffer;
  try {
    block = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, wrapped);
  } catch {
    // Not as long as the key, or not below its modulus.
    return null;
  }
  const randomKey = removePkcs1Padding(block)?.toString("latin1") ?? "";
  return isIvAndText(decodeBase64(randomKey)) ? randomKey : null;
}

/**
 * `00 02 <at least 8 bytes that are not 0> 00 <data>` → data, or null. Reads every byte and branches on none,
 * so that time says nothing about where a wrong block is wrong.
 */
export function removePkcs1Padding(block: Buffer): Buffer | null {
  let separator = 0;
  let isFound = 0; // 0, or -1 (all bits) from the first zero byte on.
  for (let at = 2; at < block.length; at += 1) {
    const isZero = ((block[at] ?? 0) - 1) >> 31;
    separator |= at & isZero & ~isFound;
    isFound |= isZero;
  }
  const isShort = (separator - 10) >> 31;
  const wrong = (block[0] ?? 1) | ((block[1] ?? 0) ^ 2) | ~isFound | isShort;
  return wrong === 0 ? block.subarray(separator + 1) : null;
}

/**
 * What the library's DecryptData does: the random key opens three lengths and a key, which find and open the
 * body in the text. There is no checksum, so garbage shows only as bad padding, bad UTF-8 or bad JSON.
 */
export function openMessage(randomKey: string, encryptedMessage: string): TextOutcome {
  const text = encryptedMessage;
  const infoKey = Buffer.from(text.slice(HEAD, HEAD + KEY_LENGTH), "latin1");
  const infoBytes = decryptCbc(infoKey, randomKey);
  const info = infoBytes && readKeyInfo(infoBytes);
  if (!info) return { isOpen: false, reason: "bad_random_key" };
  const start = HEAD + KEY_LENGTH + info.before;
  const end = text.length - info.after;
  if (start + 2 * info.gap > end) return { isOpen: false, reason: "bad_ciphertext" };
  const body = text.slice(start, start + info.gap) + text.slice(start + 2 * info.gap, end);
  const plain = decryptCbc(info.key, body);
  const decoded = plain && decodeUtf8(plain);
  return decoded === null
    ? { isOpen: false, reason: "bad_ciphertext" }
    : { isOpen: true, text: decoded };
}

/** AES-256-CBC with PKCS#7; `ivAndText` is base64 of the IV and the cipher text. Null when anything is off. */
function decryptCbc(key: Buffer, ivAndText: string): Buffer | null {
  const bytes = decodeBase64(ivAndText);
  if (key.length !== KEY_LENGTH || !isIvAndText(bytes)) return null;
  try {
    const decipher = createDecipheriv("aes-256-cbc", key, bytes.subarray(0, AES_BLOCK));
    return Buffer.concat([decipher.update(bytes.subarray(AES_BLOCK)), decipher.final()]);
  } catch {
    return null;
  }
}

function isIvAndText(bytes: Buffer | null): bytes is Buffer {
  return bytes !== null && bytes.length >= 2 * AES_BLOCK && bytes.length % AES_BLOCK === 0;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decodeUtf8(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
