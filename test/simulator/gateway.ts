import {
  createServer,
  request as sendRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { bridgeScript, CLIENT_USER_AGENT } from "./bridge-script.ts";

export const BRIDGE_PATH = "/__wecom_client__/bridge.js";

const BRIDGE_TAG = `<script src="${BRIDGE_PATH}"></script>`;
/** Named by the connection and not by the message: a proxy must not pass them on. */
const HOP_BY_HOP = ["connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"];
/** A page that went through an injection must not answer for one that did not, nor the other way round. */
const NOT_FOR_INJECTED = ["accept-encoding", "if-none-match", "if-modified-since"];
const MAX_PAGE_BYTES = 8 * 1024 * 1024;

export interface GatewayOptions {
  /** Where the product listens; null while it is not known. */
  appUrl: () => string | null;
  /** Origin of the twin's own pages, which hold the frame. */
  clientOrigin: () => string;
}

/**
 * The WeCom client's web view as a reverse proxy: everything passes through as it comes, and only a page
 * that is loaded into a frame gets the bridge and loses what forbids the frame (a real web view has none).
 */
export function createGateway(options: GatewayOptions): Server {
  return createServer((request, response) => {
    if (request.url?.split("?")[0] === BRIDGE_PATH) {
      response.writeHead(200, {
        "content-type": "text/javascript; charset=utf-8",
        "cache-control": "no-cache",
      });
      response.end(bridgeScript(options.clientOrigin()));
      return;
    }
    passOn(request, response, options.appUrl());
  });
}

function passOn(request: IncomingMessage, response: ServerResponse, appUrl: string | null): void {
  if (appUrl === null) {
    answerNotReady(response);
    return;
  }
  const isFrame = request.headers["sec-fetch-dest"] === "iframe";
  const { hostname, port } = new URL(appUrl);
  const { method, url: path } = request;
  // Host and path apart: a path such as `//elsewhere/` must not choose another host.
  const upstream = sendRequest(
    { hostname, port, path, method, headers: requestHeaders(request, isFrame) },
    (answer) => {
      if (isFrame && method !== "HEAD" && isPage(answer)) passPage(answer, response);
      else passAnswer(answer, response);
    },
  );
  upstream.on("error", () => {
    if (response.headersSent) response.destroy();
    else answerNotReady(response);
  });
  // A reader that leaves (an event stream that is closed) must not keep the product's end open.
  response.on("close", () => {
    if (!response.writableFinished) upstream.destroy();
  });
  request.pipe(upstream);
}

function requestHeaders(request: IncomingMessage, isFrame: boolean): IncomingHttpHeaders {
  const headers = without(request.headers, [...HOP_BY_HOP, ...(isFrame ? NOT_FOR_INJECTED : [])]);
  const client = request.socket.remoteAddress ?? "";
  const before = request.headers["x-forwarded-for"];
  const { host } = request.headers;
  return {
    ...headers,
    // The frame is the client's web view, and servers know it by this as much as scripts do.
    ...(isFrame ? { "user-agent": CLIENT_USER_AGENT } : {}),
    "x-forwarded-for": before === undefined ? client : `${before.toString()}, ${client}`,
    "x-forwarded-proto": "http",
    ...(host === undefined ? {} : { "x-forwarded-host": host }),
  };
}

function isPage(answer: IncomingMessage): boolean {
  return (
    (answer.headers["content-type"] ?? "").startsWith("text/html") &&
    (answer.headers["content-encoding"] ?? "identity") === "identity"
  );
}

function passAnswer(answer: IncomingMessage, response: ServerResponse): void {
  response.writeHead(answer.statusCode ?? 502, without(answer.headers, HOP_BY_HOP));
  // Headers of an event stream must arrive before its first event.
  response.flushHeaders();
  answer.on("error", () => response.destroy());
  answer.pipe(response);
}

function passPage(answer: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  let size = 0;
  answer.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_PAGE_BYTES) answer.destroy(new Error("The page is too large."));
    else chunks.push(chunk);
  });
  answer.on("error", () => response.destroy());
  answer.on("end", () => {
    const page = Buffer.from(injectBridge(Buffer.concat(chunks).toString("utf8")), "utf8");
    const headers = without(answer.headers, [
      ...HOP_BY_HOP,
      "transfer-encoding",
      "x-frame-options",
      "etag",
      "last-modified",
    ]);
    response.writeHead(answer.statusCode ?? 502, {
      ...allowFrames(headers),
      "content-length": page.length,
      "cache-control": "no-store",
    });
    response.end(page);
  });
}

/** Puts the bridge before everything else in `<head>`; a page without one gets it at its start. */
export function injectBridge(html: string): string {
  const head = /<head(?:\s[^>]*)?>/i.exec(html);
  if (head !== null) {
    const at = head.index + head[0].length;
    return html.slice(0, at) + BRIDGE_TAG + html.slice(at);
  }
  const doctype = /^\s*<!doctype[^>]*>/i.exec(html)?.[0] ?? "";
  return doctype + BRIDGE_TAG + html.slice(doctype.length);
}

function allowFrames(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const policy = headers["content-security-policy"]?.toString();
  if (policy === undefined) return headers;
  // Several headers of this name arrive joined by commas, each a policy of its own.
  const kept = policy
    .split(",")
    .map(withoutFrameAncestors)
    .filter((text) => text.trim() !== "");
  const others = without(headers, ["content-security-policy"]);
  return kept.length === 0 ? others : { ...others, "content-security-policy": kept.join(",") };
}

function withoutFrameAncestors(policy: string): string {
  const directives = policy.split(";");
  return directives.filter((text) => !/^\s*frame-ancestors(\s|$)/i.test(text)).join(";");
}

function without(headers: IncomingHttpHeaders, names: readonly string[]): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}

function answerNotReady(response: ServerResponse): void {
  const page = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta http-equiv="refresh" content="2"><title>应用正在启动</title></head>
<body><h1>应用正在启动</h1><p>产品还没有准备好，页面会自动重试。</p></body></html>`;
  response.writeHead(502, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "retry-after": "2",
  });
  response.end(page);
}
