import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import type { Secret } from "../platform/secret.ts";
import type { MediaChunk, SealedText } from "./archive-source.ts";
import { createBackOff } from "./back-off.ts";
import { SdkError, SdkHostError } from "./sdk-error.ts";
import {
  formatDecrypt,
  formatGetChatData,
  formatGetMedia,
  formatInit,
  readMediaChunk,
} from "./sdk-frames.ts";
import type { SdkAnswer, SdkRoute } from "./sdk-frames.ts";
import { createSdkKeeper } from "./sdk-keeper.ts";
import type { SdkState } from "./sdk-keeper.ts";
import { findLibrary } from "./sdk-library.ts";
import type { SdkLibrary } from "./sdk-library.ts";
import { ask } from "./sdk-process.ts";
import type { SdkProcess, SdkProgram } from "./sdk-process.ts";
import { passSelfTest } from "./sdk-self-test.ts";
import { createTurns } from "./turns.ts";

/**
 * WeCom's archive library in a process of its own: started when it is needed, started anew when it has died, one
 * call at a time. A call fails with `SdkError` (the library said no) or `SdkHostError` (it did not answer).
 */
export interface SdkHost {
  /** Starts it now, so that `health` has something to say; a failure is found there. */
  start(): Promise<void>;
  /** The body of WeCom's answer as it came, whatever it is. */
  getChatData(afterSeq: number, limit: number): Promise<string>;
  /** One outcome a message, in the same order. Goes before calls that wait for the network. */
  decrypt(sealed: readonly SealedText[]): Promise<DecryptOutcome[]>;
  /** `index` is "" for the first chunk, then what the chunk before it named. */
  getMedia(fileId: string, index: string): Promise<MediaChunk>;
  /** Ends the process after the call under way; the next one fetches a new token. */
  restart(): Promise<void>;
  health(): SdkHealth;
  /** For a graceful stop: calls to the network fail from now on, also the one under way. */
  endNetworkCalls(): void;
  close(): Promise<void>;
}

export type DecryptOutcome =
  | { is: "answered"; code: number; plain: Buffer }
  /** The host died of it, twice: once could have been somebody else's doing. */
  | { is: "fatal" };

export interface SdkHealth extends SdkState {
  /** Null when there is no such file. */
  library: SdkLibrary | null;
  lastCall: { name: string; atMs: number } | null;
}

export interface SdkHostDeps extends SdkProgram {
  corpId: string;
  secret: Secret;
  proxy: string;
  proxyPassword: Secret | null;
  timeoutSeconds: number;
  clock: Clock;
  log: Logger;
}

/** A message takes some microseconds; this long means that the library hangs. */
const OFFLINE_TIMEOUT_MS = 20_000;
/** The library may fetch a token first, each with the whole time-out; and then some for ourselves. */
const NETWORK_CALLS = 2;
const GRACE_MS = 2_000;

export function createSdkHost(deps: SdkHostDeps): SdkHost {
  const { clock, log } = deps;
  const turns = createTurns();
  const pause = createBackOff({ clock, firstMs: 250, longestMs: 30_000 });
  const keeper = createSdkKeeper({
    program: deps,
    prepare: (process) => prepare(process, deps),
    clock,
    log,
  });
  const call = { isNetworkBusy: false, isEnding: false, isClosed: false };
  let lastCall: SdkHealth["lastCall"] = null;

  async function ready(name: string): Promise<SdkProcess> {
    if (call.isClosed) throw new SdkHostError("stopped");
    const process = await keeper.ready();
    lastCall = { name, atMs: clock.now() };
    return process;
  }

  /** What the library answers with code 0. A call that kills the host is not made again and again. */
  async function callNetwork(name: string, frame: Buffer): Promise<Buffer> {
    const { code, payload } = await turns.take(async () => {
      if (call.isEnding) throw new SdkHostError("stopped");
      pause.check();
      const process = await ready(name);
      call.isNetworkBusy = true;
      try {
        const timeoutMs = NETWORK_CALLS * deps.timeoutSeconds * 1000 + GRACE_MS;
        const answer = await ask(process, frame, timeoutMs);
        pause.succeed();
        return answer;
      } catch (error) {
        if (error instanceof SdkHostError) pause.fail(error);
        throw error;
      } finally {
        call.isNetworkBusy = false;
      }
    });
    if (code !== 0) throw new SdkError(code, name);
    return payload;
  }

  async function decryptSome(sealed: readonly SealedText[]) {
    const found: DecryptOutcome[] = [];
    const onAnswer = ({ code, payload }: SdkAnswer): void => {
      found.push({ is: "answered", code, plain: payload });
    };
    return await turns.take(async () => {
      const process = await ready("DecryptData");
      const expected = { answers: sealed.length, timeoutMs: OFFLINE_TIMEOUT_MS, onAnswer };
      try {
        await process.request(formatDecrypt(sealed), expected);
      } catch (error) {
        if (!(error instanceof SdkHostError)) throw error;
        return { found, hasDied: true };
      }
      return { found, hasDied: false };
    }, true);
  }

  function endNetworkCalls(): void {
    call.isEnding = true;
    if (call.isNetworkBusy) keeper.kill();
  }

  return {
    async start() {
      await turns
        .take(() => keeper.ready())
        .catch((error: unknown) => {
          if (!(error instanceof SdkHostError)) throw error;
        });
    },

    async getChatData(afterSeq, limit) {
      const frame = formatGetChatData(afterSeq, limit, routeOf(deps));
      return (await callNetwork("GetChatData", frame)).toString("utf8");
    },

    async decrypt(sealed) {
      const outcomes: DecryptOutcome[] = [];
      // The host died at the next message: it goes once more, and alone.
      let isSuspect = false;
      while (outcomes.length < sealed.length) {
        const rest = sealed.slice(outcomes.length);
        const { found, hasDied } = await decryptSome(isSuspect ? rest.slice(0, 1) : rest);
        outcomes.push(...found);
        const isFatal: boolean = isSuspect && hasDied;
        if (isFatal) outcomes.push({ is: "fatal" });
        isSuspect = hasDied && !isFatal;
      }
      return outcomes;
    },

    async getMedia(fileId, index) {
      const frame = formatGetMedia(index, fileId, routeOf(deps));
      return readMediaChunk(await callNetwork("GetMediaData", frame));
    },

    restart: () => turns.take(() => keeper.end()),
    health: () => ({ ...keeper.state(), library: findLibrary(deps.library), lastCall }),

    endNetworkCalls,

    async close() {
      endNetworkCalls();
      call.isClosed = true;
      await turns.take(() => keeper.end());
    },
  };
}

async function prepare(process: SdkProcess, { corpId, secret }: SdkHostDeps): Promise<void> {
  const { code } = await ask(process, formatInit(corpId, secret.reveal()), OFFLINE_TIMEOUT_MS);
  if (code !== 0) throw new SdkHostError("unusable", `Init: ${code}`);
  await passSelfTest(process);
}

function routeOf({ proxy, proxyPassword, timeoutSeconds }: SdkHostDeps): SdkRoute {
  return { proxy, proxyPassword: proxyPassword?.reveal() ?? "", timeoutSeconds };
}
