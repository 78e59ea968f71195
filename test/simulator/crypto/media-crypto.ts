import { createCipheriv } from "node:crypto";
import { lengthDelimited } from "./archive-crypto.ts";

export interface MediaTicket {
  fileId: string;
  authKey: string;
  /** AES-128 key as 32 hex characters. */
  aesKeyHex: string;
}

/** The id that a message carries: protobuf {1 fileid, 2 authkey, 3 aeskey} in standard base64. */
export function formatSdkFileId({ fileId, authKey, aesKeyHex }: MediaTicket): string {
  const fields = [fileId, authKey, aesKeyHex].map((text, index) =>
    lengthDelimited(index + 1, Buffer.from(text, "latin1")),
  );
  return Buffer.concat(fields).toString("base64");
}

/** The whole file is encrypted once (AES-128-ECB, PKCS#7); chunks are slices of this ciphertext. */
export function encryptMedia(aesKeyHex: string, content: Buffer): Buffer {
  const cipher = createCipheriv("aes-128-ecb", Buffer.from(aesKeyHex, "hex"), null);
  return Buffer.concat([cipher.update(content), cipher.final()]);
}
