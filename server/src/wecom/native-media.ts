import type { Clock } from "../platform/clock.ts";
import type { ArchiveSource } from "./archive-source.ts";
import { SDK_BAD_ANSWER, SdkError } from "./sdk-error.ts";
import type { SdkHost } from "./sdk-host.ts";

/** One refused token in this time: anything else that looks like it must not restart the process again and again. */
const RENEW_EVERY_MS = 60_000;

/** A file's chunks through WeCom's own library. */
export function createNativeMedia(
  host: Pick<SdkHost, "getMedia" | "restart">,
  clock: Clock,
): ArchiveSource["fetchMedia"] {
  let renewedAtMs = -RENEW_EVERY_MS;
  return async (fileId, index) => {
    try {
      return await host.getMedia(fileId, index);
    } catch (error) {
      // A token that is refused looks like an answer that cannot be read, and the library keeps it.
      const mayBeToken = error instanceof SdkError && error.code === SDK_BAD_ANSWER;
      if (!mayBeToken || clock.now() - renewedAtMs < RENEW_EVERY_MS) throw error;
      renewedAtMs = clock.now();
    }
    await host.restart();
    return await host.getMedia(fileId, index);
  };
}
