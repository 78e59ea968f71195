import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import type { WecomConfig } from "../../../server/src/config.ts";
import type { SharedTokens } from "../../../server/src/wecom/access-tokens.ts";
import { createWecomClient } from "../../../server/src/wecom/wecom-client.ts";
import type { WecomClient } from "../../../server/src/wecom/wecom-client.ts";
import { Secret } from "../../../server/src/platform/secret.ts";

export interface FakeRequest {
  api: string;
  method: string;
  query: URLSearchParams;
  /** The body's bytes as text. */
  text: string;
  body: Record<string, unknown>;
}

/** An answer's JSON, or a text with its own status, or "hang" for none at all. */
export type FakeAnswer = object | { status: number; text: string } | "hang";

/** A few lines of HTTP in WeCom's place: the twin is tested elsewhere, here single answers count. */
export interface FakeWecom {
  url: string;
  requests: FakeRequest[];
  /** How often `api` was called. */
  count(api: string): number;
  on(api: string, answer: (request: FakeRequest) => FakeAnswer): void;
  close(): Promise<void>;
}

export async function startFakeWecom(): Promise<FakeWecom> {
  const answers = new Map<string, (request: FakeRequest) => FakeAnswer>();
  const requests: FakeRequest[] = [];
  const server = createServer((incoming, response) => {
    void readRequest(incoming).then((request) => {
      requests.push(request);
      const answer = answers.get(request.api)?.(request) ?? {
        errcode: 40066,
        errmsg: "no such api",
      };
      if (answer === "hang") return;
      const [status, text] =
        "status" in answer && "text" in answer
          ? [answer.status, answer.text]
          : [200, JSON.stringify(answer)];
      response.writeHead(status, { "Content-Type": "application/json" }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    count: (api) => requests.filter((request) => request.api === api).length,
    on: (api, answer) => answers.set(api, answer),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function readRequest(incoming: IncomingMessage): Promise<FakeRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = new URL(incoming.url ?? "/", "http://fake");
  const text = Buffer.concat(chunks).toString("utf8");
  return {
    api: url.pathname.replace(/^\/cgi-bin/, ""),
    method: incoming.method ?? "",
    query: url.searchParams,
    text,
    body: text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}

export function testConfig(apiUrl: string): WecomConfig {
  return {
    corpId: "ww6a112864f8022910",
    agentId: 1000002,
    appSecret: new Secret("app-secret"),
    archiveSecret: new Secret("archive-secret"),
    contactsSecret: null,
    receivers: {},
    archiveKeysDir: "keys",
    archiveSdk: null,
    apiUrl,
    oauthUrl: "https://open.weixin.qq.com",
    loginUrl: "https://login.work.weixin.qq.com",
  };
}

export const silentLog = pino({ level: "silent" });

/** Tokens without a database: "T1" always, "T2" after a refusal. */
export const plainTokens: SharedTokens = {
  get: () => Promise.resolve("T1"),
  refreshAfter: () => Promise.resolve("T2"),
};

/** A client whose tokens are always good, for tests of single calls. */
export function plainClient(fake: FakeWecom, tokens: SharedTokens = plainTokens): WecomClient {
  return createWecomClient({
    config: testConfig(fake.url),
    tokens,
    clock: { now: () => 1_700_000_000_000 },
    log: silentLog,
    backOffMs: 1,
  });
}
