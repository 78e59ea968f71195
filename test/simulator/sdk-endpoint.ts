import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { createSelfSigned } from "./crypto/self-signed.ts";

export interface SdkEndpoint {
  /** What a library is given as its proxy. */
  proxyUrl: string;
  close: () => Promise<void>;
}

export interface SdkEndpointOptions {
  twinUrl: string;
  /** 0 (default) takes any free port. */
  port?: number;
  /** `user:password` that the proxy asks for; by default it asks for none. */
  password?: string;
}

/** The address that WeCom's archive library has built in; it checks this name in the certificate, and not who signed. */
export const PLATFORM_HOST = "qyapi.weixin.qq.com";

const SDK_PATHS = new Set([
  "/cgi-bin/gettoken",
  "/cgi-bin/message/getchatdata",
  "/cgi-bin/message/getchatmediadata",
]);

/** Of one connection only; the twin's answer is passed on with all others, letter by letter. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding"]);

/**
 * A way to the twin for WeCom's real archive library, which knows no other address than the platform's: an HTTP
 * proxy on loopback that answers CONNECT itself, with TLS under a self-made certificate for the platform's name. The
 * three addresses of the library are passed on to the twin, everything else is refused.
 */
export async function startSdkEndpoint(options: SdkEndpointOptions): Promise<SdkEndpoint> {
  const handle = (incoming: IncomingMessage, response: ServerResponse): void => {
    passOn(options.twinUrl, incoming, response);
  };
  const platform = createTlsServer(createSelfSigned(PLATFORM_HOST), handle);
  // A client that does not like the certificate hangs up; that is its matter.
  platform.on("tlsClientError", () => undefined);

  const sockets = new Set<Socket>();
  // A library's double speaks plain HTTP and asks a proxy for the whole address.
  const proxy = createServer((incoming, response) => {
    if (isAllowed(options.password, incoming)) handle(incoming, response);
    else response.writeHead(407, { "Proxy-Authenticate": "Basic" }).end();
  });
  proxy.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
  });
  proxy.on("connect", (incoming: IncomingMessage, socket: Socket, early: Buffer) => {
    const refusal = refuseTunnel(options.password, incoming);
    if (refusal === null) {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      if (early.length > 0) socket.unshift(early);
      platform.emit("connection", socket);
    } else socket.end(`HTTP/1.1 ${refusal}\r\n\r\n`);
  });

  await new Promise<void>((resolve, reject) => {
    proxy.once("error", reject);
    proxy.listen(options.port ?? 0, "127.0.0.1", () => resolve());
  });
  return {
    proxyUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function refuseTunnel(password: string | undefined, incoming: IncomingMessage): string | null {
  if (!isAllowed(password, incoming)) return "407 Proxy Authentication Required";
  return incoming.url === `${PLATFORM_HOST}:443` ? null : "403 Forbidden";
}

function isAllowed(password: string | undefined, { headers }: IncomingMessage): boolean {
  if (password === undefined) return true;
  return headers["proxy-authorization"] === `Basic ${Buffer.from(password).toString("base64")}`;
}

function passOn(twinUrl: string, incoming: IncomingMessage, response: ServerResponse): void {
  const asked = new URL(incoming.url ?? "/", twinUrl);
  if (!SDK_PATHS.has(asked.pathname)) {
    response.writeHead(404).end();
    return;
  }
  const headers = { ...incoming.headers };
  // Of this side only: the twin has another name, and the password is the proxy's.
  delete headers.host;
  delete headers["proxy-authorization"];
  const url = new URL(`${asked.pathname}${asked.search}`, twinUrl);
  const outgoing = request(url, { method: incoming.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.rawHeaders));
    answer.pipe(response);
  });
  outgoing.on("error", () => response.destroy());
  incoming.pipe(outgoing);
}

/** Names and values in turns; the library looks for a header in capitals only. */
function endToEnd(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, index) => {
    const name = rawHeaders[index - (index % 2)] ?? "";
    return !HOP_BY_HOP.has(name.toLowerCase());
  });
}
