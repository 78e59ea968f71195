/**
 * The little of the ZIP format that a workbook needs. Nothing unfolds beyond what is allowed: sizes that a file states
 * are not believed, the inflating itself stops.
 */
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

export interface ZipLimits {
  entries: number;
  /** Of all entries together, unfolded. */
  bytes: number;
}

/** Not a ZIP file, one of a kind that workbooks are not, or one that unfolds to too much. */
export class ZipError extends Error {
  override name = "ZipError";
}

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const STORED = 0;
const DEFLATED = 8;
const END_BYTES = 22;
/** 1 January 2000: the same content gives the same file. */
const DATE = ((2000 - 1980) << 9) | (1 << 5) | 1;
/** Names are UTF-8. */
const FLAGS = 0x0800;

/** The named entries; others are not unfolded. */
export function readZip(
  file: Buffer,
  wants: (name: string) => boolean,
  limits: ZipLimits,
): Map<string, Buffer> {
  const end = findEnd(file);
  const count = file.readUInt16LE(end + 10);
  if (count > limits.entries) throw new ZipError("too many entries");
  const entries = new Map<string, Buffer>();
  let left = limits.bytes;
  let at = file.readUInt32LE(end + 16);
  try {
    for (let index = 0; index < count; index += 1) {
      if (file.readUInt32LE(at) !== CENTRAL) throw new ZipError("bad directory");
      const nameBytes = file.readUInt16LE(at + 28);
      const name = file.toString("utf8", at + 46, at + 46 + nameBytes);
      if (wants(name)) {
        const content = unfold(file, at, left);
        left -= content.length;
        entries.set(name, content);
      }
      at += 46 + nameBytes + file.readUInt16LE(at + 30) + file.readUInt16LE(at + 32);
    }
  } catch (error) {
    // Offsets beyond the file, broken streams, streams that unfold to more than is left.
    if (error instanceof ZipError) throw error;
    throw new ZipError("broken or too large");
  }
  return entries;
}

function findEnd(file: Buffer): number {
  // A comment of up to 64 KB may follow.
  const first = Math.max(0, file.length - END_BYTES - 0xffff);
  for (let at = file.length - END_BYTES; at >= first; at -= 1) {
    if (file.readUInt32LE(at) === END) return at;
  }
  throw new ZipError("no end");
}

function unfold(file: Buffer, at: number, maxBytes: number): Buffer {
  const isEncrypted = (file.readUInt16LE(at + 8) & 1) === 1;
  if (isEncrypted) throw new ZipError("encrypted");
  const method = file.readUInt16LE(at + 10);
  const bytes = file.readUInt32LE(at + 20);
  const local = file.readUInt32LE(at + 42);
  if (file.readUInt32LE(local) !== LOCAL) throw new ZipError("bad entry");
  const start = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28);
  const packed = file.subarray(start, start + bytes);
  if (method === DEFLATED)
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, maxBytes) });
  if (method !== STORED || packed.length > maxBytes) throw new ZipError("too large");
  return packed;
}

export function writeZip(entries: readonly (readonly [name: string, content: string])[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of entries) {
    const content = Buffer.from(text, "utf8");
    const packed = deflateRawSync(content);
    const nameBytes = Buffer.from(name, "utf8");
    const about = Buffer.alloc(26);
    about.writeUInt16LE(20, 0);
    about.writeUInt16LE(FLAGS, 2);
    about.writeUInt16LE(DEFLATED, 4);
    about.writeUInt16LE(0, 6);
    about.writeUInt16LE(DATE, 8);
    about.writeUInt32LE(crc32(content), 10);
    about.writeUInt32LE(packed.length, 14);
    about.writeUInt32LE(content.length, 18);
    about.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([uint32(LOCAL), about, nameBytes, packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([uint32(CENTRAL), uint16(20), about, place, nameBytes]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
