import { decodeBase64 } from "./base64.ts";
import { ProtobufReader } from "./protobuf-reader.ts";

/** What an `sdkfileid` is made of. */
export interface MediaTicket {
  fileId: string;
  authKey: string;
  /** AES-128. */
  key: Buffer;
}

/** Protobuf `{1: file id, 2: authkey, 3: key as 32 hexadecimal digits}` in base64; null when it is not that. */
export function readMediaTicket(sdkFileId: string): MediaTicket | null {
  const bytes = decodeBase64(sdkFileId);
  if (!bytes) return null;
  const reader = new ProtobufReader(bytes);
  const fields = new Map<number, string>();
  while (reader.hasMore) {
    const tag = reader.varint();
    const field = tag !== null && tag % 8 === 2 ? reader.bytes() : null;
    if (tag === null || field === null) return null;
    fields.set(Math.floor(tag / 8), field.toString("latin1"));
  }
  const [fileId, authKey, key] = [fields.get(1), fields.get(2), fields.get(3)];
  if (!fileId || authKey === undefined || !/^[0-9a-f]{32}$/i.test(key ?? "")) return null;
  return { fileId, authKey, key: Buffer.from(key ?? "", "hex") };
}
