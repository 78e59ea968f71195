import {
  constants,
  createCipheriv,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import fc from "fast-check";
import {
  openItem,
  openMessage,
  removePkcs1Padding,
  unwrapItemKey,
  unwrapRandomKey,
} from "../../../server/src/wecom/archive-envelope.ts";
import type { ArchiveItem } from "../../../server/src/wecom/archive-source.ts";

/** Own values that a real build of WeCom's library opened to the same text. */
const vectors = [
  {
    randomKey:
      "AAECAwQFBgcICQoLDA0OD8ZWa/+JExArT9R2EpqSengSopysn5DZTRzH6S0AeF2HBpBLguHJG8HLu3qGaXPZJg==",
    message:
      "er/BH3M1XS0DREqV8ib8HDy88YtDtXbiufMdI8X2Y4rUmdJuPnBIKEBESExQVFhcYGRobpi99lSi0tcL21pffHB0eHyYSh1dtKWI324kxoxfUZH5jCaOUzp1vTsMy2OPjVaja8hiUA+EZDBWUMkpBfBmhMISM1P/cm7Q0Mdp2LkrDTKrbUVthZdNhuzFNYhe2bw2WYx3Hw1kB7VgViqfFO4pkcfE54Le9FJ0l5gfy/M+4ZKlh4Hytz4ApogfKUrmDkMAVhWP+YD9/NuGQsAktAbWZt9NXQWK1oyqhDamQsh9xf2rrWaA87BFIKmMrrEKPSHKr9nJwrzrJJ7bKcmMBIVJQeA==WQJEeNaj",
    text: '{"msgid":"10001_1700000000001_external","action":"send","from":"zhangsan","tolist":["wmAAA"],"roomid":"","msgtime":1700000000001,"msgtype":"text","text":{"content":"hello 世界"}}',
  },
  {
    randomKey:
      "AspLU2JVDXnlxkAafpStr1G4UDEmtcp1Uzww5e9AAQWZpjht4JmzY0FEmqVUcZy7o8Idl/ZLyHfeQHTQRi7ljA==",
    message:
      "erBlpGiZe285RgJpgCNBTQ6bo8ypAfXnZt9e4ug8gzFum6yG1sA0juffNHzOZ3oF63/yCIZHmyDgXIaIMedLDSx2nVBNQDYi9y77K/IJoJJBTp5V0go0JjOmCd9KGxa3pGrojbLTEjpr/Wde5mqokEkcdmaviBbfyIuoQjT0lvJccwweMEt0AHMw2hDgxs6/LToB5AyBeh93wFiRZE+L4BwOfE6WT3oAlJp2TvgRPJwvUykhegI912ZEgusjfZf4kTR67ck2jV9busdIqMMS8xwQNhvEmk5bMU2Ahk1don7s8jms2Vx1lFMnqkG6Q5RdMK+QvpENxgav9U/+ZxOxYBwbm/A==ZbkCMclT",
    text: '{"msgid":"10001_1700000000001_external","action":"send","from":"zhangsan","tolist":["wmAAA"],"roomid":"","msgtime":1700000000001,"msgtype":"text","text":{"content":"hello 世界"}}',
  },
  {
    randomKey:
      "iMrCddgnz9YD7W4wsAu9uBzK89/N75FtULgAQWdSfuVxZoSp1ojQYlNyNZoycNSQz+fBKCgMMGvHA0/Qcukt0A==",
    message:
      "2oOFmJwbbY6fRakieS4p6rwz5rktNRWihS7hyJPlJtG7AEI8zOBIZOEd1cjQcrKSUZZgiFNz7nzVf+fXMEsiDTKvUaxr3Z+aSIFyzHaR3ByRSCniwKPK9IsKB17BwUJ0/oH47QeOurIxNod+d0Mia515vCXQG4z6txV7eqle7imWLQpMQEX4U6TOLSSJ1qmm+FBg9qbjbjYGCOEPQ==CiBspsR",
    text: '{"msgid":"2_1700000000002","action":"switch","time":1700000000002,"user":"lisi"}',
  },
] as const;

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const keys = new Map([[3, privateKey]]);
const wrap = (data: Buffer | string) =>
  publicEncrypt(
    { key: publicKey, padding: constants.RSA_PKCS1_PADDING },
    Buffer.from(data),
  ).toString("base64");
const wrapBlock = (block: Buffer) =>
  publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block).toString("base64");
const item = (overrides: Partial<ArchiveItem> = {}): ArchiveItem => ({
  seq: 1,
  msgId: "m",
  keyVersion: 3,
  encryptedRandomKey: wrap(vectors[0].randomKey),
  encryptedMessage: vectors[0].message,
  ...overrides,
});

/** An envelope around any lengths and body, written for the tests from the description of the format. */
function seal(
  body: string,
  fields: Buffer,
  { before = "", gapText = "", after = "" } = {},
): { randomKey: string; message: string } {
  const infoKey = "k".repeat(32);
  const iv = Buffer.alloc(16, 1);
  const cipher = createCipheriv("aes-256-cbc", Buffer.from(infoKey), iv);
  const info = Buffer.concat([iv, cipher.update(fields), cipher.final()]);
  const gap = gapText.length;
  return {
    randomKey: info.toString("base64"),
    message:
      "h".repeat(13) + infoKey + before + body.slice(0, gap) + gapText + body.slice(gap) + after,
  };
}
const bodyKey = Buffer.alloc(32, "b");
function bodyOf(plain: Buffer): string {
  const iv = Buffer.alloc(16, 2);
  const cipher = createCipheriv("aes-256-cbc", bodyKey, iv);
  return Buffer.concat([iv, cipher.update(plain), cipher.final()]).toString("base64");
}
const field = (number: number, value: number) => Buffer.from([number << 3, value]);
const keyField = (key: Buffer) => Buffer.concat([Buffer.from([10, key.length]), key]);
const open = ({ randomKey, message }: { randomKey: string; message: string }) =>
  openMessage(randomKey, message);

describe("the inner envelope", () => {
  it.each(vectors)("opens the vectors of the real library %#", ({ randomKey, message, text }) => {
    expect(openMessage(randomKey, message)).toEqual({ isOpen: true, text });
  });

  it("opens any text behind any lengths", () => {
    const length = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        length,
        length,
        length,
        (text, before, gap, after) => {
          const body = bodyOf(Buffer.from(text));
          const size = Math.min(gap + 1, body.length);
          const fields = [keyField(bodyKey), field(2, before), field(3, after), field(4, size)];
          const sealed = seal(body, Buffer.concat(fields), {
            before: "p".repeat(before),
            gapText: "g".repeat(size),
            after: "e".repeat(after),
          });
          expect(open(sealed)).toEqual({ isOpen: true, text });
        },
      ),
    );
  });

  const gapped = { gapText: "gggg" };
  const body = bodyOf(Buffer.from('{"a":1}'));
  it("passes over fields that are not known", () => {
    const fields = [field(9, 1), keyField(bodyKey), Buffer.from([66, 1, 0]), field(4, 4)];
    expect(open(seal(body, Buffer.concat(fields), gapped))).toMatchObject({ isOpen: true });
  });

  const info = (...fields: Buffer[]) => Buffer.concat(fields);
  it.each([
    ["no gap", info(keyField(bodyKey)), "bad_random_key"],
    ["a gap of 0", info(keyField(bodyKey), field(4, 0)), "bad_random_key"],
    ["no key", info(field(4, 4)), "bad_random_key"],
    ["an empty key", info(keyField(Buffer.alloc(0)), field(4, 4)), "bad_random_key"],
    ["a key cut short", Buffer.from([10, 32, 1, 2]), "bad_random_key"],
    [
      "a negative length",
      info(keyField(bodyKey), Buffer.from([16, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1])),
      "bad_random_key",
    ],
    ["an open number", info(keyField(bodyKey), Buffer.from([32, 128])), "bad_random_key"],
    ["a kind of field that protobuf has not", Buffer.from([7]), "bad_random_key"],
    [
      "a start past the end",
      info(keyField(bodyKey), field(2, 127), Buffer.from([24, 127]), field(4, 4)),
      "bad_ciphertext",
    ],
    ["a gap past the end", info(keyField(bodyKey), field(4, 127)), "bad_ciphertext"],
    [
      "a tail of 2^31 - 1",
      info(keyField(bodyKey), Buffer.from([24, 255, 255, 255, 255, 7]), field(4, 4)),
      "bad_ciphertext",
    ],
    ["another key", info(keyField(Buffer.alloc(32, "c")), field(4, 4)), "bad_ciphertext"],
  ])("refuses lengths with %s", (_name, fields, reason) => {
    expect(open(seal(body, fields, gapped))).toEqual({ isOpen: false, reason });
  });

  it("refuses a body that is no UTF-8", () => {
    const sealed = seal(
      bodyOf(Buffer.from([0x22, 0xff, 0x22])),
      info(keyField(bodyKey), field(4, 4)),
      gapped,
    );
    expect(open(sealed)).toEqual({ isOpen: false, reason: "bad_ciphertext" });
  });

  it("takes a message cut anywhere as a failure, not as an exception", () => {
    const { randomKey, message } = vectors[0];
    for (let length = 0; length < message.length; length += 1) {
      expect(openMessage(randomKey, message.slice(0, length)).isOpen).toBe(false);
    }
  });

  it("a changed character fails or turns bits of the text, but never moves what is read", () => {
    const { randomKey, message, text } = vectors[0];
    for (let at = 0; at < message.length; at += 1) {
      const changed = `${message.slice(0, at)}${message[at] === "A" ? "B" : "A"}${message.slice(at + 1)}`;
      const outcome = openMessage(randomKey, changed);
      // What lies in the left-out parts makes no difference; one bit of text may turn, as in any CBC.
      if (outcome.isOpen && outcome.text !== text) {
        expect(outcome.text).toHaveLength(text.length);
      }
    }
  });

  it("fails, and does not throw, on anything", () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ maxLength: 300 }), (randomKey, message) => {
        expect(openMessage(randomKey, message).isOpen).toBe(false);
        expect(openMessage(vectors[0].randomKey, message).isOpen).toBe(false);
      }),
    );
  });
});

describe("the RSA envelope", () => {
  it("opens what node's own RSA encrypts", () => {
    const key = fc
      .integer({ min: 2, max: 11 })
      .chain((blocks) => fc.uint8Array({ minLength: blocks * 16, maxLength: blocks * 16 }))
      .map((bytes) => Buffer.from(bytes).toString("base64"));
    fc.assert(
      fc.property(key, (randomKey) => {
        expect(unwrapRandomKey(privateKey, wrap(randomKey))).toBe(randomKey);
      }),
      { numRuns: 50 },
    );
  });

  it("removes the padding of any data as the standard says", () => {
    const nonZero = fc.integer({ min: 1, max: 255 });
    fc.assert(
      fc.property(
        fc.array(nonZero, { minLength: 0, maxLength: 40 }),
        fc.uint8Array({ maxLength: 60 }),
        (padding, data) => {
          const block = Buffer.from([0, 2, ...padding, 0, ...data]);
          const removed = removePkcs1Padding(block);
          if (padding.length >= 8) expect(removed).toEqual(Buffer.from(data));
          else expect(removed).toBeNull();
        },
      ),
    );
  });

  it.each([
    ["a first byte that is not 0", [1, 2]],
    ["block type 1", [0, 1]],
    ["block type 0", [0, 0]],
    ["all of it wrong", [255, 255]],
  ])("refuses a block with %s", (_name, start) => {
    expect(removePkcs1Padding(Buffer.from([...start, ...Array(20).fill(9), 0, 65]))).toBeNull();
  });

  it("refuses a block without a separator, and one too short for anything", () => {
    expect(removePkcs1Padding(Buffer.from([0, 2, ...Array(254).fill(9)]))).toBeNull();
    for (let length = 0; length < 11; length += 1) {
      expect(
        removePkcs1Padding(Buffer.from([0, 2, ...Array(20).fill(0)]).subarray(0, length)),
      ).toBeNull();
    }
  });

  it.each([
    ["what is no base64 inside", wrap("!".repeat(64))],
    ["less than two blocks", wrap(randomBytes(16).toString("base64"))],
    ["an odd number of bytes", wrap(randomBytes(33).toString("base64"))],
    ["an empty key", wrap("")],
    ["a block of zeros", wrapBlock(Buffer.alloc(256))],
    ["too few bytes", randomBytes(255).toString("base64")],
    ["too many bytes", randomBytes(257).toString("base64")],
    ["a number above the modulus", Buffer.alloc(256, 255).toString("base64")],
    ["no base64", "%%%%"],
    ["nothing", ""],
  ])("refuses %s", (_name, encrypted) => {
    expect(unwrapRandomKey(privateKey, encrypted)).toBeNull();
  });

  it("another key never gives a random key that looks right", () => {
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    for (let tries = 0; tries < 30; tries += 1) {
      expect(unwrapRandomKey(other, wrap(randomBytes(64).toString("base64")))).toBeNull();
    }
  });
});

describe("an item", () => {
  it("opens to its message and its text", () => {
    expect(openItem(keys, item())).toMatchObject({
      isOpen: true,
      text: vectors[0].text,
      message: { msgId: "10001_1700000000001_external", kind: "text", text: "hello 世界" },
    });
  });

  it.each([
    ["unknown_key_version", item({ keyVersion: 4 })],
    ["unknown_key_version", item({ keyVersion: 0 })],
    ["bad_random_key", item({ encryptedRandomKey: wrap("nothing of use") })],
    ["bad_random_key", item({ encryptedRandomKey: "" })],
    ["bad_random_key", item({ encryptedRandomKey: wrap(vectors[1].randomKey) })],
    ["bad_random_key", item({ encryptedMessage: "" })],
    ["bad_ciphertext", item({ encryptedMessage: vectors[0].message.slice(0, -9) })],
  ] as const)("that does not open says why: %s", (reason, broken) => {
    expect(openItem(keys, broken)).toEqual({ isOpen: false, reason });
  });

  it("that opens to no message says so", () => {
    const sealed = seal(
      bodyOf(Buffer.from("[1]")),
      Buffer.concat([keyField(bodyKey), field(4, 4)]),
      {
        gapText: "gggg",
      },
    );
    const broken = item({
      encryptedRandomKey: wrap(sealed.randomKey),
      encryptedMessage: sealed.message,
    });
    expect(openItem(keys, broken)).toEqual({ isOpen: false, reason: "invalid_json" });
  });

  it("gives the random key alone to a source that opens the message itself", () => {
    expect(unwrapItemKey(keys, item())).toEqual({ isOpen: true, randomKey: vectors[0].randomKey });
    expect(unwrapItemKey(keys, item({ keyVersion: 9 }))).toMatchObject({ isOpen: false });
  });
});
