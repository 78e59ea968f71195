import { createCipheriv, createDecipheriv, randomFillSync } from "node:crypto";

const NONCE_BYTES = 12;
/** Always given: without it Node accepts a tag cut to 4 bytes. */
const TAG_BYTES = 16;

/** Asking the system for 12 bytes at a time costs as much as the encryption itself. */
const nonces = Buffer.alloc(NONCE_BYTES * 512);
let usedNonceBytes = nonces.length;

function nextNonce(): Buffer {
  if (usedNonceBytes === nonces.length) {
    randomFillSync(nonces);
    usedNonceBytes = 0;
  }
  usedNonceBytes += NONCE_BYTES;
  return Buffer.from(nonces.subarray(usedNonceBytes - NONCE_BYTES, usedNonceBytes));
}

/** AES-256-GCM; returns nonce | ciphertext | tag. */
export function encrypt(key: Uint8Array, plaintext: Buffer, associated: Buffer): Buffer {
  const nonce = nextNonce();
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Throws when a bit of the value, of the key or of the associated data differs. */
export function decrypt(key: Uint8Array, sealed: Buffer, associated: Buffer): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error("sealed value is too short");
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(end));
  // GCM gives everything at once; `final` gives nothing but checks the tag.
  const plaintext = decipher.update(sealed.subarray(NONCE_BYTES, end));
  decipher.final();
  return plaintext;
}

/**
 * Joins parts so that no two different lists give the same bytes: each is preceded by its length. Runs with every
 * value that is opened or sealed, so the bytes are put together as text, which is one copy.
 */
export function joinParts(parts: readonly string[]): Buffer {
  let joined = "";
  for (const part of parts) {
    const bytes = isAscii(part) ? part : Buffer.from(part, "utf8").toString("latin1");
    joined += (shortPrefixes[bytes.length] ?? lengthPrefix(bytes.length)) + bytes;
  }
  return Buffer.from(joined, "latin1");
}

/** Of nearly all parts. */
const shortPrefixes = Array.from({ length: 128 }, (_, length) => lengthPrefix(length));

/** Four bytes, the highest first. */
function lengthPrefix(length: number): string {
  return String.fromCharCode(
    length >>> 24,
    (length >>> 16) & 0xff,
    (length >>> 8) & 0xff,
    length & 0xff,
  );
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
