import { readArchiveMessage } from "../../wecom/archive-message.ts";

/** How an ordinary text message ends, as WeCom writes it. */
const HEAD = Buffer.from('"msgtype":"text","text":{"content":"');
const TAIL = Buffer.from('"}}');

/**
 * The text of a message, from the bytes of its JSON: the same as `readArchiveMessage` gives, without parsing where it
 * can be told. Quotes that no backslash hides are structure, so what stands between the last such head and the end of
 * all, without a quote or a backslash, is the content of the message itself.
 */
export function textOfJson(json: Buffer): string {
  const start = json.indexOf(HEAD) + HEAD.length;
  const end = json.length - TAIL.length;
  if (start >= HEAD.length && end >= start && isPlain(json, start, end)) {
    const said = json.toString("utf8", start, end);
    return said.trim() === "" ? "" : said;
  }
  return readArchiveMessage(json.toString("utf8"))?.text ?? "";
}

function isPlain(json: Buffer, start: number, end: number): boolean {
  for (let at = 0; at < TAIL.length; at += 1) if (json[end + at] !== TAIL[at]) return false;
  for (let at = start; at < end; at += 1) {
    const byte = json[at] ?? 0;
    // A quote, a backslash, what JSON does not hold, and the first byte of what counts as a control character.
    if (byte === 0x22 || byte === 0x5c || byte < 0x20 || byte === 0x7f || byte === 0xc2)
      return false;
  }
  return true;
}
