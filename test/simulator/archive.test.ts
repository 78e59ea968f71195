import { createDecipheriv, createPrivateKey } from "node:crypto";
import { readFileSync, existsSync } from "node:fs";
import path from "node:path";
import type { WireItem } from "./archive.ts";
import type { PageFault } from "./page-faults.ts";
import { openArchiveItem } from "./testing/archive-reader.ts";
import { CUSTOMER, REFUSING_CUSTOMER, ROOM } from "./testing/small-company.ts";
import { startFixture, type TwinFixture } from "./testing/twin-fixture.ts";

interface Archived {
  msgtype: string;
  msgtime: number;
  text?: { content: string };
  file?: { sdkfileid: string; filesize: number };
}

const DAY_MS = 24 * 3_600_000;
const CHAT = `single:chenli:${CUSTOMER}`;
let nowMs = Date.now();
let fixture: TwinFixture;
beforeEach(async () => {
  nowMs = Date.now();
  fixture = await startFixture({ nowMs: () => nowMs });
});
afterEach(() => fixture.close());

const pull = async (seq: number, limit = 1000) => {
  const answer = await fixture.call("archive", "/message/getchatdata", { seq, limit });
  return answer["chatdata"] as WireItem[];
};
const keyFile = (version: number) => path.join(fixture.folder, "keys", `${version}.pem`);
const open = (item: WireItem): Archived => {
  const key = createPrivateKey(readFileSync(keyFile(item.publickey_ver), "utf8"));
  const json = openArchiveItem(key, item.encrypt_random_key, item.encrypt_chat_msg);
  return JSON.parse(json) as Archived;
};
const say = (text: string, fromId = "chenli") =>
  fixture.twin.sendMessage({ conversationId: CHAT, fromId, text });

test("history is served oldest first, without what is too old or was refused", async () => {
  const items = await pull(0);
  const messages = items.map(open);
  expect(messages.map((message) => message.text?.content ?? message.msgtype)).toEqual([
    "合作方案发你了",
    "您好，想了解一下理财",
    "您好，我是陈丽，很高兴为您服务",
    "欢迎阿秀",
    "file",
  ]);
  expect(messages.map(({ msgtime }) => msgtime)).toEqual(
    messages.map(({ msgtime }) => msgtime).sort((a, b) => a - b),
  );
  expect(fixture.twin.archiveItems().some(({ plain }) => plain.includes("别存我的聊天"))).toBe(
    false,
  );
  expect(messages[1]).toEqual({
    msgid: expect.stringMatching(/^\d+_\d{13}_external$/),
    action: "send",
    from: CUSTOMER,
    tolist: ["chenli"],
    roomid: "",
    msgtime: nowMs - 2 * 3_600_000 - 60_000,
    msgtype: "text",
    text: { content: "您好，想了解一下理财" },
  });
  expect(messages[3]).toMatchObject({
    from: "zhangwei",
    tolist: ["chenli", CUSTOMER],
    roomid: ROOM,
  });
});

test("a pull returns what comes after seq, whose numbers only grow; a second pull is identical", async () => {
  for (let i = 0; i < 60; i += 1) say(`第 ${i} 句`);
  const all = await pull(0);
  const seqs = all.map(({ seq }) => seq);
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  expect(await pull(0)).toEqual(all);
  const middle = all[10]!;
  expect(await pull(middle.seq, 5)).toEqual(all.slice(11, 16));
  expect(await pull(all.at(-1)!.seq)).toEqual([]);
  // Each item is sealed with lengths of its own.
  expect(new Set(all.map(({ encrypt_random_key }) => encrypt_random_key)).size).toBe(all.length);
});

test("every item opens to what was said", async () => {
  say("保本保息 😀 zero\u200bwidth");
  const items = await pull(0);
  const plain = new Map(fixture.twin.archiveItems().map((item) => [item.seq, item.plain]));
  for (const item of items) expect(open(item)).toEqual(JSON.parse(plain.get(item.seq)!));
  expect(open(items.at(-1)!).text?.content).toBe("保本保息 😀 zero\u200bwidth");
});

test("items end after five days", async () => {
  nowMs += 4.9 * DAY_MS;
  expect((await pull(0)).length).toBeGreaterThan(0);
  nowMs += 0.2 * DAY_MS;
  expect(await pull(0)).toEqual([]);
});

test("a recall is an item of its own, once", async () => {
  const { id } = say("说错了");
  const last = (await pull(0)).at(-1)!;
  fixture.twin.recall(id);
  fixture.twin.recall(id);
  const after = await pull(last.seq);
  expect(after.map(open)).toMatchObject([
    { action: "recall", msgtype: "revoke", from: "chenli", revoke: { pre_msgid: id } },
  ]);
});

test("a key that is withheld reaches the folder when it is delivered; old items keep their version", async () => {
  say("第一把钥匙");
  expect(fixture.twin.rotateArchiveKey({ deliver: false })).toBe(2);
  say("第二把钥匙");
  const [first, second] = (await pull(0)).slice(-2);
  expect([first!.publickey_ver, second!.publickey_ver]).toEqual([1, 2]);
  expect(existsSync(keyFile(2))).toBe(false);
  expect(fixture.twin.archiveState()).toMatchObject({ keyVersion: 2, deliveredKeyVersions: [1] });
  fixture.twin.deliverArchiveKeys();
  expect(readFileSync(keyFile(1), "utf8")).toContain("BEGIN RSA PRIVATE KEY");
  expect(readFileSync(keyFile(2), "utf8")).toContain("BEGIN PRIVATE KEY");
  expect(open(second!).text?.content).toBe("第二把钥匙");
});

test("broken items cannot be opened and do not stop what follows", async () => {
  fixture.twin.addCorruptItem("bad_random_key");
  fixture.twin.addCorruptItem("bad_body");
  fixture.twin.addCorruptItem("unknown_key");
  fixture.twin.setFaults({ corruptArchive: true });
  say("读不出来");
  fixture.twin.setFaults({ corruptArchive: false });
  say("又好了");
  const tail = (await pull(0)).slice(-5);
  for (const item of tail.slice(0, 4)) expect(() => open(item)).toThrow();
  expect(open(tail[4]!).text?.content).toBe("又好了");
  expect(
    fixture.twin
      .archiveItems()
      .slice(-5)
      .map(({ corrupt }) => corrupt),
  ).toEqual(["bad_random_key", "bad_body", "unknown_key", "bad_body", null]);
});

test("consent decides about single chats, and may come later", async () => {
  const conversationId = `single:chenli:${REFUSING_CUSTOMER}`;
  const before = fixture.twin.archiveState().messageCount;
  fixture.twin.sendMessage({ conversationId, fromId: REFUSING_CUSTOMER, text: "不同意" });
  expect(fixture.twin.archiveState().messageCount).toBe(before);
  await fixture.twin.changeExternalContact({
    changeType: "msg_audit_approved",
    memberId: "chenli",
    customerId: REFUSING_CUSTOMER,
  });
  fixture.twin.sendMessage({ conversationId, fromId: REFUSING_CUSTOMER, text: "同意了" });
  expect(open((await pull(0)).at(-1)!).text?.content).toBe("同意了");
});

test("talk between members has no external mark", async () => {
  fixture.twin.sendMessage({
    conversationId: "internal:chenli:zhangwei",
    fromId: "zhangwei",
    text: "下班前对一下",
  });
  expect(open((await pull(0)).at(-1)!)).toMatchObject({
    msgid: expect.stringMatching(/^\d+_\d{13}$/),
    from: "zhangwei",
    tolist: ["chenli"],
    roomid: "",
  });
});

test("only those who take part can speak", () => {
  expect(() => say("我不在这里", "sunhao")).toThrow("takes no part");
  expect(() =>
    fixture.twin.sendMessage({ conversationId: "single:x:y", fromId: "x", text: "?" }),
  ).toThrow("no conversation");
});

test("limits of a pull, and the form content type of the SDK", async () => {
  for (const limit of [0, 1001]) {
    expect(await fixture.call("archive", "/message/getchatdata", { seq: 0, limit })).toMatchObject({
      errcode: 40058,
    });
  }
  const token = await fixture.token("archive");
  const answer = await fetch(
    `${fixture.twin.url}/cgi-bin/message/getchatdata?access_token=${token}`,
    {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: '{"limit": 1, "seq": 0, "version": 1, "encrypt_sign": "67301173"}',
    },
  );
  expect(((await answer.json()) as { chatdata: unknown }).chatdata).toHaveLength(1);
});

test("a file of a message is served in ranges of its ciphertext", async () => {
  const { file } = (await pull(0)).map(open).find(({ msgtype }) => msgtype === "file")!;
  const ticket = Buffer.from(file!.sdkfileid, "base64");
  const fields: string[] = [];
  for (let at = 0; at < ticket.length; at += 2 + ticket[at + 1]!) {
    fields.push(ticket.toString("latin1", at + 2, at + 2 + ticket[at + 1]!));
  }
  const [fileid, authkey, aesKey] = fields;
  const fetchRange = async (range: string) => {
    const token = await fixture.token("archive");
    const url = `${fixture.twin.url}/cgi-bin/message/getchatmediadata?access_token=${token}`;
    const body = JSON.stringify({ fileid, authkey, version: 1 });
    const answer = await fetch(url, { method: "POST", body, headers: { range } });
    return {
      range: answer.headers.get("content-range"),
      ...((await answer.json()) as { content: string }),
    };
  };
  const first = await fetchRange("bytes=0-1023");
  const second = await fetchRange("bytes=1024-525311");
  expect([first.range, second.range]).toEqual(["BYTES 0-1023/1504", "BYTES 1024-1503/1504"]);
  const decipher = createDecipheriv("aes-128-ecb", Buffer.from(aesKey!, "hex"), null);
  const content = Buffer.concat([
    decipher.update(Buffer.from(first.content, "base64")),
    decipher.update(Buffer.from(second.content, "base64")),
    decipher.final(),
  ]);
  expect(content.length).toBe(file!.filesize);
  expect(content.toString()).toContain("产品说明.pdf\n产品说明.pdf");
  nowMs += 6 * DAY_MS;
  expect(await fetchRange("bytes=0-1023")).toMatchObject({ errcode: 301048 });
});

describe("a disturbed page", () => {
  const seqs = async (fault: PageFault | null, seq: number, limit?: number) => {
    fixture.twin.disturbPages(fault);
    return (await pull(seq, limit)).map((item) => item.seq);
  };

  test("is the same items twice, after some that came before", async () => {
    const [first, second, ...rest] = await seqs(null, 0);
    expect(await seqs("duplicated", second!)).toEqual([
      first,
      second,
      ...rest.flatMap((seq) => [seq, seq]),
    ]);
    expect(await seqs("duplicated", 0, 3)).toHaveLength(3);
  });

  test("is newest first, or half of it", async () => {
    const all = await seqs(null, 0);
    expect(await seqs("out_of_order", 0)).toEqual([...all].reverse());
    expect(await seqs("short", 0)).toEqual(all.slice(0, 3));
    expect(await seqs("short", all.at(-2)!)).toEqual(all.slice(-1));
  });

  test("names keys that do not fit, or ends in the middle", async () => {
    const sound = await pull(0);
    fixture.twin.disturbPages("wrong_key");
    expect(await pull(0)).toEqual(
      sound.map((item) => ({ ...item, publickey_ver: item.publickey_ver + 1 })),
    );
    fixture.twin.disturbPages("cut_off");
    await expect(pull(0)).rejects.toThrow("JSON");
    fixture.twin.disturbPages(null);
    expect(await pull(0)).toEqual(sound);
  });
});
