/**
 * As much of ASN.1's DER as a time stamp needs: one value at a time, definite and shortest lengths alone, tags of one
 * byte. Whatever is not so is refused; nothing is guessed.
 */
export interface Der {
  tag: number;
  content: Buffer;
  /** With tag and length, as it stood. */
  whole: Buffer;
}

export class DerError extends Error {
  override name = "DerError";
}

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const OCTETS = 0x04;
export const NULL = 0x05;
export const OID = 0x06;
export const TIME = 0x18;
export const SEQUENCE = 0x30;
export const SET = 0x31;
/** Context tags that hold other values. */
export const context = (number: number): number => 0xa0 + number;

export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 + bytes.length, ...bytes]);
}

/** A number that is not negative. */
export function derInteger(bytes: Buffer): Buffer {
  let from = 0;
  while (from < bytes.length - 1 && bytes[from] === 0) from += 1;
  const shortest = bytes.subarray(from);
  const isNegative = ((shortest[0] ?? 0) & 0x80) !== 0;
  return der(INTEGER, isNegative ? Buffer.concat([Buffer.from([0]), shortest]) : shortest);
}

export function derOid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return der(OID, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift(0x80 + (rest % 128));
  return bytes;
}

/** The one value that the bytes are, to the last byte. */
export function readDer(bytes: Buffer): Der {
  const [only, ...more] = readAll(bytes);
  if (!only || more.length > 0) throw new DerError("not exactly one value");
  return only;
}

/** The values inside of one that holds others. */
export function childrenOf(node: Der, tag: number): Der[] {
  if (node.tag !== tag) throw new DerError(`tag ${node.tag} where ${tag} is due`);
  return readAll(node.content);
}

/** The content of a value of that tag; throws for another and for none. */
export function contentOf(node: Der | undefined, tag: number): Buffer {
  if (node?.tag !== tag) throw new DerError(`tag ${node?.tag ?? "none"} where ${tag} is due`);
  return node.content;
}

export function oidOf(node: Der | undefined): string {
  const [first = 0, ...rest] = contentOf(node, OID);
  const numbers = [
    Math.min(2, Math.floor(first / 40)),
    first - 40 * Math.min(2, Math.floor(first / 40)),
  ];
  let value = 0;
  for (const byte of rest) {
    value = value * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(value)) throw new DerError("an identifier is too long");
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
    }
  }
  return numbers.join(".");
}

function readAll(bytes: Buffer): Der[] {
  const nodes: Der[] = [];
  for (let at = 0; at < bytes.length;) {
    const node = readOne(bytes.subarray(at));
    nodes.push(node);
    at += node.whole.length;
  }
  return nodes;
}

function readOne(bytes: Buffer): Der {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) throw new DerError("cut off");
  if ((tag & 0x1f) === 0x1f) throw new DerError("a tag of several bytes");
  const sizeBytes = first < 0x80 ? 0 : first - 0x80;
  if (first === 0x80 || sizeBytes > 4) throw new DerError("a length that cannot be");
  const start = 2 + sizeBytes;
  if (bytes.length < start) throw new DerError("cut off");
  const length = sizeBytes === 0 ? first : bytes.readUIntBE(2, sizeBytes);
  if (!lengthOf(length).equals(bytes.subarray(1, start)))
    throw new DerError("not the shortest length");
  if (bytes.length < start + length) throw new DerError("cut off");
  return {
    tag,
    content: bytes.subarray(start, start + length),
    whole: bytes.subarray(0, start + length),
  };
}
