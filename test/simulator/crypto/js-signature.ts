import { createHash } from "node:crypto";

export interface SignedPage {
  ticket: string;
  nonce: string;
  timestamp: string;
  /** The frame's address without its fragment. */
  url: string;
}

/** The JS-SDK signature: fixed order of fields, nothing url-encoded, hex SHA-1. */
export function signPage({ ticket, nonce, timestamp, url }: SignedPage): string {
  const text = `jsapi_ticket=${ticket}&noncestr=${nonce}&timestamp=${timestamp}&url=${url}`;
  return createHash("sha1").update(text).digest("hex");
}
