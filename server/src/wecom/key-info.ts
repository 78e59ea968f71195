import { ProtobufReader } from "./protobuf-reader.ts";

/** Where the body stands in an archived message's text, and its key. */
export interface KeyInfo {
  /** 32 bytes, AES-256. */
  key: Buffer;
  /** Characters to leave out before the body and after it. */
  before: number;
  after: number;
  /** So many characters of the body, then as many to leave out, then the rest of the body. */
  gap: number;
}

const KEY_BYTES = 32;

/**
 * The library's protobuf `SdkKeyInfo { k1 = 1; pre_len = 2; end_len = 3; s_len = 4 }`. Null when it is cut short,
 * has a negative length or no gap (10005 in the library). Fields that are not known are passed over.
 */
export function readKeyInfo(bytes: Buffer): KeyInfo | null {
  const reader = new ProtobufReader(bytes);
  const key = Buffer.alloc(KEY_BYTES);
  const lengths = new Map<number, number>();
  let hasKey = false;
  while (reader.hasMore) {
    const tag = reader.varint();
    if (tag === null) return null;
    const [field, wireType] = [Math.floor(tag / 8), tag % 8];
    if (wireType === 0) {
      const value = reader.varint();
      if (value === null) return null;
      lengths.set(field, value);
    } else if (wireType === 2) {
      const value = reader.bytes();
      if (value === null) return null;
      // A shorter key is filled up with zeros, of a longer one the first 32 bytes count.
      if (field === 1) hasKey = value.copy(key.fill(0)) > 0;
    } else return null;
  }
  const gap = lengths.get(4) ?? 0;
  if (!hasKey || gap === 0) return null;
  return { key, before: lengths.get(2) ?? 0, after: lengths.get(3) ?? 0, gap };
}
