import { createHmac } from "node:crypto";
import { decrypt, encrypt, joinParts } from "./aead.ts";

/** Where a sealed value stands; bound in, so that a value moved to another row does not open. */
export interface Place {
  table: string;
  column: string;
  rowId: string;
}

/** A sealed value is: version 1 | data key id (8 bytes) | nonce 12 | ciphertext | tag 16. */
const VERSION = 1;
const HEADER_BYTES = 9;

/** Which data key opens the value: 16 hex digits. */
export function keyIdOf(sealed: Buffer): string {
  if (sealed[0] !== VERSION) throw new Error("unknown version of a sealed value");
  return sealed.toString("hex", 1, HEADER_BYTES);
}

/** The same in SQL, of a column that holds sealed values. */
export function keyIdSql(column: string): string {
  return `LOWER(HEX(SUBSTR(${column}, 2, ${HEADER_BYTES - 1})))`;
}

export interface OpenKey {
  id: string;
  key: Uint8Array;
}

export function sealWith({ id, key }: OpenKey, place: Place, plaintext: Buffer): Buffer {
  const header = Buffer.from(`0${VERSION}${id}`, "hex");
  return Buffer.concat([header, encrypt(key, plaintext, bindingOf(place, id))]);
}

/** `key` must be the one that `keyIdOf` names. */
export function openWith({ id, key }: OpenKey, place: Place, sealed: Buffer): Buffer {
  return decrypt(key, sealed.subarray(HEADER_BYTES), bindingOf(place, id));
}

/** 32 bytes that only the holder of the data key knows, the same every time for one place. */
export function saltWith({ id, key }: OpenKey, place: Place): Buffer {
  return createHmac("sha256", key)
    .update(joinParts(["salt-1", place.table, place.column, place.rowId, id]))
    .digest();
}

function bindingOf(place: Place, keyId: string): Buffer {
  return joinParts(["sealed-1", place.table, place.column, place.rowId, keyId]);
}
