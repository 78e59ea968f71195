import {
  constants,
  createCipheriv,
  createPublicKey,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from "node:crypto";

/**
 * The sender's side of the chat archive: what WeCom's servers do before an item can be pulled.
 * Two layers: a random text wrapped with the corp's RSA key (PKCS#1 v1.5), and a message text whose
 * real body is found through three lengths that are encrypted with that random text.
 */
export interface SealedItem {
  encryptRandomKey: string;
  encryptChatMsg: string;
}

/** The parts that are random in life; a test pins them to compare with known vectors. */
export interface SealChoices {
  /** AES-256 key of the body: 32 printable characters. */
  bodyKey: string;
  /** AES-256 key of the lengths: 32 characters that stand in the message text itself. */
  infoKey: string;
  infoIv: Buffer;
  bodyIv: Buffer;
  head: string;
  before: string;
  gap: string;
  tail: string;
}

/** `random` is what the RSA layer carries: base64 text, handed to the SDK unchanged. */
export interface ChatEnvelope {
  random: string;
  encryptChatMsg: string;
}

/** Seals one archived message (JSON text) for the holder of the private key. */
export function sealArchiveItem(publicKey: KeyObject, json: string): SealedItem {
  const { random, encryptChatMsg } = sealChat(json, randomChoices());
  return { encryptRandomKey: wrapRandom(publicKey, random), encryptChatMsg };
}

/** The symmetric layer alone. The lengths of `before`, `gap` and `tail` are the secret of the text. */
export function sealChat(json: string, choices: SealChoices): ChatEnvelope {
  const body = Buffer.concat([
    choices.bodyIv,
    encryptCbc(choices.bodyKey, choices.bodyIv, Buffer.from(json, "utf8")),
  ]).toString("base64");
  const { before, gap, tail } = choices;
  const split = gap.length;
  const encryptChatMsg =
    choices.head + choices.infoKey + before + body.slice(0, split) + gap + body.slice(split) + tail;
  const info = Buffer.concat([
    lengthDelimited(1, Buffer.from(choices.bodyKey, "latin1")),
    varintField(2, before.length),
    varintField(3, tail.length),
    varintField(4, split),
  ]);
  const random = Buffer.concat([
    choices.infoIv,
    encryptCbc(choices.infoKey, choices.infoIv, info),
  ]).toString("base64");
  return { random, encryptChatMsg };
}

/** RSAES-PKCS1-v1_5 with the corp's public key; 344 base64 characters for 2048 bits. */
export function wrapRandom(publicKey: KeyObject, random: string): string {
  return publicEncrypt(
    { key: publicKey, padding: constants.RSA_PKCS1_PADDING },
    Buffer.from(random, "latin1"),
  ).toString("base64");
}

export function readPublicKey(pem: string): KeyObject {
  return createPublicKey(pem);
}

/** One length-delimited protobuf field (wire type 2). */
export function lengthDelimited(field: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2]), varint(value.length), value]);
}

function randomChoices(): SealChoices {
  return {
    bodyKey: randomText(32),
    infoKey: randomText(32),
    infoIv: randomBytes(16),
    bodyIv: randomBytes(16),
    head: randomText(13),
    before: randomText(1 + randomByte(24)),
    // The real server's lengths are not known, so they vary here; the gap must not be empty.
    gap: randomText(1 + randomByte(24)),
    tail: randomText(1 + randomByte(24)),
  };
}

function randomText(length: number): string {
  return randomBytes(Math.ceil((length * 3) / 4))
    .toString("base64")
    .slice(0, length);
}

function randomByte(limit: number): number {
  return (randomBytes(1)[0] ?? 0) % limit;
}

function encryptCbc(key: string, iv: Buffer, plain: Buffer): Buffer {
  const cipher = createCipheriv("aes-256-cbc", Buffer.from(key, "latin1"), iv);
  return Buffer.concat([cipher.update(plain), cipher.final()]);
}

function varintField(field: number, value: number): Buffer {
  return Buffer.concat([Buffer.from([field << 3]), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}
