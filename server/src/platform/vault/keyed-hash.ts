import { createCipheriv, createHmac } from "node:crypto";
import { LRUCache } from "lru-cache";

/** Numbers of 32 bits that tell nothing about a text to whoever lacks the key. */
export interface KeyedHash {
  hash(text: string): number;
  /** Of every two neighbouring UTF-16 units, sorted, each number once. */
  hashPairs(text: string): Uint32Array;
}

/** The same few come again and again. */
const REMEMBERED = 10_000;
const BLOCK_BYTES = 16;

export function createKeyedHash(key: Uint8Array): KeyedHash {
  const derive = (name: string) => createHmac("sha256", key).update(name).digest();
  const [textKey, pairKey] = [derive("texts"), derive("pairs")];
  const known = new LRUCache<string, number>({ max: REMEMBERED });
  return {
    hash(text) {
      const seen = known.get(text);
      if (seen !== undefined) return seen;
      const hash = createHmac("sha256", textKey).update(text).digest().readUInt32BE(0);
      known.set(text, hash);
      return hash;
    },

    /**
     * A pair fits into one block of AES, which as a function of single blocks is as good as HMAC; and all pairs of a
     * text cost one call, where an HMAC of each would cost as many.
     */
    hashPairs(text) {
      const count = Math.max(0, text.length - 1);
      const blocks = Buffer.alloc(count * BLOCK_BYTES);
      for (let at = 0; at < count; at += 1) {
        blocks.writeUInt16LE(text.charCodeAt(at), at * BLOCK_BYTES);
        blocks.writeUInt16LE(text.charCodeAt(at + 1), at * BLOCK_BYTES + 2);
      }
      const hashed = createCipheriv("aes-256-ecb", pairKey, null).update(blocks);
      const numbers = Uint32Array.from({ length: count }, (_, at) =>
        hashed.readUInt32BE(at * BLOCK_BYTES),
      ).sort();
      return numbers.filter((number, at) => at === 0 || number !== numbers[at - 1]);
    },
  };
}
