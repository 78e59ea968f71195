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
export function encrypt(key: Buffer, plaintext: Buffer, associated: Buffer): Buffer {
  const nonce = nextNonce();
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Throws when a bit of the value, of the key or of the associated data differs. */
export function decrypt(key: Buffer, sealed: Buffer, associated: Buffer): Buffer {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new Error("sealed value is too short");
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(end));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()]);
}

/** Joins parts so that no two different lists give the same bytes: each is preceded by its length. */
export function joinParts(parts: readonly string[]): Buffer {
  return Buffer.concat(
    parts.flatMap((part) => {
      const bytes = Buffer.from(part, "utf8");
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
