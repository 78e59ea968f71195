import { createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Script } from "node:vm";
import { injectBridge } from "./gateway.ts";
import { startFixture, type TwinFixture } from "./testing/twin-fixture.ts";

const PAGE = "<!doctype html><html><head lang=zh><title>侧边栏</title></head><body></body></html>";
const BRIDGE = '<script src="/__wecom_client__/bridge.js"></script>';
const IFRAME = { "sec-fetch-dest": "iframe" };

/** A product with a strict page, an echo and an event stream. */
let streamClosed: Promise<void>;
let product: Server;
let fixture: TwinFixture;
beforeEach(async () => {
  let noteClosed: () => void;
  streamClosed = new Promise((resolve) => (noteClosed = resolve));
  product = createServer((request, response) => {
    if (request.url === "/stream") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: first\n\n");
      response.on("close", () => noteClosed());
    } else if (request.url?.startsWith("/echo") === true) {
      response.setHeader("set-cookie", ["a=1; Path=/", "b=2; Path=/"]);
      const { method, url, headers } = request;
      void text(request).then((body) =>
        response.end(JSON.stringify({ method, url, headers, body })),
      );
    } else {
      response.writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        "x-frame-options": "DENY",
        "content-security-policy": "default-src 'self'; frame-ancestors 'none'; img-src data:",
        "content-length": Buffer.byteLength(PAGE),
        etag: '"1"',
        "x-encodings": request.headers["accept-encoding"] ?? "none",
      });
      response.end(request.method === "HEAD" ? undefined : PAGE);
    }
  });
  await new Promise<void>((resolve) => product.listen(0, "127.0.0.1", resolve));
  const appUrl = `http://127.0.0.1:${(product.address() as AddressInfo).port}`;
  fixture = await startFixture({ appUrl });
});
afterEach(async () => {
  await fixture.close();
  product.closeAllConnections();
  await new Promise((resolve) => product.close(resolve));
});

const open = (path: string, headers: Record<string, string> = {}) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    get(`${fixture.twin.gatewayUrl}${path}`, { headers }, resolve).on("error", reject);
  });

test("a page in a frame gets the bridge first and loses what forbids frames", async () => {
  const answer = await open("/sidebar/", { ...IFRAME, "accept-encoding": "gzip" });
  const page = await text(answer);
  expect(page).toBe(PAGE.replace("<head lang=zh>", `<head lang=zh>${BRIDGE}`));
  expect(answer.headers["content-length"]).toBe(String(Buffer.byteLength(page)));
  expect(answer.headers["content-security-policy"]).toBe("default-src 'self'; img-src data:");
  expect(answer.headers).not.toHaveProperty("x-frame-options");
  expect(answer.headers).not.toHaveProperty("etag");
  expect(answer.headers["x-encodings"]).toBe("none");
});

test("the same page in a window stays as it is", async () => {
  const answer = await open("/sidebar/", { "accept-encoding": "gzip" });
  expect(await text(answer)).toBe(PAGE);
  expect(answer.headers).toMatchObject({ "x-frame-options": "DENY", etag: '"1"' });
  expect(answer.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(answer.headers["x-encodings"]).toBe("gzip");
});

test("methods, bodies, cookies and the public host pass through", async () => {
  const answer = await fetch(`${fixture.twin.gatewayUrl}/echo?a=1&b=%E5%AD%97`, {
    method: "POST",
    body: "正文",
    headers: { cookie: "s=1", ...IFRAME },
  });
  expect(answer.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2; Path=/"]);
  expect(await answer.json()).toMatchObject({
    method: "POST",
    url: "/echo?a=1&b=%E5%AD%97",
    body: "正文",
    headers: {
      cookie: "s=1",
      host: new URL(fixture.twin.gatewayUrl).host,
      "x-forwarded-host": new URL(fixture.twin.gatewayUrl).host,
      "x-forwarded-for": "127.0.0.1",
    },
  });
  const head = await fetch(`${fixture.twin.gatewayUrl}/`, { method: "HEAD", headers: IFRAME });
  expect(head.headers.get("content-length")).toBe(String(Buffer.byteLength(PAGE)));
});

test("a path cannot choose another host", async () => {
  const answer = await open("//127.0.0.1:1/echo");
  expect(answer.statusCode).toBe(200);
  answer.resume();
});

test("an event stream arrives event by event and ends with its reader", async () => {
  const answer = await open("/stream");
  const first = await new Promise<Buffer>((resolve) => answer.once("data", resolve));
  expect(first.toString()).toBe("data: first\n\n");
  answer.destroy();
  await streamClosed;
});

test("while the product is not there a Chinese page says so", async () => {
  product.closeAllConnections();
  product.close();
  const answer = await open("/");
  expect(answer.statusCode).toBe(502);
  expect(await text(answer)).toContain("应用正在启动");
});

test("serves the bridge script, which talks to the twin's pages only", async () => {
  const answer = await fetch(`${fixture.twin.gatewayUrl}/__wecom_client__/bridge.js`);
  expect(answer.headers.get("content-type")).toContain("text/javascript");
  const script = await answer.text();
  expect(script).toContain(JSON.stringify(fixture.twin.url));
  expect(() => new Script(script)).not.toThrow();
});

test("a page without a head gets the bridge after its doctype", () => {
  expect(injectBridge("<!doctype html><p>x")).toBe(`<!doctype html>${BRIDGE}<p>x`);
  expect(injectBridge("<header>x</header>")).toBe(`${BRIDGE}<header>x</header>`);
});
