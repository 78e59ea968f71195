import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { describeNative } from "../support/native.ts";
import { RETENTION_MS } from "./archive.ts";
import { encryptMedia } from "./crypto/media-crypto.ts";
import { sealChat } from "./crypto/archive-crypto.ts";
import { startBareWecom, type BareWecom } from "./testing/bare-wecom.ts";
import { driveSdk, type DriverRoute, type SdkDriver } from "./testing/sdk-driver.ts";
import { mediaVector, sdkVectors } from "./testing/sdk-vectors.ts";
import { CUSTOMER } from "./testing/small-company.ts";
import { startFixture } from "./testing/twin-fixture.ts";

const [{ key, message, plain }] = sdkVectors;
let wecom: BareWecom;
let drivers: SdkDriver[] = [];

beforeEach(async () => {
  wecom = await startBareWecom();
});
afterEach(async () => {
  for (const driver of drivers) driver.kill();
  await Promise.all(drivers.map(({ ended }) => ended));
  // Nothing but frames, whatever happened: what is written beside them could be content.
  expect(drivers.map(({ stderr }) => stderr())).toEqual(drivers.map(() => ""));
  drivers = [];
  await wecom.close();
});

async function drive(env: Record<string, string> = {}): Promise<SdkDriver> {
  const driver = await driveSdk({ WECOM_API_URL: wecom.url, ...env });
  expect(driver.hello).toEqual({ code: 0, text: "" });
  drivers.push(driver);
  return driver;
}

async function driveReady(env: Record<string, string> = {}): Promise<SdkDriver> {
  const driver = await drive(env);
  expect(await driver.init()).toEqual({ code: 0, text: "" });
  return driver;
}

describeNative("the library's double decrypts", () => {
  it("what a real library has opened", async () => {
    const driver = await drive();
    const answers = await driver.decrypt(sdkVectors.map((one) => [one.key, one.message]));
    expect(answers).toEqual(sdkVectors.map((one) => ({ code: 0, text: one.plain })));
  });

  it("any length behind any lengths", async () => {
    const driver = await drive();
    const texts = [0, 1, 15, 16, 17, 2_000, 97_000].map((length) => "中".repeat(length / 3) + "x");
    const sealed = texts.map((text, index) =>
      sealChat(text, {
        bodyKey: randomBytes(24).toString("base64"),
        infoKey: randomBytes(24).toString("base64"),
        infoIv: randomBytes(16),
        bodyIv: randomBytes(16),
        head: "h".repeat(13),
        before: "b".repeat(index),
        gap: "g".repeat(index + 1),
        tail: "t".repeat(2 * index),
      }),
    );
    const answers = await driver.decrypt(sealed.map((one) => [one.random, one.encryptChatMsg]));
    expect(answers).toEqual(texts.map((text) => ({ code: 0, text })));
  });

  const flip = (text: string, at: number) =>
    text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);

  it.each([
    ["a key of another message", sdkVectors[1].key, message, 10008],
    ["a key of the wrong size", "AAECAw==", message, -1],
    ["a key that is no base64", key.replace("A", "%"), message, -1],
    ["no key", "", message, -1],
    ["a message below 46 characters", key, message.slice(0, 45), -1],
    ["a message that ends before its body", key, message.slice(0, 46), 10005],
    ["a body that is cut", key, message.slice(0, 300), 10006],
    ["a text with a 0 in it", key, `${message.slice(0, 100)}\0${message.slice(101)}`, -1],
  ])("not: %s", async (_what, oneKey, oneMessage, code) => {
    const driver = await drive();
    const [wrong, good] = await driver.decrypt([
      [oneKey, oneMessage],
      [key, message],
    ]);
    expect([wrong!.code, good!.text]).toEqual([code, plain]);
  });

  it("garbage with code 0, since there is no checksum", async () => {
    const driver = await drive();
    const [answer] = await driver.decrypt([[key, flip(message, 150)]]);
    expect(answer!.code).toBe(0);
    expect(answer!.text).not.toBe(plain);
  });

  it("not a text whose lengths point past its end: it aborts, and what was answered before stays", async () => {
    const driver = await drive();
    const answers = await driver.decrypt([
      [key, message],
      [key, message.slice(0, 60)],
      [key, message],
    ]);
    expect(answers.map(({ code }) => code)).toEqual([0, null, null]);
    expect(await driver.ended).toBe("SIGABRT");
  });
});

describeNative("the library's double fetches chat data", () => {
  it("with the requests of the real one", async () => {
    wecom.on("getchatdata", () => '{"errcode":0,"chatdata":[]}');
    const driver = await driveReady();
    expect(await driver.getChatData(5n, 10)).toEqual({
      code: 0,
      text: '{"errcode":0,"chatdata":[]}',
    });
    const [token, page] = wecom.requests;
    expect(token!.url).toBe("/cgi-bin/gettoken?corpid=wwcorp&corpsecret=secret");
    expect(page).toMatchObject({
      url: "/cgi-bin/message/getchatdata?access_token=T1",
      httpVersion: "1.0",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(JSON.parse(page!.body)).toMatchObject({ seq: 5, limit: 10, version: 1 });
  });

  it.each([
    [500, "<h1>oops</h1>"],
    [404, ""],
    [302, "moved"],
    [200, '{"errcode":301052}'],
  ])("passes HTTP %i through with code 0: %j", async (status, body) => {
    wecom.on("getchatdata", () => ({ status, body }));
    const driver = await driveReady();
    expect(await driver.getChatData(0n, 1)).toEqual({ code: 0, text: body });
  });

  it("keeps its token until its time is over, even when it is refused", async () => {
    wecom.on("getchatdata", () => '{"errcode":42001}');
    const driver = await driveReady();
    for (let call = 0; call < 3; call += 1) await driver.getChatData(0n, 1);
    expect(wecom.count("gettoken")).toBe(1);
    await driver.init();
    await driver.getChatData(0n, 1);
    expect(wecom.count("gettoken")).toBe(2);

    wecom.on("gettoken", () => '{"errcode":0,"access_token":"T2","expires_in":0}');
    await driver.init();
    await driver.getChatData(0n, 1);
    await driver.getChatData(0n, 1);
    expect(wecom.count("gettoken")).toBe(4);
  });

  it("goes on without a token when gettoken says no", async () => {
    wecom.on("gettoken", () => '{"errcode":40001,"errmsg":"invalid credential"}');
    wecom.on("getchatdata", () => '{"errcode":41001}');
    const driver = await driveReady();
    expect(await driver.getChatData(0n, 1)).toEqual({ code: 0, text: '{"errcode":41001}' });
    expect(wecom.requests.at(-1)!.url).toMatch(/access_token=$/);
  });

  it.each(["<html>sign in to the network</html>", "", "[1]", '{"errcode":0'])(
    "dies of a gettoken that is no JSON: %j",
    async (body) => {
      wecom.on("gettoken", () => body);
      const driver = await driveReady();
      expect((await driver.getChatData(0n, 1)).code).toBeNull();
      expect(await driver.ended).toBe("SIGABRT");
    },
  );

  it("tells nobody there and nobody answers alike", async () => {
    const nobody = await driveReady({ WECOM_API_URL: "http://127.0.0.1:1" });
    expect((await nobody.getChatData(0n, 1)).code).toBe(10001);

    wecom.on("getchatdata", () => null);
    const driver = await driveReady();
    const startedAtMs = performance.now();
    expect((await driver.getChatData(0n, 1, { seconds: 1 })).code).toBe(10001);
    expect(performance.now() - startedAtMs).toBeGreaterThanOrEqual(990);
  });

  it("through a proxy, with its password", async () => {
    wecom.on("getchatdata", () => "{}");
    const driver = await driveReady({ WECOM_API_URL: "http://wecom.invalid" });
    const route: DriverRoute = { proxy: wecom.url, password: "user:pass" };
    expect((await driver.getChatData(0n, 1, route)).code).toBe(0);
    expect(wecom.requests[1]).toMatchObject({
      url: "http://wecom.invalid/cgi-bin/message/getchatdata?access_token=T1",
      headers: { "proxy-authorization": `Basic ${Buffer.from("user:pass").toString("base64")}` },
    });
  });
});

describeNative("the library's double fetches files", () => {
  const range = (from: number, to: number, total: number) => ({
    "CONTENT-RANGE": `BYTES ${from}-${to}/${total}`,
  });

  it("as the real one does", async () => {
    wecom.on("getchatmediadata", () => `{"errcode":0,"content":"${mediaVector.content}"}`);
    const driver = await driveReady();
    const answer = await driver.getMedia("", mediaVector.fileId);
    expect({ ...answer, data: answer.data.toString() }).toEqual({
      code: 0,
      isLast: true,
      nextIndex: "",
      data: mediaVector.plain,
    });
    const asked = wecom.requests.at(-1)!;
    expect(asked.headers.range).toBe("bytes=0-524287");
    expect(JSON.parse(asked.body)).toEqual({
      fileid: "*1*FILEID0001",
      authkey: "AUTHKEY",
      version: 1,
    });
  });

  it("chunk by chunk", async () => {
    const content = randomBytes(32);
    const ciphertext = encryptMedia("00112233445566778899aabbccddeeff", content);
    wecom.on("getchatmediadata", ({ headers }) => {
      const [from, to] = /(\d+)-(\d+)/
        .exec(headers.range ?? "")!
        .slice(1)
        .map(Number);
      const end = Math.min(to!, from! + 31, ciphertext.length - 1);
      const part = ciphertext.subarray(from, end + 1).toString("base64");
      return {
        headers: range(from!, end, ciphertext.length),
        body: `{"errcode":0,"content":"${part}"}`,
      };
    });
    const driver = await driveReady();
    const first = await driver.getMedia("", mediaVector.fileId);
    expect(first).toMatchObject({ isLast: false, nextIndex: "Range:bytes=32-47" });
    // A file of whole blocks: nothing but padding is left for its last chunk.
    const last = await driver.getMedia(first.nextIndex, mediaVector.fileId);
    expect(last).toMatchObject({ code: 0, isLast: true, nextIndex: "", data: Buffer.alloc(0) });
    expect(first.data).toEqual(content);
  });

  it("takes a chunk for the last when its header is in small letters", async () => {
    const part = encryptMedia("00112233445566778899aabbccddeeff", Buffer.from("0123456789"));
    wecom.on("getchatmediadata", () => ({
      headers: { "content-range": `bytes 0-15/64` },
      body: `{"errcode":0,"content":"${part.toString("base64")}"}`,
    }));
    const driver = await driveReady();
    expect(await driver.getMedia("", mediaVector.fileId)).toMatchObject({ code: 0, isLast: true });
  });

  it.each([
    ['{"errcode":301048}', 10010],
    ['{"errcode":301042}', 10009],
    ['{"errcode":42001}', 10002],
    ["<html>", 10002],
    ['{"errcode":0}', 10002],
    ['{"errcode":0,"content":"AAAA"}', 10006],
    [`{"errcode":0,"content":"${Buffer.alloc(16).toString("base64")}"}`, 10006],
  ])("answers %j with %i", async (body, code) => {
    wecom.on("getchatmediadata", () => body);
    const driver = await driveReady();
    expect((await driver.getMedia("", mediaVector.fileId)).code).toBe(code);
  });

  it.each([mediaVector.fileId.replace("==", "%3D%3D"), "plain", "Cg0qMSo=", "CgF4"])(
    "knows no file by %j",
    async (fileId) => {
      const driver = await driveReady();
      expect((await driver.getMedia("", fileId)).code).toBe(10005);
      expect(wecom.requests).toHaveLength(0);
    },
  );
});

describeNative("the host program", () => {
  it("lets no call through that could harm", async () => {
    const driver = await drive();
    expect((await driver.getChatData(0n, 1)).code).toBe(-1);
    expect((await driver.getMedia("", mediaVector.fileId)).code).toBe(-1);
    expect((await driver.init("", "secret")).code).toBe(-1);
    expect((await driver.init("corp", "")).code).toBe(-1);
    expect((await driver.init("corp", "sec\0ret")).code).toBe(-1);
    expect((await driver.init()).code).toBe(0);
    const refused = [
      await driver.getChatData(0n, 0),
      await driver.getChatData(0n, 1001),
      await driver.getChatData(2n ** 63n, 1),
      await driver.getChatData(0n, 1, { seconds: 0 }),
      await driver.getChatData(0n, 1, { seconds: 301 }),
      await driver.getChatData(0n, 1, { proxy: "http://a\0b" }),
      await driver.getMedia("", ""),
      await driver.getMedia("", "a\0b"),
    ];
    expect(refused.map(({ code }) => code)).toEqual(refused.map(() => -1));
    expect(wecom.requests).toHaveLength(0);
  });

  it.each([
    ["a frame of nothing", Buffer.from([0, 0, 0, 0])],
    ["a frame without end", Buffer.from([255, 255, 255, 255])],
    ["a command that it does not know", Buffer.from([1, 0, 0, 0, 90])],
    ["a text that is longer than its frame", Buffer.from([6, 0, 0, 0, 73, 9, 0, 0, 0, 0])],
    ["a text without its 0", Buffer.from([7, 0, 0, 0, 73, 1, 0, 0, 0, 65, 66])],
    ["more than it asked for", Buffer.from([6, 0, 0, 0, 68, 0, 0, 0, 0, 9])],
  ])("ends at %s", async (_what, bytes) => {
    const driver = await drive();
    driver.write(bytes);
    expect(await driver.ended).toBe(3);
  });

  it("ends in peace when the server hangs up, even within a frame", async () => {
    const driver = await driveReady();
    driver.write(Buffer.from([9, 0, 0, 0, 73]));
    driver.hangUp();
    expect(await driver.ended).toBe(0);
  });

  it("says why a library cannot be loaded", async () => {
    const missing = await driveSdk({}, "/nowhere/libWeWorkFinanceSdk_C.so");
    drivers.push(missing);
    expect(missing.hello.code).toBe(-2);
    expect(missing.hello.text).toContain("/nowhere/libWeWorkFinanceSdk_C.so");
    expect(await missing.ended).toBe(2);
  });

  it("aborts on demand", async () => {
    wecom.on("getchatdata", () => "{}");
    const driver = await driveReady({ FINANCE_SDK_DOUBLE_ABORT: "GetChatData:2" });
    expect((await driver.getChatData(0n, 1)).code).toBe(0);
    expect((await driver.getChatData(0n, 1)).code).toBeNull();
    expect(await driver.ended).toBe("SIGABRT");
  });

  const onLinux = process.platform === "linux" ? it : it.skip;
  onLinux("shows the secret neither in its arguments nor in its environment", async () => {
    const driver = await drive();
    await driver.init("wwcorp", "very-secret");
    const shown = ["cmdline", "environ"].map((name) =>
      readFileSync(`/proc/${driver.pid}/${name}`, "utf8"),
    );
    expect(shown.join()).not.toContain("very-secret");
  });
});

describeNative("the library's double and the twin", () => {
  it("agree on a page, and on files of every size", async () => {
    const fixture = await startFixture();
    try {
      const { corp, media } = fixture.twin.world;
      const driver = await drive({ WECOM_API_URL: fixture.twin.url });
      await driver.init(corp.corpId, corp.secrets.archive);
      fixture.twin.sendMessage({
        conversationId: `single:chenli:${CUSTOMER}`,
        fromId: "chenli",
        text: "您好",
      });
      const page = JSON.parse((await driver.getChatData(0n, 1000)).text) as {
        chatdata: { seq: number }[];
      };
      const oldestServedMs = Date.now() - RETENTION_MS;
      const served = fixture.twin.archiveItems().filter(({ atMs }) => atMs >= oldestServedMs);
      expect(page.chatdata.map(({ seq }) => seq)).toEqual(served.map(({ seq }) => seq));

      for (const size of [1, 524_272, 524_288, 1_048_560, 1_300_000]) {
        const content = randomBytes(size);
        const fileId = media.add(content, Date.now());
        const chunks: Buffer[] = [];
        for (let index = "", isLast = false; !isLast;) {
          const chunk = await driver.getMedia(index, fileId);
          expect(chunk.code).toBe(0);
          chunks.push(chunk.data);
          ({ nextIndex: index, isLast } = chunk);
        }
        expect(Buffer.concat(chunks).equals(content)).toBe(true);
        expect(chunks).toHaveLength(Math.ceil((size + 1) / 524_288));
      }
      expect((await driver.getMedia("", mediaVector.fileId)).code).toBe(10010);
    } finally {
      await fixture.close();
    }
  });
});
