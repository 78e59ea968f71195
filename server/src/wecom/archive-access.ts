import type { WecomConfig } from "../config.ts";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import type { ArchiveSource } from "./archive-source.ts";
import { createHttpArchiveSource } from "./http-archive-source.ts";
import { createNativeArchiveSource } from "./native-archive-source.ts";
import { createSdkHost } from "./sdk-host.ts";
import type { SdkHost } from "./sdk-host.ts";
import type { WecomClient } from "./wecom-client.ts";
import { WecomNotConfiguredError } from "./wecom-error.ts";

/** How this corp's archive is reached. */
export interface ArchiveAccess {
  source: ArchiveSource;
  /** Null when the archive is not reached through WeCom's library. */
  host: SdkHost | null;
  /**
   * The same library once more, for files alone: a large one, or one that kills the process, must not keep messages
   * waiting. It starts with the first file.
   */
  mediaHost: SdkHost | null;
  /** The setting without which there is no archive; null when it can be pulled. */
  missing: "WECOM_ARCHIVE_SECRET" | "WECOM_ARCHIVE_SDK_LIB" | null;
}

export interface ArchiveAccessDeps {
  wecom: WecomConfig;
  client: WecomClient;
  /** The built `server/native/finance-sdk-host.c`. */
  hostProgram: string;
  clock: Clock;
  log: Logger;
}

/** The platform itself serves the archive to its library only. */
const PLATFORM_HOST = "qyapi.weixin.qq.com";

/** Through WeCom's library where one is set; over HTTP only where WeCom's interface is not the platform's own. */
export function openArchiveAccess(deps: ArchiveAccessDeps): ArchiveAccess {
  const { wecom, client, hostProgram, clock, log } = deps;
  const { archiveSecret, archiveSdk } = wecom;
  if (!archiveSecret) return noAccess("WECOM_ARCHIVE_SECRET");
  if (archiveSdk) {
    const options = {
      ...archiveSdk,
      program: hostProgram,
      // The library has the platform's address built in; a stand-in for it finds its own here.
      env: { WECOM_API_URL: wecom.apiUrl },
      corpId: wecom.corpId,
      secret: archiveSecret,
      clock,
      log,
    };
    const [host, mediaHost] = [createSdkHost(options), createSdkHost(options)];
    const source = createNativeArchiveSource({ host, mediaHost, clock, log });
    return { source, host, mediaHost, missing: null };
  }
  if (new URL(wecom.apiUrl).hostname === PLATFORM_HOST) return noAccess("WECOM_ARCHIVE_SDK_LIB");
  const source = createHttpArchiveSource(client, log);
  return { source, host: null, mediaHost: null, missing: null };
}

function noAccess(missing: NonNullable<ArchiveAccess["missing"]>): ArchiveAccess {
  const refuse = () => Promise.reject(new WecomNotConfiguredError(missing));
  const source = { openSealed: null, pull: refuse, fetchMedia: refuse };
  return { source, host: null, mediaHost: null, missing };
}
