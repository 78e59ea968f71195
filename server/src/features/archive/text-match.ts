import { readArchiveMessage } from "../../wecom/archive-message.ts";

/** Bytes of a backslash or of a control character: then a text need not stand in the JSON as it reads. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const MAY_DIFFER = /[\\\u0000-\u001f\u007f]|\u00c2[\u0080-\u009f]/;
/** Numbers are read as text and may be written differently in JSON (1e3 is 1000). */
const LIKE_NUMBER = /^[-+.\deEInfity]+$/;

/**
 * Returns a function that gives the text of a message, from the bytes of its JSON, when it contains `wanted`, else
 * null. Most messages do not, and most of those are known without decoding and parsing: what a message says stands in
 * its JSON word by word, and UTF-8 of a text in UTF-8 of a longer one. (Bytes are compared as Latin-1 text.)
 */
export function matcherOf(wanted: string): (json: Buffer) => string | null {
  const wantedBytes = Buffer.from(wanted, "utf8").toString("latin1");
  // Half an emoji has no bytes of its own, and lines are joined by a character that JSON does not hold.
  const isWellFormed = Buffer.from(wanted, "utf8").toString("utf8") === wanted;
  const mustRead = LIKE_NUMBER.test(wanted) || !isWellFormed || /\p{Cc}/u.test(wanted);
  return (json) => {
    if (!mustRead) {
      const bytes = json.toString("latin1");
      if (!bytes.includes(wantedBytes) && !MAY_DIFFER.test(bytes)) return null;
    }
    const said = readArchiveMessage(json.toString("utf8"))?.text ?? "";
    return said.includes(wanted) ? said : null;
  };
}
