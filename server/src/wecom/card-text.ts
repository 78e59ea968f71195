/**
 * Texts of a card come from customers, too: a nickname, a sentence, a file's name. Nothing in them may
 * become a mention, a link, markup or a line of its own on a manager's phone (or in any other place that
 * the text is copied to). So signs that start such things are replaced by their full-width twins.
 */
const SIGNS = /[<>[\]()*_`#@$\\]/g;

/** What WeCom's markdown knows: `<@userid>`, links, colours. Any other `<` only becomes a full-width sign. */
const TAG = /<@[^<>\s]*>|<a\s+href[^<>]*>|<\/a>|<\/?(?:div|font|img|script|span)\b[^<>]*>/gi;
/** With a scheme, or beginning with www. */
const ADDRESS = /(?:[a-z][a-z0-9+.-]{0,20}:\/\/|www\.)[!-~]*/gi;
/** A bare host name under a common ending, with what follows it. */
const HOST =
  /(?<![a-z0-9.-])(?:[a-z0-9-]+\.)+(?:com|cn|net|org|top|xyz|cc|vip|io|me|info|shop|site|club|link|ltd|co|app|tv)(?![a-z0-9-])(?:[:/?#][!-~]*)?/gi;
/** Control and format characters (bidi, zero width), line separators, halves of surrogate pairs. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

const LINK = "［链接］";
/** No text of a card is longer; more would only cost time. */
const MAX_INPUT_LENGTH = 2000;

/** One harmless line of at most `maxLength` characters, cut with 「…」. */
export function cardText(text: string, maxLength: number): string {
  const line = text
    .slice(0, MAX_INPUT_LENGTH)
    .replace(/[\r\n\t]+/g, " ")
    .replace(INVISIBLE, "")
    .replace(TAG, "")
    .replace(ADDRESS, LINK)
    .replace(HOST, LINK)
    .replace(SIGNS, toFullWidth)
    .replace(/\s+/g, " ")
    .trim();
  return clip(line, maxLength);
}

function toFullWidth(sign: string): string {
  return String.fromCharCode(sign.charCodeAt(0) + 0xfee0);
}

/** By code points: graphemes would let a pile of combining marks through as one character. */
function clip(text: string, maxLength: number): string {
  const characters = Array.from(text);
  return characters.length <= maxLength ? text : `${characters.slice(0, maxLength - 1).join("")}…`;
}
