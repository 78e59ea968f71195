import { constants, createDecipheriv, privateDecrypt, type KeyObject } from "node:crypto";

/**
 * The receiver's side of the archive for the tests, written from the description of the format and not
 * from the twin's sealing code.
 */
export function openArchiveItem(privateKey: KeyObject, wrapped: string, text: string): string {
  return openChat(unwrapRandom(privateKey, wrapped), text);
}

/** RSA without padding and the padding stripped by hand: Node 20 refuses PKCS#1 v1.5 decryption. */
export function unwrapRandom(privateKey: KeyObject, wrapped: string): string {
  const block = privateDecrypt(
    { key: privateKey, padding: constants.RSA_NO_PADDING },
    Buffer.from(wrapped, "base64"),
  );
  const end = block.indexOf(0, 2);
  if (block[0] !== 0 || block[1] !== 2 || end < 10) throw new Error("Not a PKCS#1 v1.5 block.");
  return block.toString("latin1", end + 1);
}

/** What the SDK's DecryptData does with the random key and the message text. */
export function openChat(random: string, text: string): string {
  const envelope = Buffer.from(random, "base64");
  const info = decrypt(Buffer.from(text.slice(13, 45), "latin1"), envelope);
  const fields = readFields(info);
  const [before, tail, gap] = [fields.get(2), fields.get(3), fields.get(4)] as number[];
  const start = 45 + before!;
  const body = text.slice(start, start + gap!) + text.slice(start + 2 * gap!, text.length - tail!);
  return decrypt(fields.get(1) as Buffer, Buffer.from(body, "base64")).toString("utf8");
}

function decrypt(key: Buffer, ivAndText: Buffer): Buffer {
  const decipher = createDecipheriv("aes-256-cbc", key, ivAndText.subarray(0, 16));
  return Buffer.concat([decipher.update(ivAndText.subarray(16)), decipher.final()]);
}

/** A protobuf reader for short fields: all keys and lengths here are below 128. */
function readFields(bytes: Buffer): Map<number, number | Buffer> {
  const fields = new Map<number, number | Buffer>();
  for (let at = 0; at < bytes.length;) {
    const key = bytes[at]!;
    const value = bytes[at + 1]!;
    at += 2;
    if ((key & 7) === 2) {
      fields.set(key >> 3, bytes.subarray(at, at + value));
      at += value;
    } else fields.set(key >> 3, value);
  }
  return fields;
}
