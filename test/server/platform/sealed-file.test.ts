import {
  chunksOf,
  createFileKey,
  FILE_CHUNK_BYTES,
  openChunk,
  sealChunk,
  SEALED_CHUNK_BYTES,
  sealedSizeOf,
} from "../../../server/src/platform/vault/sealed-file.ts";

const key = createFileKey();
const whole = (fill: string) => Buffer.alloc(FILE_CHUNK_BYTES, fill);
const more = (index: number) => ({ index, isLast: false });

describe("a sealed chunk", () => {
  const sealed = sealChunk(key, more(1), whole("a"));

  it("opens at its own place only", () => {
    expect(openChunk(key, more(1), sealed)).toEqual(whole("a"));
    expect(() => openChunk(key, more(0), sealed)).toThrow();
    expect(() => openChunk(key, { index: 1, isLast: true }, sealed)).toThrow();
    expect(() => openChunk(createFileKey(), more(1), sealed)).toThrow();
  });

  it.each([
    ["a bit flipped", (bytes: Buffer) => bytes.fill(bytes[500]! ^ 1, 500, 501)],
    ["cut", (bytes: Buffer) => bytes.subarray(0, -1)],
    ["empty", () => Buffer.alloc(0)],
    ["longer", (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)])],
  ])("does not open %s", (_name, change) => {
    expect(() => openChunk(key, more(1), change(Buffer.from(sealed)))).toThrow();
  });

  it("is never the same twice, and shows nothing", () => {
    const again = sealChunk(key, more(1), whole("a"));
    expect(again).not.toEqual(sealed);
    expect(sealed.includes("aaaaaaaa")).toBe(false);
  });

  it("is whole, or the last", () => {
    expect(() => sealChunk(key, { index: 0, isLast: true }, whole("a"))).toThrow();
    expect(() => sealChunk(key, more(0), Buffer.from("short"))).toThrow();
    expect(sealChunk(key, { index: 0, isLast: true }, Buffer.alloc(0))).toHaveLength(28);
  });
});

describe("where bytes lie", () => {
  it.each([
    [0, 28],
    [1, 29],
    [FILE_CHUNK_BYTES - 1, SEALED_CHUNK_BYTES - 1],
    [FILE_CHUNK_BYTES, SEALED_CHUNK_BYTES + 28],
  ])("a file of %d bytes has %d", (size, sealedSize) => {
    expect(sealedSizeOf(size)).toBe(sealedSize);
  });

  it("a range touches the chunks that hold it", () => {
    const size = 3 * FILE_CHUNK_BYTES + 10;
    const rangeOf = (from: number, to: number) => chunksOf(size, from, to);
    expect(rangeOf(0, 1)).toEqual({ first: 0, last: 0, start: 0, end: SEALED_CHUNK_BYTES });
    expect(rangeOf(FILE_CHUNK_BYTES - 1, FILE_CHUNK_BYTES + 1)).toMatchObject({
      first: 0,
      last: 1,
    });
    expect(rangeOf(FILE_CHUNK_BYTES, 2 * FILE_CHUNK_BYTES)).toMatchObject({ first: 1, last: 1 });
    expect(rangeOf(size - 1, size)).toMatchObject({ first: 3, last: 3, end: sealedSizeOf(size) });
  });
});
