import type { MediaChunk, SealedText } from "./archive-source.ts";

/**
 * The frames between the server and the program that runs the archive library. Their format is written down in
 * `server/native/frames.h` and `finance-sdk-host.c`; this is the server's side of it.
 */
export interface SdkAnswer {
  /** Of the library, or of a guard before it. */
  code: number;
  payload: Buffer;
}

/** How the library reaches WeCom. Empty texts for no proxy. */
export interface SdkRoute {
  proxy: string;
  proxyPassword: string;
  timeoutSeconds: number;
}

export function formatInit(corpId: string, secret: string): Buffer {
  return formatFrame("I", [text(corpId), text(secret)]);
}

export function formatGetChatData(seq: number, limit: number, route: SdkRoute): Buffer {
  return formatFrame("G", [u64(seq), u32(limit), ...formatRoute(route)]);
}

export function formatDecrypt(sealed: readonly SealedText[]): Buffer {
  const pairs = sealed.flatMap((one) => [text(one.randomKey), text(one.encryptedMessage)]);
  return formatFrame("D", [u32(sealed.length), ...pairs]);
}

export function formatGetMedia(index: string, fileId: string, route: SdkRoute): Buffer {
  return formatFrame("M", [text(index), text(fileId), ...formatRoute(route)]);
}

export function readMediaChunk(payload: Buffer): MediaChunk {
  const dataAt = 5 + payload.readUInt32LE(1) + 1;
  return {
    isLast: payload.readUInt8(0) !== 0,
    nextIndex: payload.toString("latin1", 5, dataAt - 1),
    data: payload.subarray(dataAt),
  };
}

/** A page of 1,000 long messages is some tens of megabytes. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const LENGTH_BYTES = 4;
const CODE_BYTES = 4;

/** Cuts what comes through the pipe into answers. Throws when it is no frame: then nothing after it can be read. */
export class AnswerReader {
  #chunks: Buffer[] = [];
  #size = 0;
  /** Less than this cannot complete another answer. */
  #needed = LENGTH_BYTES;

  /** The answers that this chunk completes. */
  push(chunk: Buffer): SdkAnswer[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#needed) return [];
    const bytes = Buffer.concat(this.#chunks);
    const answers: SdkAnswer[] = [];
    let at = 0;
    for (;;) {
      this.#needed = frameSizeAt(bytes, at);
      if (bytes.length - at < this.#needed) break;
      const payloadAt = at + LENGTH_BYTES + CODE_BYTES;
      const code = bytes.readInt32LE(at + LENGTH_BYTES);
      at += this.#needed;
      answers.push({ code, payload: bytes.subarray(payloadAt, at) });
    }
    this.#chunks = [bytes.subarray(at)];
    this.#size = bytes.length - at;
    return answers;
  }
}

/** Of the frame that begins there, with its length field; that field's own size as long as it is not complete. */
function frameSizeAt(bytes: Buffer, at: number): number {
  if (bytes.length - at < LENGTH_BYTES) return LENGTH_BYTES;
  const length = bytes.readUInt32LE(at);
  if (length < CODE_BYTES || length > MAX_ANSWER_BYTES) throw new Error("not a frame");
  return LENGTH_BYTES + length;
}

function formatFrame(command: string, fields: readonly Buffer[]): Buffer {
  const body = [Buffer.from(command, "latin1"), ...fields];
  const length = body.reduce((sum, { length: size }) => sum + size, 0);
  return Buffer.concat([u32(length), ...body], LENGTH_BYTES + length);
}

function formatRoute({ proxy, proxyPassword, timeoutSeconds }: SdkRoute): Buffer[] {
  return [text(proxy), text(proxyPassword), u32(timeoutSeconds)];
}

/** Its length, its bytes and a 0. */
function text(value: string): Buffer {
  const length = Buffer.byteLength(value);
  const field = Buffer.alloc(LENGTH_BYTES + length + 1);
  field.writeUInt32LE(length);
  field.write(value, LENGTH_BYTES);
  return field;
}

function u32(value: number): Buffer {
  const field = Buffer.alloc(4);
  field.writeUInt32LE(value);
  return field;
}

function u64(value: number): Buffer {
  const field = Buffer.alloc(8);
  field.writeBigUInt64LE(BigInt(value));
  return field;
}
