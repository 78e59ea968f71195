import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LostMediaList } from "#shared/contract/health";
import type { MessagePage, MessageView, ReadingView } from "#shared/contract/reading";
import type { MessageContent } from "../../../simulator/archive-message.ts";
import { drawPicture } from "../../../simulator/samples/picture.ts";
import { filmVideo } from "../../../simulator/samples/video.ts";
import { hum } from "../../../simulator/samples/voice.ts";
import { PARTNER } from "../../../simulator/testing/small-company.ts";
import { extendAll } from "../../../support/extend-all.ts";
import { CHAT, countRows, healthLine, settle, twoTeams } from "../../../support/main-job-world.ts";
import { describeNative, doubleLibrary } from "../../../support/native.ts";
import { seededRandom } from "../../../support/random.ts";
import { startCompany } from "../../../support/running-company.ts";
import type { CompanyOptions, RunningCompany } from "../../../support/running-company.ts";
import { startS3Fake } from "../../../support/s3-fake.ts";
import type { S3Fake } from "../../../support/s3-fake.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { signIn } from "../../../support/web-client.ts";
import type { WebClient } from "../../../support/web-client.ts";

const random = seededRandom(11);

/** A company at work in whose chats files are sent; 张伟 leads 陈丽, and 林晓燕 does not. */
interface Office extends RunningCompany {
  manager: WebClient;
  /** Sends it, and resolves with how the manager sees it once all is done. */
  send(content: MessageContent, in_?: string): Promise<MessageView>;
  /** The file's address for somebody who gave a reason to read that conversation. */
  addressOf(view: MessageView, client?: WebClient, conversationId?: string): Promise<string>;
}

async function openOffice(options: Partial<CompanyOptions>): Promise<Office> {
  const company = await startCompany({ company: twoTeams(), notifyIntervalMs: 20, ...options });
  await settle(company);
  const manager = await signIn(company.twin, "zhangwei");
  await extendAll(company.product.database, "zhangwei", Date.now());
  const ids = await company.product.database.read.query<{ id: string; customer_id: string }[]>(
    "SELECT id, customer_id FROM conversation",
  );
  const own = ids.find(({ id }) => id === `s:chenli:${CHAT.split(":")[2]!}`)!.id;
  const read = async (client: WebClient, conversationId: string): Promise<string> => {
    const purpose = "客户投诉，核实承诺内容";
    const request = { conversationId, purpose };
    return (await client.post<ReadingView>("/api/manager/readings", request)).body.id;
  };
  return {
    ...company,
    manager,
    async send(content, in_ = CHAT) {
      company.twin.sendMessage({ conversationId: in_, fromId: "chenli", text: "", content });
      await settle(company);
      const reading = await read(manager, in_ === CHAT ? own : `s:chenli:${PARTNER}`);
      const path = `/api/manager/readings/${reading}/messages`;
      return (await manager.get<MessagePage>(path)).body.messages.at(-1)!;
    },
    async addressOf({ parts }, client = manager, conversationId = own) {
      return `/api/manager/readings/${await read(client, conversationId)}/media/${parts.at(-1)!.media!.id}`;
    },
  };
}

const picture: MessageContent = { kind: "image", text: "[图片]", extra: { sample: 1 } };
const voice: MessageContent = { kind: "voice", text: "[语音]", extra: { sample: 1, seconds: 3 } };
const video: MessageContent = { kind: "video", text: "[视频]", extra: { sample: 1, seconds: 2 } };
const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

/** A file message with any name and content. */
const fileOf = (company: RunningCompany, filename: string, bytes: Buffer): MessageContent => {
  const sdkfileid = company.twin.world.media.add(bytes, Date.now());
  const file = { sdkfileid, filename, filesize: bytes.length, md5sum: "" };
  return { kind: "raw", text: "[文件]", extra: { msgtype: "file", file } };
};
const imageOf = (company: RunningCompany, bytes: Buffer): MessageContent => {
  const sdkfileid = company.twin.world.media.add(bytes, Date.now());
  const image = { sdkfileid, filesize: bytes.length, md5sum: "" };
  return { kind: "raw", text: "[图片]", extra: { msgtype: "image", image } };
};

forEachDatabase("files in the reader", (open) => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({ databaseUrl: open.url() });
  });
  afterAll(() => office.close());

  it("a picture is shown as what its bytes are", async () => {
    const view = await office.send(picture);
    expect(view).toMatchObject({
      kind: "image",
      text: "",
      parts: [{ kind: "image", depth: 0, media: { state: "stored", problem: null } }],
    });
    const answer = await office.manager.fetch(await office.addressOf(view));
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "image/png",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
      "cache-control": "no-store",
      "accept-ranges": "bytes",
    });
    expect(answer.headers.has("content-disposition")).toBe(false);
    expect((await bytesOf(answer)).equals(drawPicture(1))).toBe(true);
  });

  it("a voice comes as a sound that browsers play, or as it was for saving", async () => {
    const view = await office.send(voice);
    expect(view.parts).toMatchObject([{ kind: "voice", seconds: 3 }]);
    const address = await office.addressOf(view);
    const answer = await office.manager.fetch(address);
    expect(answer.headers.get("content-type")).toBe("audio/wav");
    const wav = await bytesOf(answer);
    // Three seconds of 8,000 samples of two bytes.
    expect([wav.toString("latin1", 0, 4), wav.length]).toEqual(["RIFF", 44 + 48_000]);
    expect(Math.max(...wav.subarray(10_000, 11_000))).toBeGreaterThan(0);
    const saved = await office.manager.fetch(`${address}?download=yes`);
    expect(saved.headers.get("content-disposition")).toMatch(/^attachment; filename="\d+-0\.amr"$/);
    expect((await bytesOf(saved)).equals(hum(3, 1))).toBe(true);
  });

  it("a video is served in ranges, each as a slice", async () => {
    const bytes = filmVideo(2, 1);
    const view = await office.send(video);
    const address = await office.addressOf(view);
    const size = bytes.length;
    for (let round = 0; round < 25; round += 1) {
      const from = random.int(0, size - 1);
      const to = random.int(from, size + 10);
      const answer = await office.manager.fetch(address, { range: `bytes=${from}-${to}` });
      const last = Math.min(to, size - 1);
      expect(answer.status).toBe(206);
      expect(answer.headers.get("content-range")).toBe(`bytes ${from}-${last}/${size}`);
      expect((await bytesOf(answer)).equals(bytes.subarray(from, last + 1))).toBe(true);
    }
    const open = await office.manager.fetch(address, { range: "bytes=100-" });
    expect((await bytesOf(open)).equals(bytes.subarray(100))).toBe(true);
    const end = await office.manager.fetch(address, { range: "bytes=-9" });
    expect((await bytesOf(end)).equals(bytes.subarray(-9))).toBe(true);
    const outside = await office.manager.fetch(address, { range: `bytes=${size}-` });
    expect([outside.status, outside.headers.get("content-range")]).toEqual([
      416,
      `bytes */${size}`,
    ]);
    for (const range of ["bytes=5-1", "bytes=0-1,5-9", "items=0-1", "bytes=-", "x"]) {
      const whole = await office.manager.fetch(address, { range });
      expect([whole.status, (await bytesOf(whole)).length]).toEqual([200, size]);
    }
  });

  const page = Buffer.from("<html><script>alert(document.cookie)</script></html>");
  const drawing = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
  it.each<[string, string, Buffer, string]>([
    ["a page", "发票.html", page, "发票.html"],
    ["a drawing with a script", "图.svg", drawing, "图.svg"],
    ["a picture in a document", "a.png", drawPicture(2), "a.png"],
    ["a path", "../../../etc/passwd", page, "_.._.._etc_passwd"],
    ["a Windows path", "C:\\Windows\\a.exe", page, "C__Windows_a.exe"],
    ["a name that reads backwards", "report\u202Efdp.exe", page, "reportfdp.exe"],
    ["header lines", 'a"\r\nSet-Cookie: x=1\r\n.txt', page, "a_Set-Cookie_ x=1.txt"],
    ["nothing but dots", "...", page, ""],
    ["a very long name", `${"长".repeat(300)}.pdf`, page, `${"长".repeat(116)}.pdf`],
  ])("a document is saved, never shown: %s", async (_name, given, bytes, expected) => {
    const view = await office.send(fileOf(office, given, bytes));
    const answer = await office.manager.fetch(await office.addressOf(view));
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/octet-stream",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; sandbox",
    });
    expect(answer.headers.has("set-cookie")).toBe(false);
    const disposition = answer.headers.get("content-disposition") ?? "";
    expect(disposition).toMatch(/^attachment; /);
    const encoded = /filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1];
    const plain =
      /filename="([^"]*)"/.exec(disposition)?.[1] ?? /filename=([^;]+)/.exec(disposition)?.[1];
    const name = encoded === undefined ? plain : decodeURIComponent(encoded);
    expect(name).toBe(expected === "" ? `${view.seq}-0.bin` : expected);
    expect((await bytesOf(answer)).equals(bytes)).toBe(true);
  });

  it.each([
    ["a page", page],
    ["a drawing", drawing],
    ["nothing", Buffer.alloc(0)],
    ["a program", Buffer.from("MZ\x90\x00")],
  ])("a picture that is none is not shown: %s", async (_name, bytes) => {
    const view = await office.send(imageOf(office, bytes));
    const answer = await office.manager.fetch(await office.addressOf(view));
    expect(answer.headers.get("content-type")).toBe("application/octet-stream");
    expect(answer.headers.get("content-disposition")).toMatch(/^attachment/);
    expect((await bytesOf(answer)).equals(bytes)).toBe(true);
  });

  it("a voice that is none, or far too long, is saved", async () => {
    for (const bytes of [Buffer.from("#!AMR\n"), Buffer.from("#!AMR\n\xff\xff"), hum(500, 0)]) {
      const sdkfileid = office.twin.world.media.add(bytes, Date.now());
      const extra = {
        msgtype: "voice",
        voice: { sdkfileid, md5sum: "", voice_size: bytes.length },
      };
      const view = await office.send({ kind: "raw", text: "[语音]", extra });
      const answer = await office.manager.fetch(await office.addressOf(view));
      expect(answer.headers.get("content-type")).toBe("application/octet-stream");
    }
  });

  it("files of mixed messages and forwarded chats are kept as well", async () => {
    const [one, two] = [drawPicture(3), drawPicture(4)];
    const item = (type: string, bytes: Buffer) => {
      const sdkfileid = office.twin.world.media.add(bytes, Date.now());
      const content = JSON.stringify({ sdkfileid, filesize: bytes.length, md5sum: "" });
      return { type, content };
    };
    const text = { type: "text", content: JSON.stringify({ content: "您看这两张" }) };
    const mixed = { item: [text, item("image", one), item("image", two)] };
    const extra = { msgtype: "mixed", mixed };
    const view = await office.send({ kind: "raw", text: "[图文]", extra });
    expect(view).toMatchObject({ kind: "mixed", text: "您看这两张" });
    expect(view.parts.map(({ kind, depth, start, end }) => [kind, depth, start, end])).toEqual([
      ["mixed", 0, 0, 0],
      ["text", 1, 0, 5],
      ["image", 1, 6, 6],
      ["image", 1, 6, 6],
    ]);
    expect(view.parts[2]!.media!.id).toBe(`${view.seq}-0`);
    const answer = await office.manager.fetch(await office.addressOf(view));
    expect((await bytesOf(answer)).equals(two)).toBe(true);
  });

  it("nobody gets a file without a reason of their own for its conversation", async () => {
    const view = await office.send(picture);
    const address = await office.addressOf(view);
    const [member, stranger, admin] = await Promise.all(
      ["chenli", "linxiaoyan", "liuyang"].map((id) => signIn(office.twin, id)),
    );
    expect((await fetch(`${office.twin.gatewayUrl}${address}`)).status).toBe(401);
    expect((await member!.get(address)).status).toBe(403);
    expect((await stranger!.get(address)).status).toBe(404);
    expect([403, 404]).toContain((await admin!.get(address)).status);
    const elsewhere = await office.addressOf(view, office.manager, `s:chenli:${PARTNER}`);
    expect((await office.manager.get(elsewhere)).status).toBe(404);
    const id = view.parts[0]!.media!.id;
    const made = (path: string) => office.manager.get(address.replace(id, path));
    expect((await made("999999-0")).status).toBe(404);
    for (const odd of ["1", "1-x", "..%2f1-0", "1-0-0", "%00"]) {
      expect((await made(odd)).status).toBe(400);
    }
    expect((await office.manager.get(`${address}?download=no`)).status).toBe(400);
  });

  it("what WeCom has deleted already is said to be so", async () => {
    const week = 7 * 24 * 3600_000;
    const sdkfileid = office.twin.world.media.add(drawPicture(1), Date.now() - week);
    const extra = { msgtype: "image", image: { sdkfileid, md5sum: "", filesize: 9 } };
    const view = await office.send({ kind: "raw", text: "[图片]", extra });
    expect(view.parts[0]!.media).toMatchObject({ state: "expired", sizeBytes: 9 });
    expect((await office.manager.get(await office.addressOf(view))).status).toBe(404);
    const admin = await signIn(office.twin, "liuyang");
    expect(await healthLine(admin, "media")).toMatchObject({
      status: "attention",
      detail: expect.stringMatching(
        /^已保存 \d+ 个，等待获取 0 个，已过期 1 个，.*没能取到 1 个。$/,
      ),
    });
  });

  it("what could not be had is listed for the operators, and asked for again when they say so", async () => {
    const admin = await signIn(office.twin, "liuyang");
    const path = "/api/admin/archive/lost-media";
    const list = async () => (await admin.get<LostMediaList>(path)).body;
    const before = await list();
    const week = 7 * 24 * 3600_000;
    const sdkfileid = office.twin.world.media.add(drawPicture(1), Date.now() - week);
    const extra = { msgtype: "image", image: { sdkfileid, md5sum: "", filesize: 9 } };
    const view = await office.send({ kind: "raw", text: "[图片]", extra });
    const { id } = view.parts[0]!.media!;
    const { total, items } = await list();
    expect(total).toBe(before.total + 1);
    expect(items[0]).toMatchObject({ id, seq: Number(id.split("-")[0]), reason: "expired" });
    const asked = await admin.post(`${path}/fetch`, {});
    expect(asked.body).toEqual({ queued: total });
    await settle(office);
    // WeCom still has not got it.
    expect(await list()).toEqual({ total, items });
  });

  it("keeps nothing readable of the files", async () => {
    const canary = Buffer.from("canary-in-a-file ".repeat(10));
    await office.send(fileOf(office, "canary-name.txt", canary));
    const folder = join(office.dataDir, "media");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) =>
      one.isFile(),
    );
    expect(files.length).toBe(await countRows(office, "media", "state = 'stored'"));
    for (const { parentPath, name } of files) {
      expect(readFileSync(join(parentPath, name)).includes("canary")).toBe(false);
      expect(name).not.toContain("canary");
    }
    const rows = await office.product.database.read.query<object[]>("SELECT * FROM media");
    expect(JSON.stringify(rows)).not.toContain("canary");
  });

  it("a file that somebody changed, or took away, is an error and not a wrong picture", async () => {
    const view = await office.send(picture);
    const address = await office.addressOf(view);
    const path = join(office.dataDir, "media", "000000", view.parts[0]!.media!.id);
    const bytes = readFileSync(path);
    bytes[100]! ^= 1;
    writeFileSync(path, bytes);
    expect((await office.manager.get(address)).status).toBe(500);
    rmSync(path);
    expect((await office.manager.get(address)).status).toBe(500);
  });
});

describe("files in an S3 store", () => {
  let fake: S3Fake;
  let office: Office;
  beforeAll(async () => {
    fake = await startS3Fake();
    office = await openOffice({
      settings: {
        MEDIA_S3_BUCKET: fake.bucket,
        MEDIA_S3_ENDPOINT: fake.url,
        MEDIA_S3_PATH_STYLE: "yes",
        MEDIA_S3_ACCESS_KEY_ID: "key-id",
        MEDIA_S3_SECRET_ACCESS_KEY: "key",
      },
    });
  });
  afterAll(async () => {
    await office.close();
    await fake.close();
  });

  it("come, are read in parts, and go", async () => {
    const view = await office.send(video);
    const id = view.parts[0]!.media!.id;
    const address = await office.addressOf(view);
    const range = await office.manager.fetch(address, { range: "bytes=70000-70009" });
    expect((await bytesOf(range)).equals(filmVideo(2, 1).subarray(70_000, 70_010))).toBe(true);
    expect(fake.objects.has(`000000/${id}`)).toBe(true);
    expect(readdirSync(join(office.dataDir, "media", "incoming"))).toEqual([]);
  });

  it("health says when the store is down", async () => {
    const admin = await signIn(office.twin, "liuyang");
    expect(await healthLine(admin, "media")).toMatchObject({ status: "ok", remedy: null });
    fake.failing = "HEAD";
    expect(await healthLine(admin, "media")).toMatchObject({
      status: "broken",
      remedy: expect.stringContaining("S3"),
    });
    fake.failing = null;
  });
});

describeNative("files through WeCom's library", () => {
  it("come over a process of their own", async () => {
    const office = await openOffice({ settings: { WECOM_ARCHIVE_SDK_LIB: doubleLibrary } });
    const big = random.bytes(1_300_000);
    const view = await office.send(fileOf(office, "方案.zip", big));
    const answer = await office.manager.fetch(await office.addressOf(view));
    expect((await bytesOf(answer)).equals(big)).toBe(true);
    await office.close();
  });
});
