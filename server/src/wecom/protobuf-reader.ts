/** Larger numbers do not occur; keeps sums of lengths small. */
const MAX_NUMBER = 0x7fffffff;

/** Reads the little of Protobuf's wire format that WeCom's archive uses. Null stands for bytes that are none. */
export class ProtobufReader {
  #at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get hasMore(): boolean {
    return this.#at < this.#bytes.length;
  }

  /** Null when it is cut short or above 2^31 - 1 (a negative number of the library's counts as such). */
  varint(): number | null {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) return null;
      this.#at += 1;
      value += (byte & 127) * factor;
      if (byte < 128) return value <= MAX_NUMBER ? value : null;
    }
    return null;
  }

  bytes(): Buffer | null {
    const length = this.varint();
    if (length === null || this.#at + length > this.#bytes.length) return null;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
