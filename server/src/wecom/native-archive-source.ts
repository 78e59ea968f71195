import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import { CHAT_DATA_API, checkPullRange, readArchivePage } from "./archive-page.ts";
import type { ArchiveSource, TextOutcome } from "./archive-source.ts";
import { createBackOff } from "./back-off.ts";
import { createNativeMedia } from "./native-media.ts";
import { SDK_NETWORK, SdkError } from "./sdk-error.ts";
import type { DecryptOutcome, SdkHost } from "./sdk-host.ts";
import { WecomError, WecomUnreachableError } from "./wecom-error.ts";
import { isRecord, readList, readNumber } from "./wire-value.ts";
import type { WireRecord } from "./wire-value.ts";

/**
 * The library renews its token by time alone, and goes on without one when `gettoken` said no: 40014 and 42001 are a
 * token that was refused, 41001 is none at all (a wrong secret, or an address that is not allowed).
 */
const TOKEN_TROUBLE = new Set([40014, 42001, 41001]);

/** The answer would be too large. */
const TOO_LARGE = 301058;

/** The random key, or what it opens, makes no sense (10007 is not seen, since the key never gets there). */
const KEY_CODES = new Set([10004, 10005, 10007, 10008]);

export interface NativeArchiveSourceDeps {
  host: Pick<SdkHost, "getChatData" | "decrypt" | "restart">;
  /** A process of its own, see `ArchiveAccess`. */
  mediaHost: Pick<SdkHost, "getMedia" | "restart">;
  clock: Clock;
  log: Logger;
}

/** The archive through WeCom's own library. */
export function createNativeArchiveSource(deps: NativeArchiveSourceDeps): ArchiveSource {
  const { host, mediaHost, clock, log } = deps;
  // A wrong secret asked for too often gets the address banned for an hour.
  const pause = createBackOff({ clock, firstMs: 60_000, longestMs: 10 * 60_000 });

  async function fetchPage(afterSeq: number, limit: number): Promise<WireRecord> {
    const body = parseObject(await callHost(() => host.getChatData(afterSeq, limit)));
    // Any HTTP answer passes through the library: a proxy's error page, for instance.
    if (!body) throw new WecomUnreachableError(CHAT_DATA_API, "not_json");
    const errcode = readNumber(body, "errcode");
    if (errcode === TOO_LARGE && limit > 1) return await fetchPage(afterSeq, limit >> 1);
    if (errcode !== 0) throw new WecomError(errcode, CHAT_DATA_API, body["errmsg"]);
    return body;
  }

  /** With a new token when the old one is refused; not again for a while when that does not help. */
  async function fetchWithToken(afterSeq: number, limit: number): Promise<WireRecord> {
    pause.check();
    try {
      return await fetchPage(afterSeq, limit);
    } catch (error) {
      if (!isTokenTrouble(error)) throw error;
      log.info({ errcode: error.errcode }, "the archive library gets a new token");
    }
    await host.restart();
    try {
      return await fetchPage(afterSeq, limit);
    } catch (error) {
      if (isTokenTrouble(error)) pause.fail(error);
      throw error;
    }
  }

  return {
    async openSealed(sealed) {
      return (await host.decrypt(sealed)).map(readDecrypted);
    },
    fetchMedia: createNativeMedia(mediaHost, clock),
    async pull(afterSeq, limit) {
      checkPullRange(afterSeq, limit);
      const page = await fetchWithToken(afterSeq, limit);
      pause.succeed();
      return readArchivePage(readList(page, "chatdata"), log);
    },
  };
}

/** The one code of the library that says the same as an error of ours. */
async function callHost<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof SdkError && error.code === SDK_NETWORK) {
      throw new WecomUnreachableError(CHAT_DATA_API, "network", String(SDK_NETWORK));
    }
    throw error;
  }
}

function isTokenTrouble(error: unknown): error is WecomError {
  return error instanceof WecomError && TOKEN_TROUBLE.has(error.errcode);
}

function parseObject(text: string): WireRecord | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** There is no checksum: code 0 comes with garbage, too, which shows as bad UTF-8 here or as bad JSON later. */
function readDecrypted(outcome: DecryptOutcome): TextOutcome {
  if (outcome.is === "fatal") return { isOpen: false, reason: "host_crashed" };
  if (outcome.code !== 0) {
    const reason = KEY_CODES.has(outcome.code) ? "bad_random_key" : "bad_ciphertext";
    return { isOpen: false, reason };
  }
  try {
    return { isOpen: true, text: utf8.decode(outcome.plain) };
  } catch {
    return { isOpen: false, reason: "bad_ciphertext" };
  }
}
