import { fork } from "node:child_process";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { createApp } from "../../server/src/app.ts";
import { createCallbackRouter } from "../../server/src/features/callbacks/callbacks.routes.ts";
import { InboxRow } from "../../server/src/features/callbacks/inbox.entity.ts";
import { createInbox } from "../../server/src/features/callbacks/inbox.service.ts";
import { systemClock } from "../../server/src/platform/clock.ts";
import type { Database } from "../../server/src/platform/database/database.ts";
import { Job } from "../../server/src/platform/jobs/job.entity.ts";
import { createJobs } from "../../server/src/platform/jobs/jobs.ts";
import { Secret } from "../../server/src/platform/secret.ts";
import { DataKey } from "../../server/src/platform/vault/data-key.entity.ts";
import { createVault } from "../../server/src/platform/vault/vault.ts";
import { encryptCallback, signCallback } from "../simulator/crypto/callback-crypto.ts";
import { onEachDatabase } from "./bench-database.ts";
import type { LoadOrder, LoadResult } from "./callback-load.ts";

const CONNECTIONS = 64;
const corpId = "wwbench";
const token = "benchToken";
const encodingAesKey = "cD0d7jx4tYvVtzqrmh3Dm3QFCXe6f8SlHoMtMh3qQEP";
const log = pino({ level: "silent" });

export interface CallbackFigure {
  database: string;
  requestsPerSecond: number;
  echoPerSecond: number;
  ratio: number;
}

/**
 * Callbacks a second, each verified, decrypted and durably stored with its job before it is acknowledged, over
 * what a bare node:http server that only echoes the same bodies does.
 */
export async function benchCallbacks(requests = 10_000): Promise<CallbackFigure[]> {
  const figures: CallbackFigure[] = [];
  process.stdout.write(`Callbacks, ${requests} requests over ${CONNECTIONS} connections\n`);
  await onEachDatabase([InboxRow, Job, DataKey], async ({ name, database }) => {
    const echo = await load(echoListener, makeRequests(requests));
    const listener = callbackListener(database);
    await load(listener, makeRequests(1000));
    const found = await load(listener, makeRequests(requests));
    const stored = await database.read.count(InboxRow);
    if (found.succeeded !== requests || stored !== requests + 1000) {
      throw new Error(`${found.succeeded} acknowledged, ${stored} stored`);
    }
    const requestsPerSecond = requests / found.seconds;
    const echoPerSecond = requests / echo.seconds;
    const ratio = requestsPerSecond / echoPerSecond;
    figures.push({ database: name, requestsPerSecond, echoPerSecond, ratio });
    process.stdout.write(
      `  ${name}: ${Math.round(requestsPerSecond)} callbacks/s ÷ ${Math.round(echoPerSecond)} bare echoes/s = ${ratio.toFixed(2)} (p50 ${found.p50.toFixed(0)} ms, p99 ${found.p99.toFixed(0)} ms)\n`,
    );
  });
  return figures;
}

function callbackListener(database: Database): RequestListener {
  const vault = createVault(database, { id: "bench", key: randomBytes(32) }, systemClock);
  const jobs = createJobs(database, log);
  const inbox = createInbox({ database, vault, jobs, clock: systemClock });
  const receivers = {
    app: { token: new Secret(token), encodingAesKey: new Secret(encodingAesKey) },
  };
  const wecom = { corpId, receivers };
  const router = createCallbackRouter({ wecom, held: inbox, clock: systemClock, log });
  const handle = createApp({ log, isHttps: true, routers: [router.routes()] }).callback();
  return (request, response) => void handle(request, response);
}

const echoListener: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => response.end(Buffer.concat(chunks)));
};

function makeRequests(count: number): LoadOrder["requests"] {
  return Array.from({ length: count }, () => {
    const task = randomBytes(8).toString("hex");
    const xml =
      `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><FromUserName><![CDATA[chenli]]></FromUserName>` +
      `<CreateTime>1760000001</CreateTime><MsgType><![CDATA[event]]></MsgType>` +
      `<Event><![CDATA[template_card_event]]></Event><EventKey><![CDATA[handle]]></EventKey>` +
      `<TaskId><![CDATA[${task}]]></TaskId><CardType><![CDATA[button_interaction]]></CardType>` +
      `<ResponseCode><![CDATA[${task}]]></ResponseCode><AgentID>1000002</AgentID></xml>`;
    const encrypted = encryptCallback({ encodingAesKey, receiveId: corpId }, xml);
    const signature = signCallback(token, "1760000001", task, encrypted);
    return {
      path: `/callbacks/app?msg_signature=${signature}&timestamp=1760000001&nonce=${task}`,
      body: `<xml><ToUserName><![CDATA[${corpId}]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt><AgentID>1000002</AgentID></xml>`,
    };
  });
}

/** Serves with `listener` while a second process calls. */
async function load(
  listener: RequestListener,
  requests: LoadOrder["requests"],
): Promise<LoadResult> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const child = fork(fileURLToPath(new URL("./callback-load.js", import.meta.url)));
  const { port } = server.address() as AddressInfo;
  child.send({ port, connections: CONNECTIONS, requests } satisfies LoadOrder);
  const died = once(child, "exit").then(([code]) => {
    throw new Error(`the calling process ended with ${String(code)} before it had measured`);
  });
  const [result] = (await Promise.race([once(child, "message"), died])) as [LoadResult];
  died.catch(() => undefined);
  child.disconnect();
  server.closeAllConnections();
  server.close();
  return result;
}
