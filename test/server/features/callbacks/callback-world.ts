import { randomBytes } from "node:crypto";
import { Agent, createServer, request } from "node:http";
import type { IncomingHttpHeaders, RequestOptions, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Writable } from "node:stream";
import { pino } from "pino";
import { createApp } from "../../../../server/src/app.ts";
import { registerCallbackJobs } from "../../../../server/src/features/callbacks/callbacks.jobs.ts";
import type { CallbackHandlers } from "../../../../server/src/features/callbacks/callbacks.jobs.ts";
import { createCallbackRouter } from "../../../../server/src/features/callbacks/callbacks.routes.ts";
import { createHeldCallbacks } from "../../../../server/src/features/callbacks/held-callbacks.ts";
import { createInbox } from "../../../../server/src/features/callbacks/inbox.service.ts";
import type { Inbox } from "../../../../server/src/features/callbacks/inbox.service.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { createJobs } from "../../../../server/src/platform/jobs/jobs.ts";
import type { Jobs } from "../../../../server/src/platform/jobs/jobs.ts";
import { Secret } from "../../../../server/src/platform/secret.ts";
import { createVault } from "../../../../server/src/platform/vault/vault.ts";
import { encryptCallback, signCallback } from "../../../simulator/crypto/callback-crypto.ts";

export const corpId = "ww6a112864f8022910";
export const keys = {
  app: { token: "kz7Yx62CH8SaLN", encodingAesKey: "cD0d7jx4tYvVtzqrmh3Dm3QFCXe6f8SlHoMtMh3qQEP" },
  archive: {
    token: "kjr2TKI8umCBfVF3wAHk8JiPwma5VBme",
    encodingAesKey: "4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws",
  },
};
export type TestReceiver = keyof typeof keys;

export interface Answer {
  status: number;
  /** Without what differs from answer to answer by its nature: the date and the request's id. */
  headers: IncomingHttpHeaders;
  body: string;
}

export interface SignedRequest {
  path: string;
  body: string;
}

export interface CallbackWorld {
  inbox: Inbox;
  jobs: Jobs;
  /** Everything that was logged. */
  log: () => string;
  send: (
    method: "GET" | "POST",
    path: string,
    body?: string | Buffer,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
  port: number;
  close: () => Promise<void>;
}

const kek = { id: "0123456789abcdef", key: randomBytes(32) };

/** The callback endpoint on the real application, listening on a free port. */
export async function openCallbackWorld(
  database: Database,
  options: { handlers?: CallbackHandlers; clock?: { now(): number } } = {},
): Promise<CallbackWorld> {
  const lines: string[] = [];
  const log = pino(
    { level: "trace" },
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString("utf8"));
        done();
      },
    }),
  );
  const clock = options.clock ?? { now: () => Date.now() };
  const jobs = createJobs(database, log);
  const inbox = createInbox({ database, vault: createVault(database, kek, clock), jobs, clock });
  const receivers = Object.fromEntries(
    Object.entries(keys).map(([name, { token, encodingAesKey }]) => [
      name,
      { token: new Secret(token), encodingAesKey: new Secret(encodingAesKey) },
    ]),
  );
  const wecom = { corpId, receivers };
  const held = createHeldCallbacks({ database, clock, log, inbox, wecom });
  registerCallbackJobs({ inbox, held, jobs, handlers: options.handlers ?? {}, log });
  const router = createCallbackRouter({
    wecom,
    held,
    clock,
    log,
    bodyDeadlineMs: 300,
  });
  const app = createApp({ log, isHttps: true, routers: [router.routes()] });
  const handle = app.callback();
  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  const port = await listen(server);
  const agent = new Agent({ keepAlive: true });
  return {
    inbox,
    jobs,
    port,
    log: () => lines.join(""),
    send: (method, path, body, headers = {}) => send({ agent, port, method, path, headers }, body),
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function send(options: RequestOptions, body?: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: "127.0.0.1", ...options }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const kept = { ...incoming.headers };
        delete kept.date;
        delete kept["x-request-id"];
        resolve({
          status: incoming.statusCode ?? 0,
          headers: kept,
          body: Buffer.concat(chunks).toString("utf8"),
        });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

export interface SignChoices {
  receiver?: TestReceiver;
  receiveId?: string;
  timestamp?: string;
  nonce?: string;
}

/** A delivery as WeCom makes it; each call gives a new envelope around the same XML. */
export function sign(xml: string, choices: SignChoices = {}): SignedRequest {
  const receiver = choices.receiver ?? "app";
  const { token, encodingAesKey } = keys[receiver];
  const receiveId = choices.receiveId ?? corpId;
  const encrypted = encryptCallback({ encodingAesKey, receiveId }, xml);
  return {
    path: pathFor(token, receiver, encrypted, choices),
    body: `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`,
  };
}

/** The check of the address: what must come back is `text`. */
export function signEcho(text: string, receiver: TestReceiver = "app"): string {
  const { token, encodingAesKey } = keys[receiver];
  const encrypted = encryptCallback({ encodingAesKey, receiveId: corpId }, text);
  return `${pathFor(token, receiver, encrypted, {})}&echostr=${encodeURIComponent(encrypted)}`;
}

function pathFor(
  token: string,
  receiver: string,
  encrypted: string,
  { timestamp = "1760000000", nonce = randomBytes(5).toString("hex") }: SignChoices,
): string {
  const signature = signCallback(token, timestamp, nonce, encrypted);
  return `/callbacks/${receiver}?msg_signature=${signature}&timestamp=${timestamp}&nonce=${nonce}`;
}

export function buttonEvent(taskId: string, responseCode = "RC"): string {
  return (
    `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><FromUserName><![CDATA[ChenLi]]></FromUserName>` +
    `<CreateTime>1760000001</CreateTime><MsgType><![CDATA[event]]></MsgType>` +
    `<Event><![CDATA[template_card_event]]></Event><EventKey><![CDATA[handle]]></EventKey>` +
    `<TaskId><![CDATA[${taskId}]]></TaskId><CardType><![CDATA[button_interaction]]></CardType>` +
    `<ResponseCode><![CDATA[${responseCode}]]></ResponseCode><AgentID>1000002</AgentID></xml>`
  );
}
