import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import axios from "axios";
import { WecomUnreachableError } from "./wecom-error.ts";

export interface WecomRequest {
  /** Path below `/cgi-bin`, such as `/user/get`. */
  api: string;
  method: "GET" | "POST";
  query: Record<string, string | number>;
  body?: object | undefined;
  timeoutMs: number;
  /** Bytes of a file. */
  range?: FileRange | undefined;
}

export interface FileRange {
  /** Both ends included. */
  from: number;
  to: number;
  /** Told what came of how much; "" when the answer does not say. */
  onAnswer(contentRange: string): void;
}

/** One request, one JSON object; knows nothing of tokens or error codes. */
export interface WecomHttp {
  /** Throws `WecomUnreachableError`, never anything that carries the request. */
  send(request: WecomRequest): Promise<Record<string, unknown>>;
  close(): void;
}

/** WeCom blocks an interface that is called too often in parallel (45033). */
const MAX_SOCKETS = 20;
/** A page of 1,000 archived messages is about 2 MB; long ones make it several times that. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** `onServerTime` is told what an answer's Date header says, in epoch milliseconds to the second. */
export function createWecomHttp(
  baseUrl: string,
  onServerTime: (serverMs: number) => void = () => undefined,
): WecomHttp {
  const httpAgent = new HttpAgent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const httpsAgent = new HttpsAgent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const instance = axios.create({
    baseURL: `${baseUrl}/cgi-bin`,
    httpAgent,
    httpsAgent,
    maxRedirects: 0,
    maxContentLength: MAX_ANSWER_BYTES,
    maxBodyLength: 1024 * 1024,
    // Only config.ts reads the environment, so no proxy is picked up from there.
    proxy: false,
    responseType: "text",
    // Bytes go out and text comes in untouched: axios would otherwise guess at JSON on both ways.
    transformRequest: [(data: unknown) => data],
    transformResponse: [(data: unknown) => data],
    validateStatus: () => true,
  });

  async function exchange(request: WecomRequest): Promise<{ status: number; text: unknown }> {
    // A time for the whole exchange; axios' own timeout begins again with every byte.
    const signal = AbortSignal.timeout(request.timeoutMs);
    try {
      const answer = await instance.request<unknown>({
        url: request.api,
        method: request.method,
        params: request.query,
        signal,
        // JSON.stringify leaves Chinese as it is: some text fields refuse \u escapes (40033).
        ...(request.body && { data: Buffer.from(JSON.stringify(request.body), "utf8") }),
        headers: headersOf(request),
      });
      request.range?.onAnswer(String(answer.headers["content-range"] ?? ""));
      const serverMs = Date.parse(String(answer.headers["date"] ?? ""));
      if (!Number.isNaN(serverMs)) onServerTime(serverMs);
      return { status: answer.status, text: answer.data };
    } catch (error) {
      // The error holds the whole request with its token and secret, so only its code goes on.
      const code = axios.isAxiosError(error) ? (error.code ?? "") : "";
      throw new WecomUnreachableError(request.api, signal.aborted ? "timeout" : "network", code);
    }
  }

  return {
    async send(request) {
      const { status, text } = await exchange(request);
      if (status !== 200) {
        throw new WecomUnreachableError(request.api, "http_status", String(status));
      }
      const answer = typeof text === "string" ? parseObject(text) : null;
      if (!answer) throw new WecomUnreachableError(request.api, "not_json");
      return answer;
    },
    close() {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  };
}

function headersOf({ body, range }: WecomRequest): Record<string, string> {
  return {
    ...(body && { "Content-Type": "application/json; charset=utf-8" }),
    ...(range && { Range: `bytes=${range.from}-${range.to}` }),
  };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
