import { createCipheriv } from "node:crypto";
import { encrypt, getSignature } from "@wecom/crypto";
import fc from "fast-check";
import { Secret } from "../../../server/src/platform/secret.ts";
import { CallbackRefusedError } from "../../../server/src/wecom/callback-refused-error.ts";
import { openCallback, openDelivery, openEcho } from "../../../server/src/wecom/callback-crypto.ts";

const CORP_ID = "ww6a112864f8022910";
const TOKEN = "kz7Yx62CH8SaLN";
const AES_KEY = "cD0d7jx4tYvVtzqrmh3Dm3QFCXe6f8SlHoMtMh3qQEP";
const receiver = { token: new Secret(TOKEN), encodingAesKey: new Secret(AES_KEY) };

/** Published vectors (github.com/xen0n/go-workwx). */
const echo = {
  receiver: {
    token: new Secret("kjr2TKI8umCBfVF3wAHk8JiPwma5VBme"),
    encodingAesKey: new Secret("4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws"),
  },
  query: {
    msg_signature: "1ba3cb09c0d2c2b3ed6900d37f91a6efae6cb011",
    timestamp: "1583940690",
    nonce: "VHh7ymSeb0jc4lSb",
    echostr:
      "6KmUQuPVu7UhjyVqRdbo5SfcRqaHvbUlKSHFvBV2ZuR6TIlKsygcfeSd1GDplg1C5KSKr6UPHCaC/nIX3ZNt9w==",
  },
};
const post = {
  query: {
    msg_signature: "f265ae551b1932727204c3d707628d01376a6940",
    timestamp: "1583995625",
    nonce: "1584392382",
  },
  encrypted:
    "EUCt7xMcNiyASzZj0Hjc5yDjFQrCum6AfQ3ntHiUzjGQ51xieKmbvtrZ40/EcB2W/W8yH0n4Lqx48gJl/T9HD/R309I0P/r5pIZucK3lyEn48FYMr4YdE0QdL2jIJ3xkcXUr6uzefzCxG6lMvwpAJaOyVCzN7sRRw47njfxy5EIqU6R9ZBhlTzfdnhhOhK/nTwzrZX3SoGlXFA9OBeZ6ru1NWpXFk76x9DUMe0lcxPPiUqK8ctnQcYXSGUHVqC6DfG7E7mab0OmruNN8cBZY5d3dYOBA4OgaH55Q0AJmUpdT8vNiXpXx+6TxT3TIjySXpDrHVyrsb772aYywgg/Nu4kUmGkALwFZlzhjNegR7wDwb9lr4ERXsSSS8JZ8lbBmaQ3F2Tq584xoPj5rIhXAF734ynm4no1g+SdHiNqR328=",
  text: "<xml><ToUserName><![CDATA[ww6a112864f8022910]]></ToUserName><FromUserName><![CDATA[foobar]]></FromUserName><CreateTime>1583995625</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[x123]]></Content><MsgId>2018405441</MsgId><AgentID>1000002</AgentID></xml>",
};

const envelope = (encrypted: string) =>
  `<xml><ToUserName><![CDATA[${CORP_ID}]]></ToUserName><Encrypt><![CDATA[${encrypted}]]></Encrypt></xml>`;

/** Signed as only the holder of the token can, so that what is refused is refused for its content. */
function signed(encrypted: string) {
  return {
    signature: getSignature(TOKEN, "1700000000", "n0nce", encrypted),
    timestamp: "1700000000",
    nonce: "n0nce",
    encrypt: encrypted,
  };
}

/** Encrypts any bytes, so that a test can make the paddings and lengths that nobody should. */
function encryptRaw(plain: Buffer): string {
  const key = Buffer.from(`${AES_KEY}=`, "base64");
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(plain), cipher.final()]).toString("base64");
}

/** `random | length | message | id | pad`, each of which may be wrong. */
function plainOf({
  message = "<xml></xml>",
  id = CORP_ID,
  length = Buffer.byteLength(message),
  pad,
}: {
  message?: string | Buffer;
  id?: string;
  length?: number;
  pad?: (size: number) => Buffer;
} = {}): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(length);
  const content = Buffer.concat([Buffer.alloc(16, 7), size, Buffer.from(message), Buffer.from(id)]);
  const padSize = 32 - (content.length % 32);
  return Buffer.concat([content, pad ? pad(padSize) : Buffer.alloc(padSize, padSize)]);
}

function refusalOf(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(CallbackRefusedError);
    return error as Error;
  }
  throw new Error("it was accepted");
}

const refused = (encrypted: string) =>
  refusalOf(() => openCallback(receiver, CORP_ID, signed(encrypted)));

describe("opening callbacks", () => {
  it("opens the published vectors", () => {
    expect(openEcho(echo.receiver, CORP_ID, echo.query)).toBe("94966531020182955848408");
    expect(openDelivery(receiver, CORP_ID, post.query, envelope(post.encrypted))).toBe(post.text);
  });

  it("opens what the package encrypts, with any padding from 1 to 32", () => {
    for (let length = 0; length < 64; length += 1) {
      const text = "好".repeat(length % 5) + "x".repeat(length);
      const sealed = signed(encrypt(AES_KEY, text, CORP_ID));
      expect(openCallback(receiver, CORP_ID, sealed)).toBe(text);
    }
  });

  it("opens the crafted plaintext that the refusals below start from", () => {
    expect(openCallback(receiver, CORP_ID, signed(encryptRaw(plainOf())))).toBe("<xml></xml>");
  });

  it.each([
    ["a pad byte that differs", plainOf({ pad: (n) => Buffer.alloc(n, n).fill(n + 1, 0, 1) })],
    ["a pad of 0", plainOf({ pad: (n) => Buffer.alloc(n, 0) })],
    ["a pad of 33", plainOf({ pad: (n) => Buffer.alloc(n, 33) })],
    ["a pad to 16 only", plainOf({ message: "x".repeat(4), pad: () => Buffer.alloc(6, 6) })],
    ["a pad that is a block too long", plainOf({ pad: (n) => Buffer.alloc(n + 32, n + 32) })],
    ["a length past the end", plainOf({ length: 4000 })],
    ["a length of 2^32 - 1", plainOf({ length: 0xffffffff })],
    ["a length that swallows the corp id", plainOf({ length: 11 + CORP_ID.length })],
    ["a length that is too short", plainOf({ length: 10 })],
    ["another corp's id", plainOf({ id: "ww0000000000000000" })],
    ["no id", plainOf({ id: "" })],
    ["an id with something behind it", plainOf({ id: `${CORP_ID}x` })],
    ["bytes that are no UTF-8", plainOf({ message: Buffer.from([0xff, 0xfe, 0x80]), length: 3 })],
    ["nothing but padding", Buffer.alloc(32, 32)],
    ["a block without length", Buffer.alloc(32, 16)],
  ])("refuses %s", (_name, plain) => {
    expect(plain.length % 16).toBe(0);
    refused(encryptRaw(plain));
  });

  it.each([
    ["cut by a block", post.encrypted.slice(0, -44)],
    ["cut by a character", post.encrypted.slice(0, -1)],
    ["white space inside", `${post.encrypted.slice(0, 40)}\n${post.encrypted.slice(40)}`],
    ["the url alphabet", post.encrypted.replaceAll("+", "-").replaceAll("/", "_")],
    ["no base64", "#".repeat(64)],
    ["empty", ""],
    ["one block", Buffer.alloc(16).toString("base64")],
  ])("refuses cipher text that is broken: %s", (_name, encrypted) => {
    refused(encrypted);
  });

  it("refuses base64 that is not the canonical text of its bytes", () => {
    const encrypted = encrypt(AES_KEY, "x", CORP_ID, Buffer.alloc(16));
    const last = encrypted.indexOf("=") - 1;
    const twin = String.fromCharCode(encrypted.charCodeAt(last) + 1);
    const variant = encrypted.slice(0, last) + twin + encrypted.slice(last + 1);
    expect(Buffer.from(variant, "base64").equals(Buffer.from(encrypted, "base64"))).toBe(true);
    refused(variant);
  });

  it("a changed byte anywhere, rightly signed, never opens as something else, and looks like any fault", () => {
    const bytes = Buffer.from(post.encrypted, "base64");
    const seen = new Set<string>();
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const sealed = signed(changed.toString("base64"));
      try {
        // CBC has no checksum: a bit of the message itself may change, for whoever holds the token.
        expect(openCallback(receiver, CORP_ID, sealed)).not.toBe(post.text);
      } catch (error) {
        expect(error).toBeInstanceOf(CallbackRefusedError);
        const { name, message } = error as Error;
        seen.add(JSON.stringify({ name, message, own: Object.keys(error as Error) }));
      }
    }
    expect(seen.size).toBe(1);
  });

  it("a changed byte without a new signature is refused wherever it is", () => {
    for (let at = 0; at < post.encrypted.length; at += 1) {
      const changed = `${post.encrypted.slice(0, at)}${post.encrypted[at] === "A" ? "B" : "A"}${post.encrypted.slice(at + 1)}`;
      if (changed === post.encrypted) continue;
      refusalOf(() => openDelivery(receiver, CORP_ID, post.query, envelope(changed)));
    }
  });

  it("refuses every changed digit of the signature, other lengths and other case", () => {
    const { msg_signature: signature } = post.query;
    const variants = [...Array(signature.length).keys()].map(
      (at) =>
        `${signature.slice(0, at)}${signature[at] === "0" ? "1" : "0"}${signature.slice(at + 1)}`,
    );
    for (const variant of [
      ...variants,
      signature.slice(1),
      `${signature}0`,
      signature.toUpperCase(),
      "",
    ]) {
      const query = { ...post.query, msg_signature: variant };
      refusalOf(() => openDelivery(receiver, CORP_ID, query, envelope(post.encrypted)));
    }
  });

  it.each(["msg_signature", "timestamp", "nonce", "echostr"] as const)(
    "refuses %s missing, given twice, or of another kind",
    (name) => {
      const value = echo.query[name];
      for (const bad of [
        undefined,
        [value],
        [value, value],
        "",
        1,
        null,
        { toString: () => value },
        "x".repeat(5000),
      ]) {
        refusalOf(() => openEcho(echo.receiver, CORP_ID, { ...echo.query, [name]: bad }));
      }
    },
  );

  it("refuses the right message of another receiver or corp", () => {
    const body = envelope(post.encrypted);
    refusalOf(() => openDelivery(echo.receiver, CORP_ID, post.query, body));
    refusalOf(() => openDelivery(receiver, "ww0000000000000000", post.query, body));
  });

  it("throws nothing but a refusal, whatever comes", () => {
    fc.assert(
      fc.property(fc.base64String({ maxLength: 400 }), fc.string(), (encrypted, body) => {
        refused(encrypted);
        refusalOf(() => openDelivery(receiver, CORP_ID, post.query, body));
      }),
    );
  });
});
