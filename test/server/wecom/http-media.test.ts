import { createHttpMedia } from "../../../server/src/wecom/http-media.ts";
import { mediaFailureOf } from "../../../server/src/wecom/media-failure.ts";
import { readMediaTicket } from "../../../server/src/wecom/media-ticket.ts";
import { openMediaStore } from "../../simulator/media.ts";
import { formatSdkFileId } from "../../simulator/crypto/media-crypto.ts";
import { startFixture } from "../../simulator/testing/twin-fixture.ts";
import type { TwinFixture } from "../../simulator/testing/twin-fixture.ts";
import { describeNative } from "../../support/native.ts";
import { seededRandom } from "../../support/random.ts";
import { plainClient, startFakeWecom } from "./fake-wecom.ts";
import type { FakeWecom } from "./fake-wecom.ts";
import { openHost } from "./sdk-world.ts";

const CHUNK = 512 * 1024;
const random = seededRandom(3);
const ticket = { fileId: "*1*f", authKey: "a", aesKeyHex: "00112233445566778899aabbccddeeff" };

/** All chunks of a file, put together. */
async function fetchAll(
  fetchMedia: ReturnType<typeof createHttpMedia>,
  fileId: string,
): Promise<{ bytes: Buffer; sizes: number[]; indexes: string[] }> {
  const chunks: Buffer[] = [];
  const indexes = [""];
  for (;;) {
    const { data, nextIndex, isLast } = await fetchMedia(fileId, indexes.at(-1)!);
    chunks.push(data);
    if (isLast)
      return { bytes: Buffer.concat(chunks), sizes: chunks.map((c) => c.length), indexes };
    indexes.push(nextIndex);
  }
}

describe("a file's id", () => {
  it("tells what to ask for, and the key", () => {
    expect(readMediaTicket(formatSdkFileId(ticket))).toEqual({
      fileId: "*1*f",
      authKey: "a",
      key: Buffer.from(ticket.aesKeyHex, "hex"),
    });
  });

  it.each(["", "plain", "%3D", "AAAA", formatSdkFileId({ ...ticket, aesKeyHex: "xyz" })])(
    "may be none: %j",
    (fileId) => {
      expect(readMediaTicket(fileId)).toBeNull();
    },
  );
});

describe("a file of the twin", () => {
  let fixture: TwinFixture;
  let fake: FakeWecom;
  beforeAll(async () => {
    fixture = await startFixture();
    fake = { ...(await startFakeWecom()) };
  });
  afterAll(async () => {
    await fixture.close();
    await fake.close();
  });

  const add = (bytes: Buffer, atMs = Date.now()) =>
    openMediaStore(fixture.twin.world.store).add(bytes, atMs);
  const overHttp = async () => {
    const token = await fixture.token("archive");
    const tokens = {
      get: () => Promise.resolve(token),
      refreshAfter: () => Promise.resolve(token),
    };
    return createHttpMedia(plainClient({ ...fake, url: fixture.twin.url }, tokens));
  };

  it.each([0, 1, CHUNK - 16, CHUNK, 2 * CHUNK - 16, 2 * CHUNK, 2 * CHUNK + 1])(
    "of %d bytes comes whole over HTTP",
    async (size) => {
      const file = random.bytes(size);
      const { bytes, indexes } = await fetchAll(await overHttp(), add(file));
      expect(bytes.equals(file)).toBe(true);
      expect(indexes[1] ?? "").toMatch(/^$|^Range:bytes=524288-\d+$/);
    },
  );

  it("that is gone, or was never there, is told apart", async () => {
    const fetchMedia = await overHttp();
    const week = 7 * 24 * 3600_000;
    const gone = await fetchMedia(add(random.bytes(9), Date.now() - week), "").catch(
      (e: unknown) => e,
    );
    expect(mediaFailureOf(gone)).toBe("expired");
    const odd = await fetchMedia("plain", "").catch((e: unknown) => e);
    expect(mediaFailureOf(odd)).toBe("bad_id");
  });

  describeNative("through the library", () => {
    it("comes in the same chunks, under the same indexes", async () => {
      const host = openHost({
        apiUrl: fixture.twin.url,
        corpId: fixture.twin.world.corp.corpId,
        secret: fixture.twin.world.corp.secrets.archive,
      });
      const fetchMedia = await overHttp();
      for (const size of [0, 5, CHUNK, 2 * CHUNK + 100]) {
        const fileId = add(random.bytes(size));
        const native = await fetchAll((id, index) => host.getMedia(id, index), fileId);
        expect(native).toEqual(await fetchAll(fetchMedia, fileId));
      }
      await host.close();
    });
  });
});

describe("an answer that is no chunk", () => {
  let fake: FakeWecom;
  beforeEach(async () => {
    fake = await startFakeWecom();
  });
  afterEach(() => fake.close());

  // Our fake sends no range: a proxy that drops it must not make a part look like the whole.
  it.each(["", "AAAA"])("counts as none: %j", async (content) => {
    fake.on("/message/getchatmediadata", () => ({ errcode: 0, content }));
    const fetchMedia = createHttpMedia(plainClient(fake));
    const error = await fetchMedia(formatSdkFileId(ticket), "").catch((e: unknown) => e);
    expect(error).toMatchObject({ reason: "unexpected_answer" });
    expect(mediaFailureOf(error)).toBe("way");
  });
});
