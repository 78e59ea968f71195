import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/**
 * WeCom's callback envelope, written here a second time on purpose: a mistake that the twin shared
 * with the product would cancel itself out. AES-256-CBC, IV = first half of the key, PKCS#7 padded
 * to blocks of 32 (not 16), around `random(16) | length (uint32, big-endian) | message | receiveId`.
 */
const BLOCK = 32;

export interface CallbackKeys {
  token: string;
  encodingAesKey: string;
  /** The corp id for a self-built app. */
  receiveId: string;
}

/** Hex SHA-1 over the four texts in lexicographic order. */
export function signCallback(
  token: string,
  timestamp: string,
  nonce: string,
  encrypted: string,
): string {
  const text = [token, timestamp, nonce, encrypted].sort().join("");
  return createHash("sha1").update(text).digest("hex");
}

/** Encrypts one message; `prefix` (16 bytes) is random unless a test needs a fixed envelope. */
export function encryptCallback(
  keys: Pick<CallbackKeys, "encodingAesKey" | "receiveId">,
  message: string,
  prefix: Buffer = randomBytes(16),
): string {
  const body = Buffer.from(message, "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const plain = Buffer.concat([prefix, length, body, Buffer.from(keys.receiveId, "utf8")]);
  // A full block of padding when the length fits already: a receiver must always find one to strip.
  const pad = BLOCK - (plain.length % BLOCK);
  const { key, iv } = deriveKey(keys.encodingAesKey);
  const cipher = createCipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
  const padded = Buffer.concat([plain, Buffer.alloc(pad, pad)]);
  return Buffer.concat([cipher.update(padded), cipher.final()]).toString("base64");
}

export interface OpenedCallback {
  message: string;
  receiveId: string;
  padLength: number;
}

/** Opens an envelope; throws when the padding or the length field is not sound. */
export function decryptCallback(encodingAesKey: string, encrypted: string): OpenedCallback {
  const { key, iv } = deriveKey(encodingAesKey);
  const decipher = createDecipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
  const padded = Buffer.concat([
    decipher.update(Buffer.from(encrypted, "base64")),
    decipher.final(),
  ]);
  const padLength = padded.at(-1) ?? 0;
  if (padLength < 1 || padLength > BLOCK) throw new Error("The padding is not sound.");
  const plain = padded.subarray(0, padded.length - padLength);
  const end = 20 + plain.readUInt32BE(16);
  if (end > plain.length) throw new Error("The length field points past the end.");
  return {
    message: plain.toString("utf8", 20, end),
    receiveId: plain.toString("utf8", end),
    padLength,
  };
}

function deriveKey(encodingAesKey: string): { key: Buffer; iv: Buffer } {
  const key = Buffer.from(`${encodingAesKey}=`, "base64");
  if (key.length !== 32) throw new Error("An EncodingAESKey has 43 characters.");
  return { key, iv: key.subarray(0, 16) };
}
