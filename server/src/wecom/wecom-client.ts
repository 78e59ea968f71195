import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { ZodType } from "zod";
import type { WecomConfig } from "../config.ts";
import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import type { FreshToken, SharedTokens } from "./access-tokens.ts";
import {
  BUSY,
  isTokenRefusal,
  WecomError,
  WecomNotConfiguredError,
  WecomUnreachableError,
} from "./wecom-error.ts";
import { createWecomHttp } from "./wecom-http.ts";
import type { FileRange, WecomRequest } from "./wecom-http.ts";

/** Whose secret the call is made with; each has a token of its own and different rights. */
export type WecomIdentity = "app" | "archive" | "contacts";

export interface WecomCall<T> {
  /** Path below `/cgi-bin`. */
  api: string;
  method: "GET" | "POST";
  as: WecomIdentity;
  query?: Record<string, string | number>;
  body?: object;
  /** What is needed of the answer; fields that it does not name are dropped. */
  schema: ZodType<T>;
  timeoutMs?: number;
  /** A part of a file is asked for. */
  range?: FileRange;
  /** Error codes that are an answer and no fault (84061 "not a customer"): thrown, but not in `health`. */
  expected?: readonly number[];
  /** The call uses something up (a sign-in code): never sent again when WeCom was busy. */
  isSingleUse?: boolean;
}

export interface WecomHealth {
  lastSuccessAtMs: number | null;
  lastFailure: {
    atMs: number;
    api: string;
    errcode: number | "unreachable";
    /** Our own address, when WeCom refuses it. */
    callerIp?: string | null;
  } | null;
}

/**
 * Every call to WeCom's HTTP interface. A refused token is renewed once and the call made once more;
 * "busy" is tried three times; anything else is thrown at once as `WecomError` (WeCom said no) or
 * `WecomUnreachableError` (nobody knows).
 */
export interface WecomClient {
  call<T>(request: WecomCall<T>): Promise<T>;
  health(): WecomHealth;
  /** By how much our clock is ahead of WeCom's, to the second; null before the first answer. */
  clockSkewMs(): number | null;
  /** Lets go of idle connections, for a graceful stop. */
  close(): void;
}

export interface WecomClientDeps {
  config: WecomConfig;
  tokens: SharedTokens;
  clock: Clock;
  log: Logger;
  /** First pause after "busy"; the second is twice as long. */
  backOffMs?: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** Three tries stay below the lease of a token's refresh. */
const TOKEN_TIMEOUT_MS = 6_000;
const MAX_TRIES = 3;

const tokenAnswer = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number() });

export function createWecomClient(deps: WecomClientDeps): WecomClient {
  const { config, tokens, clock, log, backOffMs = 250 } = deps;
  let clockSkewMs: number | null = null;
  const http = createWecomHttp(config.apiUrl, (serverMs) => {
    clockSkewMs = clock.now() - serverMs;
  });
  const health: WecomHealth = { lastSuccessAtMs: null, lastFailure: null };

  async function sendPatiently(
    request: WecomRequest,
    maxTries: number,
  ): Promise<Record<string, unknown>> {
    for (let tries = 1; ; tries += 1) {
      const answer = await http.send(request);
      if (errcodeOf(answer) !== BUSY || tries >= maxTries) return answer;
      await delay(backOffMs * 2 ** (tries - 1) * (0.5 + Math.random()));
    }
  }

  async function fetchToken(identity: WecomIdentity): Promise<FreshToken> {
    const request: WecomRequest = {
      api: "/gettoken",
      method: "GET",
      query: { corpid: config.corpId, corpsecret: secretOf(config, identity) },
      timeoutMs: TOKEN_TIMEOUT_MS,
    };
    const answer = readAnswer(request.api, await sendPatiently(request, MAX_TRIES), tokenAnswer);
    return { value: answer.access_token, lifetimeMs: answer.expires_in * 1000 };
  }

  async function exchange<T>(call: WecomCall<T>): Promise<T> {
    const name = `token:${call.as}` as const;
    const load = () => fetchToken(call.as);
    const send = (token: string) =>
      sendPatiently(
        {
          api: call.api,
          method: call.method,
          query: { ...call.query, access_token: token },
          body: call.body,
          timeoutMs: call.timeoutMs ?? DEFAULT_TIMEOUT_MS,
          range: call.range,
        },
        call.isSingleUse ? 1 : MAX_TRIES,
      );
    const token = await tokens.get(name, load);
    let answer = await send(token);
    if (isTokenRefusal(errcodeOf(answer))) {
      // WeCom looks at the token first, so whatever the call would use up is still there.
      answer = await send(await tokens.refreshAfter(name, token, load));
    }
    return readAnswer(call.api, answer, call.schema);
  }

  function noteFailure(error: unknown, call: WecomCall<unknown>): void {
    const api = isWecomFailure(error) ? error.api : call.api;
    const errcode = error instanceof WecomError ? error.errcode : "unreachable";
    if (error instanceof WecomNotConfiguredError) return;
    if (error instanceof WecomError && call.expected?.includes(error.errcode)) return;
    const callerIp = error instanceof WecomError ? error.callerIp : null;
    health.lastFailure = { atMs: clock.now(), api, errcode, callerIp };
    log.warn({ api, errcode, err: error }, "a call to WeCom failed");
  }

  return {
    async call(request) {
      try {
        const result = await exchange(request);
        health.lastSuccessAtMs = clock.now();
        return result;
      } catch (error) {
        noteFailure(error, request);
        throw error;
      }
    },
    health: () => ({ ...health }),
    clockSkewMs: () => clockSkewMs,
    close: () => http.close(),
  };
}

function isWecomFailure(error: unknown): error is WecomError | WecomUnreachableError {
  return error instanceof WecomError || error instanceof WecomUnreachableError;
}

/** A few interfaces leave `errcode` out when all is well. */
function errcodeOf(answer: Record<string, unknown>): number {
  return Number(answer["errcode"] ?? 0);
}

function readAnswer<T>(api: string, answer: Record<string, unknown>, schema: ZodType<T>): T {
  const errcode = errcodeOf(answer);
  if (errcode !== 0) throw new WecomError(errcode, api, answer["errmsg"]);
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const fields = [...new Set(parsed.error.issues.map((issue) => issue.path.join(".")))];
  throw new WecomUnreachableError(api, "unexpected_answer", fields.slice(0, 5).join(", "));
}

function secretOf(config: WecomConfig, identity: WecomIdentity): string {
  if (identity === "app") return config.appSecret.reveal();
  const [secret, setting] =
    identity === "archive"
      ? [config.archiveSecret, "WECOM_ARCHIVE_SECRET"]
      : [config.contactsSecret, "WECOM_CONTACTS_SECRET"];
  if (!secret) throw new WecomNotConfiguredError(setting);
  return secret.reveal();
}
