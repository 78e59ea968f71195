import { pino } from "pino";
import { createHttpArchiveSource } from "../../../server/src/wecom/http-archive-source.ts";
import { plainClient, silentLog, startFakeWecom } from "./fake-wecom.ts";
import type { FakeWecom } from "./fake-wecom.ts";

const wireItem = (seq: unknown) => ({
  seq,
  msgid: `m${String(seq)}`,
  publickey_ver: 2,
  encrypt_random_key: "a2V5",
  encrypt_chat_msg: "text",
});
const ourItem = (seq: number) => ({
  seq,
  msgId: `m${seq}`,
  keyVersion: 2,
  encryptedRandomKey: "a2V5",
  encryptedMessage: "text",
});

describe("the archive over HTTP", () => {
  let fake: FakeWecom;
  beforeEach(async () => {
    fake = await startFakeWecom();
  });
  afterEach(() => fake.close());
  const source = (log = silentLog) => createHttpArchiveSource(plainClient(fake), log);

  it("passes the last stored seq and gives the items in order", async () => {
    fake.on("/message/getchatdata", () => ({ errcode: 0, chatdata: [8, 6, 7].map(wireItem) }));
    expect(await source().pull(5, 1000)).toEqual([6, 7, 8].map(ourItem));
    expect(fake.requests[0]!.body).toMatchObject({ seq: 5, limit: 1000 });
    expect(fake.requests[0]!.method).toBe("POST");
  });

  it.each([{}, { chatdata: null }, { chatdata: [] }])(
    "nothing new is an empty page: %j",
    async (page) => {
      fake.on("/message/getchatdata", () => ({ errcode: 0, errmsg: "ok", ...page }));
      expect(await source().pull(0, 10)).toEqual([]);
    },
  );

  it("one odd item does not take the page with it", async () => {
    const lines: string[] = [];
    const log = pino({ level: "error" }, { write: (line: string) => void lines.push(line) });
    fake.on("/message/getchatdata", () => ({
      errcode: 0,
      chatdata: [
        wireItem(6),
        { seq: "7", publickey_ver: "x", encrypt_random_key: null },
        wireItem(8),
        { msgid: "canary" },
        null,
        "x",
        wireItem(-1),
        wireItem(2 ** 60),
      ],
    }));
    expect(await source(log).pull(5, 10)).toEqual([
      ourItem(6),
      { seq: 7, msgId: "seq-7", keyVersion: 0, encryptedRandomKey: "", encryptedMessage: "" },
      ourItem(8),
    ]);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ count: 5 });
    expect(lines[0]).not.toContain("canary");
  });

  it("renews a refused token once", async () => {
    fake.on("/message/getchatdata", ({ query }) =>
      query.get("access_token") === "T1"
        ? { errcode: 42001 }
        : { errcode: 0, chatdata: [wireItem(1)] },
    );
    expect(await source().pull(0, 10)).toEqual([ourItem(1)]);
    expect(fake.count("/message/getchatdata")).toBe(2);
  });

  it.each([
    [301052, false],
    [301042, false],
    [45009, true],
  ])("error %i is thrown, retryable: %p", async (errcode, isRetryable) => {
    fake.on("/message/getchatdata", () => ({ errcode }));
    await expect(source().pull(0, 10)).rejects.toMatchObject({ errcode, isRetryable });
  });

  it.each([
    [-1, 10],
    [0.5, 10],
    [2 ** 60, 10],
    [0, 0],
    [0, 1001],
  ])("does not ask for seq %p, limit %p", async (seq, limit) => {
    await expect(source().pull(seq, limit)).rejects.toThrow();
    expect(fake.requests).toHaveLength(0);
  });
});
