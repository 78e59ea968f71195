import { SDK_BAD_FILE_ID, SDK_EXPIRED, SdkError, SdkHostError } from "./sdk-error.ts";
import { WecomError } from "./wecom-error.ts";

/**
 * What a failed fetch means for the file: WeCom has deleted it; its id was never one; this chunk did not come
 * through, which another try may mend; or WeCom cannot be reached at all, which concerns every file alike.
 */
export type MediaFailure = "expired" | "bad_id" | "chunk" | "way";

/** `sdkfileid` does not exist (any more). */
const GONE = 301048;

/** Network, address not allowed, certificate: nothing that lies in the file. */
const WAY_CODES = new Set([10001, 10009, 10011]);

const FILE_TROUBLES = new Set(["crashed", "timeout"]);

export function mediaFailureOf(error: unknown): MediaFailure {
  if (error instanceof SdkError) {
    if (error.code === SDK_EXPIRED) return "expired";
    if (error.code === SDK_BAD_FILE_ID) return "bad_id";
    return WAY_CODES.has(error.code) ? "way" : "chunk";
  }
  if (error instanceof WecomError && error.errcode === GONE) return "expired";
  // The library died of this file, or it is too slow a one.
  if (error instanceof SdkHostError && FILE_TROUBLES.has(error.trouble)) return "chunk";
  return "way";
}
