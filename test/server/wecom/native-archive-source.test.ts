import { createNativeArchiveSource } from "../../../server/src/wecom/native-archive-source.ts";
import type { ArchiveSource, MediaChunk } from "../../../server/src/wecom/archive-source.ts";
import { SdkError, SdkHostError } from "../../../server/src/wecom/sdk-error.ts";
import type { DecryptOutcome } from "../../../server/src/wecom/sdk-host.ts";
import { silentLog } from "./fake-wecom.ts";

const item = (seq: number) => ({
  seq,
  msgid: `m${seq}`,
  publickey_ver: 1,
  encrypt_random_key: "a2V5",
  encrypt_chat_msg: "text",
});
const bodyOf = (seqs: number[]) => JSON.stringify({ errcode: 0, chatdata: seqs.map(item) });
const refusal = (errcode: number) => JSON.stringify({ errcode, errmsg: "no" });

/** A source over a host that gives these bodies (or errors) one after the other, the last one again and again. */
function play(...bodies: (string | Error)[]) {
  const calls: string[] = [];
  const clock = { nowMs: 0, now: () => clock.nowMs };
  const outcomes: DecryptOutcome[] = [];
  /** What files' chunks are answered with. */
  const media: (MediaChunk | Error)[] = [];
  const source: ArchiveSource = createNativeArchiveSource({
    clock,
    log: silentLog,
    mediaHost: {
      getMedia() {
        calls.push("media");
        const answer = media.shift()!;
        return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
      },
      restart() {
        calls.push("restart media");
        return Promise.resolve();
      },
    },
    host: {
      getChatData(afterSeq, limit) {
        calls.push(`${afterSeq}/${limit}`);
        const body = bodies.length > 1 ? bodies.shift()! : bodies[0]!;
        return body instanceof Error ? Promise.reject(body) : Promise.resolve(body);
      },
      restart() {
        calls.push("restart");
        return Promise.resolve();
      },
      decrypt: () => Promise.resolve(outcomes),
    },
  });
  return { source, calls, clock, outcomes, media };
}

describe("a page through the library", () => {
  it("comes in the order of its seqs", async () => {
    const { source, calls } = play(bodyOf([8, 6, 7]));
    expect((await source.pull(5, 1000)).map(({ seq }) => seq)).toEqual([6, 7, 8]);
    expect(calls).toEqual(["5/1000"]);
  });

  it.each(['{"errcode":0}', '{"errcode":0,"chatdata":[]}', '{"errcode":0,"chatdata":null}'])(
    "may be empty: %s",
    async (body) => {
      expect(await play(body).source.pull(0, 10)).toEqual([]);
    },
  );

  it.each([
    [refusal(301052), { errcode: 301052, api: "/message/getchatdata", isRetryable: false }],
    [refusal(45009), { errcode: 45009, isRetryable: true }],
    ["<html>", { reason: "not_json", isRetryable: true }],
    ["", { reason: "not_json" }],
    ["[]", { reason: "not_json" }],
    [new SdkError(10001, "GetChatData"), { reason: "network", api: "/message/getchatdata" }],
    [new SdkError(10003, "GetChatData"), { code: 10003 }],
    [new SdkHostError("crashed", "SIGABRT"), { trouble: "crashed", isRetryable: true }],
  ])("fails with the error of its own kind: %s", async (body, error) => {
    const { source, calls } = play(body);
    await expect(source.pull(0, 10)).rejects.toMatchObject(error);
    expect(calls).toEqual(["0/10"]);
  });

  it.each([
    [-1, 10],
    [0.5, 10],
    [2 ** 60, 10],
    [0, 0],
    [0, 1001],
  ])("is not asked for: seq %p, limit %p", async (seq, limit) => {
    const { source, calls } = play(bodyOf([]));
    await expect(source.pull(seq, limit)).rejects.toThrow();
    expect(calls).toEqual([]);
  });

  it("that is too large is asked for in smaller ones", async () => {
    const { source, calls } = play(refusal(301058), refusal(301058), bodyOf([1]));
    expect(await source.pull(0, 1000)).toHaveLength(1);
    expect(calls).toEqual(["0/1000", "0/500", "0/250"]);
  });

  it("of one item that is still too large is an error", async () => {
    const { source, calls } = play(refusal(301058));
    await expect(source.pull(0, 3)).rejects.toMatchObject({ errcode: 301058 });
    expect(calls).toEqual(["0/3", "0/1"]);
  });
});

describe("a token that is refused", () => {
  it.each([40014, 42001, 41001])("(%i) is renewed by a restart", async (errcode) => {
    const { source, calls } = play(refusal(errcode), bodyOf([1]));
    expect(await source.pull(0, 10)).toHaveLength(1);
    expect(calls).toEqual(["0/10", "restart", "0/10"]);
  });

  it("again is not asked for before a while, and longer each time: WeCom bans who insists", async () => {
    const { source, calls, clock } = play(refusal(41001));
    const pull = () => expect(source.pull(0, 10)).rejects.toMatchObject({ errcode: 41001 });
    const triesAt: number[] = [];
    for (let second = 0; second <= 3600; second += 15) {
      clock.nowMs = second * 1000;
      const before = calls.length;
      await pull();
      if (calls.length > before) triesAt.push(second / 60);
    }
    expect(triesAt).toEqual([0, 1, 3, 7, 15, 25, 35, 45, 55]);
  });

  it("and then taken ends the pause", async () => {
    const { source, calls, clock } = play(
      refusal(41001),
      refusal(41001),
      bodyOf([]),
      refusal(41001),
      bodyOf([]),
    );
    await expect(source.pull(0, 10)).rejects.toMatchObject({ errcode: 41001 });
    clock.nowMs += 60_000;
    await source.pull(0, 10);
    await source.pull(0, 10);
    expect(calls.filter((call) => call === "restart")).toHaveLength(2);
  });
});

it("what the library made of a message has a reason by name", async () => {
  const { source, outcomes } = play(bodyOf([]));
  const answered = (code: number, plain: Buffer | string = ""): DecryptOutcome => ({
    is: "answered",
    code,
    plain: Buffer.from(plain),
  });
  outcomes.push(
    answered(0, '{"msgid":"1"}'),
    answered(0, "garbage"),
    answered(0, Buffer.from([0xff, 0xfe])),
    answered(10008),
    answered(10005),
    answered(10006),
    answered(-1),
    { is: "fatal" },
  );
  expect(await source.openSealed!([])).toEqual([
    { isOpen: true, text: '{"msgid":"1"}' },
    // Whether it is a message is seen when it is read.
    { isOpen: true, text: "garbage" },
    { isOpen: false, reason: "bad_ciphertext" },
    { isOpen: false, reason: "bad_random_key" },
    { isOpen: false, reason: "bad_random_key" },
    { isOpen: false, reason: "bad_ciphertext" },
    { isOpen: false, reason: "bad_ciphertext" },
    { isOpen: false, reason: "host_crashed" },
  ]);
});

describe("a file through the library", () => {
  const chunk: MediaChunk = { data: Buffer.from("x"), nextIndex: "", isLast: true };
  const unreadable = () => new SdkError(10002, "GetMediaData");

  it("comes from a process of its own", async () => {
    const { source, calls, media } = play();
    media.push(chunk);
    expect(await source.fetchMedia("id", "")).toBe(chunk);
    expect(calls).toEqual(["media"]);
  });

  it("is asked for again with a new token, once a minute at most", async () => {
    const { source, calls, clock, media } = play();
    media.push(unreadable(), chunk, unreadable(), unreadable(), chunk);
    expect(await source.fetchMedia("id", "")).toBe(chunk);
    expect(calls.splice(0)).toEqual(["media", "restart media", "media"]);
    await expect(source.fetchMedia("id", "")).rejects.toMatchObject({ code: 10002 });
    expect(calls.splice(0)).toEqual(["media"]);
    clock.nowMs += 60_000;
    expect(await source.fetchMedia("id", "")).toBe(chunk);
    expect(calls).toEqual(["media", "restart media", "media"]);
  });
});
