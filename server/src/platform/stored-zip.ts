/**
 * Writes a zip in which every byte follows from names and contents: stored, sorted by name, without times. So a
 * reader can tell that nothing of it was touched, which no zip library's output allows: they write times, flags and
 * fields of their own choosing. No part of it is held in memory.
 */
export interface ZipEntry {
  /** ASCII. */
  name: string;
  size: number;
  crc32: number;
  read(): AsyncIterable<Buffer> | Iterable<Buffer>;
}

/** What the format can say in 32 bits. */
export const MAX_ZIP_BYTES = 0xffffffff;

export async function* writeStoredZip(
  entries: readonly ZipEntry[],
): AsyncGenerator<Buffer, void, undefined> {
  const directory: Buffer[] = [];
  let at = 0;
  const sorted = [...entries].sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const entry of sorted) {
    const name = Buffer.from(entry.name, "ascii");
    const fields = fieldsOf(entry, name.length);
    const header = Buffer.concat([LOCAL, fields, name]);
    yield header;
    yield* entry.read();
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    directory.push(CENTRAL, fields, place, name);
    at += header.length + entry.size;
  }
  const central = Buffer.concat(directory);
  if (at + central.length > MAX_ZIP_BYTES) throw new Error("the zip is too large");
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(sorted.length, 8);
  end.writeUInt16LE(sorted.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  yield Buffer.concat([central, end]);
}

const LOCAL = Buffer.from("504b0304", "hex");
/** With the version that made it. */
const CENTRAL = Buffer.from("504b01021400", "hex");
const VERSION = 20;
const NAME_IS_UTF8 = 0x0800;
const FIRST_OF_JANUARY_1980 = 0x21;

function fieldsOf({ size, crc32 }: ZipEntry, nameLength: number): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(NAME_IS_UTF8, 2);
  fields.writeUInt16LE(FIRST_OF_JANUARY_1980, 8);
  fields.writeUInt32LE(crc32, 10);
  fields.writeUInt32LE(size, 14);
  fields.writeUInt32LE(size, 18);
  fields.writeUInt16LE(nameLength, 22);
  return fields;
}
