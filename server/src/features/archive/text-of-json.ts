import { readArchiveMessage } from "../../wecom/archive-message.ts";

/** How an ordinary text message ends, as WeCom writes it. */
const HEAD = Buffer.from('"msgtype":"text","text":{"content":"');
const TAIL = Buffer.from('"}}');

/** A quote, a backslash, and what JSON or chats do not hold as it is. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const HIDES = /["\\\u0000-\u001f\u007f-\u009f]/;

/**
 * The text of a message, from the bytes of its JSON: the same as `readArchiveMessage` gives, without parsing where it
 * can be told. Quotes that no backslash hides are structure, so what stands between the last such head and the end of
 * all, without a quote or a backslash, is the content of the message itself.
 */
export function textOfJson(json: Buffer): string {
  const start = json.indexOf(HEAD) + HEAD.length;
  const end = json.length - TAIL.length;
  if (start >= HEAD.length && end >= start && TAIL.every((byte, at) => json[end + at] === byte)) {
    const said = json.toString("utf8", start, end);
    if (!HIDES.test(said)) return said.trim() === "" ? "" : said;
  }
  return readArchiveMessage(json.toString("utf8"))?.text ?? "";
}
