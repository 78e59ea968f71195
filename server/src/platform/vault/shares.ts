import { createHash, randomBytes } from "node:crypto";
import { KEY_BYTES, toKey } from "./key-encryption-key.ts";
import type { KeyEncryptionKey } from "./key-encryption-key.ts";

/**
 * Recovery shares of a key encryption key: any two of three rebuild it, one alone says nothing about it (Shamir's
 * scheme: every byte is where a random line over GF(256) meets zero). As printed, a share names its key and carries a
 * checksum, so that a wrong digit is found before anything is made of it.
 */
export const SHARES = 3;
export const NEEDED = 2;

const PREFIX = "WG1";

export class WrongShareError extends Error {
  override name = "WrongShareError";
}

/** `WG1-<key's id>-<number>-<eight groups of eight digits>-<checksum>`, all hexadecimal, three of them. */
export function splitKey({ id, key }: KeyEncryptionKey): string[] {
  const slope = randomBytes(KEY_BYTES);
  return Array.from({ length: SHARES }, (_, index) => {
    const at = index + 1;
    const share = key.map((byte, place) => byte ^ multiply(slope[place] ?? 0, at));
    const groups = Buffer.from(share).toString("hex").match(/.{8}/g) ?? [];
    const text = [PREFIX, id, String(at), ...groups].join("-");
    return `${text}-${checksum(text)}`;
  });
}

/** Throws `WrongShareError` with a sentence on what is wrong. */
export function joinShares(texts: readonly string[]): KeyEncryptionKey {
  const [left, right] = texts.map(parseShare);
  if (!left || !right || texts.length !== NEEDED) {
    throw new WrongShareError(`exactly ${NEEDED} shares are needed`);
  }
  if (left.id !== right.id) throw new WrongShareError("the shares are of two different keys");
  if (left.at === right.at) throw new WrongShareError("this is the same share twice");
  // The line through both points, at zero; minus is plus here.
  const scale = inverse(left.at ^ right.at);
  const [ofLeft, ofRight] = [multiply(right.at, scale), multiply(left.at, scale)];
  const bytes = left.bytes.map(
    (byte, place) => multiply(byte, ofLeft) ^ multiply(right.bytes[place] ?? 0, ofRight),
  );
  const key = toKey(Buffer.from(bytes));
  if (key.id !== left.id) throw new WrongShareError("the shares do not belong together");
  return key;
}

function parseShare(text: string): { id: string; at: number; bytes: Buffer } {
  const clean = text.trim();
  const parts = clean.split("-");
  const [prefix, id = "", at = ""] = parts;
  const sum = parts.at(-1) ?? "";
  const body = clean.slice(0, clean.length - sum.length - 1);
  if (prefix !== PREFIX || parts.length !== 12) {
    throw new WrongShareError(`a share begins with ${PREFIX} and has 12 parts`);
  }
  if (checksum(body) !== sum.toLowerCase()) {
    throw new WrongShareError(`share ${at} has a wrong digit: its checksum does not match`);
  }
  return { id, at: Number(at), bytes: Buffer.from(parts.slice(3, -1).join(""), "hex") };
}

function checksum(text: string): string {
  return createHash("sha256").update(text.toUpperCase()).digest("hex").slice(0, 8);
}

/** In GF(256) with AES's polynomial; the same steps whatever the numbers are. */
export function multiply(left: number, right: number): number {
  let product = 0;
  let [a, b] = [left, right];
  for (let bit = 0; bit < 8; bit += 1) {
    product ^= a & -(b & 1);
    a = ((a << 1) ^ (0x11b & -(a >> 7))) & 0xff;
    b >>= 1;
  }
  return product;
}

/** What a number other than 0 gives 1 with: its 254th power. */
export function inverse(number: number): number {
  let result = 1;
  for (let power = 0; power < 254; power += 1) result = multiply(result, number);
  return result;
}
