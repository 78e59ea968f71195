import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { text as readText } from "node:stream/consumers";
import { checkServerIdentity, connect as connectTls } from "node:tls";
import { PLATFORM_HOST, startSdkEndpoint, type SdkEndpoint } from "./sdk-endpoint.ts";
import { startBareWecom, type BareWecom } from "./testing/bare-wecom.ts";

const PASSWORD = "user:pass";
let wecom: BareWecom;
let endpoint: SdkEndpoint;

beforeEach(async () => {
  wecom = await startBareWecom();
  endpoint = await startSdkEndpoint({ twinUrl: wecom.url, password: PASSWORD });
});
afterEach(async () => {
  await endpoint.close();
  await wecom.close();
});

/** What the proxy says to a CONNECT, and the tunnel when it says yes. */
function connect(target: string, password = PASSWORD): Promise<{ status: number; socket: Socket }> {
  return new Promise((resolve, reject) => {
    const asked = request(endpoint.proxyUrl, {
      method: "CONNECT",
      path: target,
      headers: { "Proxy-Authorization": `Basic ${Buffer.from(password).toString("base64")}` },
    });
    asked.once("connect", (answer: IncomingMessage, socket: Socket) =>
      resolve({ status: answer.statusCode ?? 0, socket }),
    );
    asked.once("error", reject);
    asked.end();
  });
}

/** One request through a tunnel, without a look at who signed the certificate, as the library makes it. */
async function post(path: string): Promise<{ answer: IncomingMessage; text: string }> {
  const { socket } = await connect(`${PLATFORM_HOST}:443`);
  const tunnel = connectTls({ socket, servername: PLATFORM_HOST, rejectUnauthorized: false });
  await once(tunnel, "secureConnect");
  // The name is checked.
  expect(checkServerIdentity(PLATFORM_HOST, tunnel.getPeerCertificate())).toBeUndefined();
  const asked = request({ createConnection: () => tunnel, method: "POST", path });
  asked.end("{}");
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return { answer, text: await readText(answer) };
}

test("the platform's three addresses lead to the twin, header by header", async () => {
  wecom.on("getchatmediadata", () => ({
    headers: { "CONTENT-RANGE": "BYTES 0-15/64" },
    body: '{"errcode":0}',
  }));
  const { answer, text } = await post("/cgi-bin/message/getchatmediadata?access_token=T1");
  expect([answer.statusCode, text]).toEqual([200, '{"errcode":0}']);
  expect(answer.rawHeaders).toContain("CONTENT-RANGE");
  expect(wecom.requests[0]).toMatchObject({
    url: "/cgi-bin/message/getchatmediadata?access_token=T1",
    body: "{}",
  });
  expect(wecom.requests[0]!.headers["proxy-authorization"]).toBeUndefined();
});

test("nothing else is passed on", async () => {
  expect((await post("/cgi-bin/user/get")).answer.statusCode).toBe(404);
  expect((await connect("example.com:443")).status).toBe(403);
  expect((await connect(`${PLATFORM_HOST}:443`, "user:wrong")).status).toBe(407);
  const plain = request(`${endpoint.proxyUrl}/cgi-bin/gettoken`).end();
  expect(((await once(plain, "response")) as [IncomingMessage])[0].statusCode).toBe(407);
  expect(wecom.requests).toHaveLength(0);
});
