/**
 * Typed arrays in one ArrayBuffer: what a server builds, a worker or a browser uses in place, without parsing.
 * Layout in 32-bit words: magic, version, checksum of all that follows, number of sections; then for each its
 * kind and number of elements; then the sections, each begun on a multiple of eight bytes. Little-endian, as
 * every machine that this runs on is.
 */

export type Section = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

const magic = 0x454c5552; // "RULE"
/** Grows with every change of what the sections mean. */
export const packedVersion = 4;
const headerWords = 4;
const wordsPerEntry = 2;
const kinds = [Uint8Array, Uint16Array, Uint32Array] as const;

/** A buffer that is no compiled rule set, not of this version, or damaged. */
export class PackedError extends Error {
  override readonly name = "PackedError";
}

function alignUp(bytes: number): number {
  return (bytes + 7) & ~7;
}

/** FNV-1a over 32-bit words: finds damage on the way, not an attacker. */
function checksum(words: Uint32Array): number {
  let sum = 0x811c9dc5;
  for (let at = 3; at < words.length; at++) sum = Math.imul(sum ^ (words[at] ?? 0), 0x01000193);
  return sum >>> 0;
}

/** What a packed buffer says of its own content. */
export function checksumOf(buffer: ArrayBuffer): number {
  return new Uint32Array(buffer, 0, headerWords)[2] ?? 0;
}

function kindOf(section: Section): number {
  return kinds.findIndex((kind) => section instanceof kind);
}

export function packSections(sections: readonly Section[]): ArrayBuffer {
  const table = alignUp((headerWords + sections.length * wordsPerEntry) * 4);
  const size = sections.reduce((sum, { byteLength }) => sum + alignUp(byteLength), table);
  const buffer = new ArrayBuffer(size);
  const words = new Uint32Array(buffer);
  words.set([magic, packedVersion, 0, sections.length]);
  let at = table;
  for (const [index, section] of sections.entries()) {
    words.set([kindOf(section), section.length], headerWords + index * wordsPerEntry);
    const bytes = new Uint8Array(section.buffer, section.byteOffset, section.byteLength);
    new Uint8Array(buffer, at).set(bytes);
    at += alignUp(section.byteLength);
  }
  words[2] = checksum(words);
  return buffer;
}

/** Views of the sections, without a copy. Throws a {@link PackedError} that says what is wrong. */
export function unpackSections(buffer: ArrayBuffer): Section[] {
  if (buffer.byteLength < headerWords * 4 || buffer.byteLength % 8 !== 0) {
    throw new PackedError("The buffer is too short or cut off.");
  }
  const words = new Uint32Array(buffer);
  if (words[0] !== magic) throw new PackedError("The buffer holds no compiled rules.");
  if (words[1] !== packedVersion) {
    throw new PackedError(`The rules are of version ${words[1] ?? 0}, not ${packedVersion}.`);
  }
  if (words[2] !== checksum(words)) throw new PackedError("The rules are damaged.");
  const count = words[3] ?? 0;
  let at = alignUp((headerWords + count * wordsPerEntry) * 4);
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[words[headerWords + index * wordsPerEntry] ?? 0];
    const length = words[headerWords + index * wordsPerEntry + 1] ?? 0;
    if (kind === undefined) throw new PackedError("The rules have a part of an unknown kind.");
    const section = new kind(buffer, at, length);
    at += alignUp(section.byteLength);
    return section;
  });
}
