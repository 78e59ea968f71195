import { z } from "zod";
import type { Logger } from "../platform/log.ts";
import { CHAT_DATA_API, checkPullRange, readArchivePage } from "./archive-page.ts";
import type { ArchiveSource } from "./archive-source.ts";
import { createHttpMedia } from "./http-media.ts";
import type { WecomClient } from "./wecom-client.ts";

/** A page of long messages takes its time. */
const PULL_TIMEOUT_MS = 20_000;

const pageAnswer = z.object({ chatdata: z.array(z.unknown()).nullish() });

/**
 * The archive over the HTTP interface that WeCom's own library uses inside (`/message/getchatdata`). The twin
 * answers it; towards the real WeCom the library in a process of its own is what stands behind `ArchiveSource`.
 */
export function createHttpArchiveSource(client: WecomClient, log: Logger): ArchiveSource {
  return {
    openSealed: null,
    fetchMedia: createHttpMedia(client),
    async pull(afterSeq, limit) {
      checkPullRange(afterSeq, limit);
      const { chatdata } = await client.call({
        api: CHAT_DATA_API,
        method: "POST",
        as: "archive",
        body: { seq: afterSeq, limit, version: 1 },
        schema: pageAnswer,
        timeoutMs: PULL_TIMEOUT_MS,
      });
      return readArchivePage(chatdata ?? [], log);
    },
  };
}
