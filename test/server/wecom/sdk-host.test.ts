import { writeFileSync } from "node:fs";
import { SdkError, SdkHostError } from "../../../server/src/wecom/sdk-error.ts";
import type { SdkHost } from "../../../server/src/wecom/sdk-host.ts";
import { sdkVectors } from "../../simulator/testing/sdk-vectors.ts";
import { eventually } from "../../support/eventually.ts";
import { describeNative } from "../../support/native.ts";
import { startFakeWecom } from "./fake-wecom.ts";
import type { FakeWecom } from "./fake-wecom.ts";
import { createProgramFolder, openHost, poison, seal, textsOf } from "./sdk-world.ts";
import type { HostOptions } from "./sdk-world.ts";

const programs = createProgramFolder();
const lines: string[] = [];
let hosts: SdkHost[] = [];
let wecom: FakeWecom;

beforeEach(async () => {
  wecom = await startFakeWecom();
  wecom.on("/gettoken", () => ({ errcode: 0, access_token: "T1", expires_in: 7200 }));
  wecom.on("/message/getchatdata", () => ({ errcode: 0, chatdata: [] }));
});
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.close()));
  hosts = [];
  await wecom.close();
});
afterAll(() => programs.remove());

function open(options: HostOptions = {}): SdkHost {
  const host = openHost({ apiUrl: wecom.url, onLog: (line) => void lines.push(line), ...options });
  hosts.push(host);
  return host;
}

/** A clock that stands still until it is moved. */
function createClock() {
  const clock = { nowMs: 1_760_000_000_000, now: () => clock.nowMs };
  return clock;
}

describeNative("the SDK host", () => {
  it("opens what a real library has opened, and says how it is", async () => {
    const host = open();
    expect(host.health()).toMatchObject({ isRunning: false, trouble: null, restarts: 0 });
    await host.start();
    const sealed = sdkVectors.map((one) => ({
      randomKey: one.key,
      encryptedMessage: one.message,
    }));
    expect(textsOf(await host.decrypt(sealed))).toEqual(sdkVectors.map(({ plain }) => plain));
    expect(host.health()).toMatchObject({
      isRunning: true,
      trouble: null,
      restarts: 0,
      lastCall: { name: "DecryptData" },
    });
    expect(host.health().library?.bytes).toBeGreaterThan(1000);
  });

  it("keeps the order of messages and calls however many are asked for at once", async () => {
    const host = open();
    const batches = Array.from({ length: 50 }, (_, batch) =>
      Array.from({ length: 20 }, (_item, index) => `${batch}/${index} ${"文".repeat(batch * 9)}`),
    );
    const [body, ...opened] = await Promise.all([
      host.getChatData(0, 10),
      ...batches.map(async (texts) => textsOf(await host.decrypt(texts.map(seal)))),
    ]);
    expect(JSON.parse(body)).toEqual({ errcode: 0, chatdata: [] });
    expect(opened).toEqual(batches);
    expect(await host.decrypt([])).toEqual([]);
  });

  it("gives codes of the library as errors", async () => {
    const host = open({ apiUrl: "http://127.0.0.1:1" });
    await expect(host.getChatData(0, 10)).rejects.toEqual(new SdkError(10001, "GetChatData"));
    await expect(host.getMedia("plain", "")).rejects.toMatchObject({ code: 10005 });
    await expect(host.getMedia("", "")).rejects.toMatchObject({ code: -1 });
    expect(host.health()).toMatchObject({ isRunning: true, restarts: 0 });
  });

  it("killed in the middle, loses no message and gives each once", async () => {
    const { program, pids } = programs.noting();
    const host = open({ program });
    await host.start();
    const texts = Array.from({ length: 3000 }, (_, index) => `message ${index} ${"x".repeat(500)}`);
    const opening = host.decrypt(texts.map(seal));
    process.kill(pids()[0]!, "SIGKILL");
    expect(textsOf(await opening)).toEqual(texts);
    expect(host.health()).toMatchObject({ isRunning: true, restarts: 1 });
    expect(host.health().trouble?.error).toEqual(new SdkHostError("crashed", "SIGKILL"));

    // While nobody asks it anything.
    process.kill(pids()[1]!, "SIGKILL");
    await eventually(
      () => host.health().isRunning,
      (isRunning) => !isRunning,
    );
    expect(textsOf(await host.decrypt([seal("message again")]))).toEqual(["message again"]);
    expect(pids()).toHaveLength(3);
  });

  it("a message that kills it is named, and takes no other with it", async () => {
    const host = open();
    const good = (index: number) => seal(`good ${index}`);
    const outcomes = await host.decrypt([
      good(0),
      poison(),
      good(1),
      poison(),
      poison(),
      good(2),
      poison(),
    ]);
    expect(textsOf(outcomes)).toEqual([
      "good 0",
      "fatal",
      "good 1",
      "fatal",
      "fatal",
      "good 2",
      "fatal",
    ]);
    expect(host.health()).toMatchObject({ isRunning: false, restarts: 7 });
    expect(host.health().trouble?.error.detail).toBe("SIGABRT");
  });

  it("that dies of an answer fails the call, waits a moment and starts again", async () => {
    const clock = createClock();
    const host = open({ clock });
    wecom.on("/gettoken", () => ({ status: 200, text: "<html>sign in</html>" }));
    const error = new SdkHostError("crashed", "SIGABRT");
    await expect(host.getChatData(0, 10)).rejects.toEqual(error);
    // No second try within the pause, but messages that are here are opened.
    await expect(host.getChatData(0, 10)).rejects.toEqual(error);
    expect(wecom.count("/gettoken")).toBe(1);
    expect(textsOf(await host.decrypt([seal("still here")]))).toEqual(["still here"]);

    clock.nowMs += 250;
    await expect(host.getChatData(0, 10)).rejects.toEqual(error);
    clock.nowMs += 250;
    await expect(host.getChatData(0, 10)).rejects.toEqual(error);
    expect(wecom.count("/gettoken")).toBe(2);

    wecom.on("/gettoken", () => ({ errcode: 0, access_token: "T1", expires_in: 7200 }));
    clock.nowMs += 30_000;
    expect(JSON.parse(await host.getChatData(0, 10))).toMatchObject({ errcode: 0 });
  });

  it("gets a new token by a restart", async () => {
    const host = open();
    await host.getChatData(0, 10);
    await host.restart();
    await host.getChatData(0, 10);
    expect(wecom.count("/gettoken")).toBe(2);
    expect(host.health()).toMatchObject({ restarts: 1, trouble: null });
  });

  it("stops while a call hangs", async () => {
    wecom.on("/message/getchatdata", () => "hang");
    const host = open({ timeoutSeconds: 60 });
    const hanging = host.getChatData(0, 10);
    const waiting = host.getChatData(0, 10);
    hanging.catch(() => undefined);
    waiting.catch(() => undefined);
    await eventually(
      () => wecom.count("/message/getchatdata"),
      (count) => count === 1,
    );
    host.endNetworkCalls();
    await expect(hanging).rejects.toBeInstanceOf(SdkHostError);
    await expect(waiting).rejects.toMatchObject({ trouble: "stopped" });
    // The page that is here already is still opened.
    expect(textsOf(await host.decrypt([seal("a last one")]))).toEqual(["a last one"]);
    await host.close();
    await expect(host.decrypt([seal("too late")])).rejects.toMatchObject({ trouble: "stopped" });
    expect(host.health().isRunning).toBe(false);
  });
});

describeNative("an SDK host that cannot work", () => {
  it("has no program", async () => {
    const host = open({ program: programs.path("nothing") });
    await host.start();
    expect(host.health()).toMatchObject({ isRunning: false, restarts: 0 });
    await expect(host.decrypt([seal("x")])).rejects.toEqual(
      new SdkHostError("no_program", "ENOENT"),
    );
  });

  it("has no library, or something else in its place", async () => {
    const missing = open({ library: programs.path("missing.so") });
    await missing.start();
    expect(missing.health()).toMatchObject({ library: null });
    expect(missing.health().trouble?.error.trouble).toBe("not_loaded");

    writeFileSync(programs.path("text.so"), "no library");
    writeFileSync(programs.path("version.txt"), "20250205\r\n");
    const wrong = open({ library: programs.path("text.so") });
    await expect(wrong.getChatData(0, 10)).rejects.toMatchObject({ trouble: "not_loaded" });
    expect(wrong.health().library).toEqual({ bytes: 10, version: "20250205" });
  });

  it("does not start again and again", async () => {
    const clock = createClock();
    const host = open({ clock, library: programs.path("missing.so") });
    const starts = () => host.health().restarts + 1;
    for (let call = 0; call < 5; call += 1) {
      await expect(host.decrypt([seal("x")])).rejects.toMatchObject({ trouble: "not_loaded" });
    }
    expect(starts()).toBe(1);
    // 250 ms, 500 ms, 1 s …, at most 30 s.
    for (const [pauseMs, expected] of [
      [250, 2],
      [250, 2],
      [250, 3],
      [1000, 4],
      [30_000, 5],
    ] as const) {
      clock.nowMs += pauseMs;
      await host.start();
      expect(starts()).toBe(expected);
    }
  });

  const ready = `answer(0); onRequest((command) => `;

  it.each([
    [
      "dies in its self-test",
      "answer(0); onRequest((c) => c === 'I' ? answer(0) : process.exit(9));",
      "crashed",
      "exit 9",
    ],
    ["refuses the corp", `${ready} answer(10000));`, "unusable", "Init: 10000"],
    [
      "makes another text of the vector",
      `${ready} answer(0, command === 'I' ? '' : 'other'));`,
      "unusable",
      "self-test: another text",
    ],
    [
      "cannot open the vector",
      `${ready} answer(command === 'I' ? 0 : 10006));`,
      "unusable",
      "self-test: 10006",
    ],
    [
      "speaks no frames",
      "process.stdout.write('hello world, this is no frame'); setInterval(() => 0, 1000);",
      "crashed",
      "SIGKILL",
    ],
  ])("%s", async (_what, main, trouble, detail) => {
    const host = open({ program: programs.playing(main) });
    await expect(host.decrypt([seal("x")])).rejects.toEqual(
      new SdkHostError(trouble as "crashed", detail),
    );
    expect(host.health().isRunning).toBe(false);
  });

  it("hangs longer than the library's own time-outs and is ended", async () => {
    const opened = JSON.stringify(sdkVectors[0].plain);
    const program = programs.playing(
      `answer(0); onRequest((c) => c === 'I' ? answer(0) : c === 'D' ? answer(0, ${opened}) : 0);`,
    );
    const host = open({ program, timeoutSeconds: 0 });
    await expect(host.getChatData(0, 10)).rejects.toEqual(new SdkHostError("timeout", "SIGKILL"));
  });
});

afterAll(() => {
  // Neither the secret nor anything that was said, in all that the tests above have logged.
  expect(lines.join("\n")).not.toMatch(/archive-secret|good \d|message \d|still here/);
});
