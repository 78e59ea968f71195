import { createDecipheriv } from "node:crypto";
import { z } from "zod";
import type { ArchiveSource, MediaChunk } from "./archive-source.ts";
import { readMediaTicket } from "./media-ticket.ts";
import { SDK_BAD_FILE_ID, SDK_CANNOT_DECRYPT, SdkError } from "./sdk-error.ts";
import type { WecomClient } from "./wecom-client.ts";
import { WecomUnreachableError } from "./wecom-error.ts";

const API = "/message/getchatmediadata";
const TIMEOUT_MS = 20_000;
/** As much as the library fetches at once. */
const CHUNK_BYTES = 512 * 1024;
const AES_BLOCK = 16;

const answer = z.object({ content: z.string() });

/**
 * A file's chunks over the interface that WeCom's library uses inside, with its indexes and its error codes. The
 * whole file is one AES-128-ECB text whose ranges are served; only its end is padded.
 */
export function createHttpMedia(client: WecomClient): ArchiveSource["fetchMedia"] {
  return async (fileId, index) => {
    const ticket = readMediaTicket(fileId);
    const range = parseIndex(index);
    if (!ticket || !range) throw new SdkError(SDK_BAD_FILE_ID, API);
    let contentRange = "";
    const { content } = await client.call({
      api: API,
      method: "POST",
      as: "archive",
      body: { fileid: ticket.fileId, authkey: ticket.authKey, version: 1 },
      schema: answer,
      timeoutMs: TIMEOUT_MS,
      range: { ...range, onAnswer: (given) => (contentRange = given) },
      // One file that is gone says nothing of how WeCom is reached.
      expected: [301048],
    });
    const total = totalOf(contentRange, range.from);
    return openChunk(ticket.key, Buffer.from(content, "base64"), { from: range.from, total });
  };
}

function openChunk(
  key: Buffer,
  sealed: Buffer,
  { from, total }: { from: number; total: number },
): MediaChunk {
  const end = from + sealed.length;
  const isLast = end >= total;
  // A chunk that is no chunk: nothing of it may count as a part of the file.
  if (end > total || sealed.length === 0) throw new WecomUnreachableError(API, "unexpected_answer");
  const to = Math.min(end + CHUNK_BYTES, total) - 1;
  const nextIndex = isLast ? "" : `Range:bytes=${end}-${to}`;
  return { data: decryptEcb(key, sealed, isLast), nextIndex, isLast };
}

function decryptEcb(key: Buffer, sealed: Buffer, isPadded: boolean): Buffer {
  if (sealed.length % AES_BLOCK !== 0) throw new SdkError(SDK_CANNOT_DECRYPT, API);
  const decipher = createDecipheriv("aes-128-ecb", key, null).setAutoPadding(isPadded);
  try {
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  } catch {
    throw new SdkError(SDK_CANNOT_DECRYPT, API);
  }
}

function parseIndex(index: string): { from: number; to: number } | null {
  if (index === "") return { from: 0, to: CHUNK_BYTES - 1 };
  const [, from, to] = /^Range:bytes=(\d{1,15})-(\d{1,15})$/.exec(index) ?? [];
  return from === undefined || to === undefined ? null : { from: Number(from), to: Number(to) };
}

/** "BYTES 0-524287/600000" → 600000. */
function totalOf(contentRange: string, from: number): number {
  const [, start, total] = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/i.exec(contentRange) ?? [];
  if (Number(start) !== from) throw new WecomUnreachableError(API, "unexpected_answer", "range");
  return Number(total);
}
