import { textOf } from "./message-part.ts";
import type { MediaReference, MessageKind, MessagePart, RedPacket } from "./message-part.ts";
import { looksExternal } from "./wecom-id.ts";
import {
  isRecord,
  parseLeniently,
  readField,
  readList,
  readNumber,
  readText,
  toEpochMs,
} from "./wire-value.ts";
import type { WireRecord } from "./wire-value.ts";

export interface MessageBody {
  kind: MessageKind;
  text: string;
  /** All files of the message, also of its parts; in the order of the parts. */
  media: MediaReference[];
  recalledMsgId?: string;
  consent?: ConsentStatement;
}

/** A customer says whether the chat may be archived (`agree`, `disagree`). */
export interface ConsentStatement {
  /** Null when the body does not name them: then it is who sent the message. */
  customerId: string | null;
  state: "agreed" | "refused";
  /** Null when the body does not tell: then it is when the message was sent. */
  atMs: number | null;
}

interface BodyReader {
  kind: MessageKind;
  /** Where the body stands when not under the message type's own name. */
  alias?: string;
  /** Lines for the rules, most telling first. Fields that are missing read as "". */
  lines?: (body: WireRecord) => string[];
  /** It has a file; the name of the field with its size. */
  sizeOfFile?: string;
  /** The name of the field with how long it lasts, in seconds. */
  seconds?: string;
  hasItems?: true;
  redPacket?: true;
}

/** Forwarded chats inside forwarded chats; the client itself shows fewer. */
const MAX_DEPTH = 8;

const fields =
  (...names: string[]) =>
  (body: WireRecord): string[] =>
    names.map((name) => readText(body, name));

const redPacket: BodyReader = { kind: "redpacket", lines: fields("wish"), redPacket: true };
const file: BodyReader = { kind: "file", lines: fields("filename"), sizeOfFile: "filesize" };

/** By `msgtype`. Bodies as in document 91774 and as seen in the field (aliases). */
const readers = new Map<string, BodyReader>([
  ["text", { kind: "text", lines: fields("content") }],
  ["image", { kind: "image", sizeOfFile: "filesize" }],
  ["voice", { kind: "voice", sizeOfFile: "voice_size", seconds: "play_length" }],
  ["video", { kind: "video", sizeOfFile: "filesize", seconds: "play_length" }],
  ["emotion", { kind: "emotion", sizeOfFile: "imagesize" }],
  ["file", file],
  // On the company's drive: WeCom hands out its name only.
  ["qydiskfile", { kind: "file", alias: "info", lines: fields("filename") }],
  ["link", { kind: "link", lines: fields("title", "description", "link_url") }],
  ["card", { kind: "card", lines: fields("corpname", "userid") }],
  ["location", { kind: "location", lines: fields("title", "address") }],
  ["weapp", { kind: "weapp", lines: fields("title", "description", "displayname") }],
  ["todo", { kind: "todo", lines: fields("title", "content") }],
  [
    "vote",
    { kind: "vote", lines: (body) => [readText(body, "votetitle"), ...texts(body, "voteitem")] },
  ],
  ["collect", { kind: "collect", lines: collectLines }],
  ["redpacket", redPacket],
  ["external_redpacket", { ...redPacket, alias: "redpacket" }],
  ["meeting", { kind: "meeting", lines: fields("topic", "address", "remarks") }],
  ["meeting_notification", { kind: "meeting", alias: "info", lines: fields("content") }],
  ["calendar", { kind: "calendar", lines: fields("title", "place", "remarks") }],
  ["docmsg", { kind: "document", alias: "doc", lines: fields("title", "link_url") }],
  ["markdown", { kind: "markdown", alias: "info", lines: fields("content") }],
  ["news", { kind: "news", alias: "info", lines: newsLines }],
  ["mixed", { kind: "mixed", lines: fields("title"), hasItems: true }],
  ["chatrecord", { kind: "chatrecord", lines: fields("title"), hasItems: true }],
  ["voiptext", { kind: "call", alias: "info", seconds: "callduration" }],
  ["meeting_voice_call", { kind: "call", lines: demoLines, sizeOfFile: "filesize" }],
  ["voip_doc_share", file],
  ["sphfeed", { kind: "channels", lines: fields("sph_name", "feed_desc") }],
  ["revoke", { kind: "revoke" }],
  ["agree", { kind: "agree" }],
  ["disagree", { kind: "disagree", alias: "agree" }],
]);

/** A kind that is not known yet is "other" with whatever text it holds by a usual name. */
const unknown: BodyReader = { kind: "other", alias: "info", lines: fields("title", "content") };

const readerOf = (type: string): BodyReader => readers.get(type) ?? unknown;

/** What a message says. */
export function readBody(message: WireRecord): MessageBody {
  const type = readText(message, "msgtype");
  const body = bodyOf(message, type);
  const parts = readParts(message);
  return {
    kind: readerOf(type).kind,
    text: textOf(parts),
    media: parts.flatMap(({ media }) => media ?? []),
    ...(type === "revoke" && { recalledMsgId: readText(body, "pre_msgid") }),
    ...(type === "agree" && { consent: readConsent(body, "agreed", "agree_time") }),
    ...(type === "disagree" && { consent: readConsent(body, "refused", "disagree_time") }),
  };
}

/** The message itself, then all that it holds, in the order of reading. */
export function readParts(message: WireRecord): MessagePart[] {
  return readTyped(readText(message, "msgtype"), message, 0);
}

function readTyped(type: string, message: WireRecord, depth: number): MessagePart[] {
  const reader = readerOf(type);
  const body = bodyOf(message, type);
  const items = reader.hasItems && depth < MAX_DEPTH ? records(body, "item") : [];
  return [readPart(reader, body, depth), ...items.flatMap((item) => readItem(item, depth + 1))];
}

function readPart(reader: BodyReader, body: WireRecord, depth: number): MessagePart {
  const { kind, lines, sizeOfFile } = reader;
  const media = sizeOfFile === undefined ? null : readMedia(kind, body, sizeOfFile);
  const seconds = reader.seconds === undefined ? 0 : readNumber(body, reader.seconds);
  return {
    kind,
    lines: (lines?.(body) ?? []).filter((line) => line.trim() !== ""),
    depth,
    ...(media && { media }),
    ...(seconds > 0 && { seconds }),
    ...(reader.redPacket && { redPacket: readRedPacket(body) }),
  };
}

/** A part of a mixed message or of a forwarded chat: `{type, content}`, the content a JSON text of a body. */
function readItem(item: WireRecord, depth: number): MessagePart[] {
  const type = readText(item, "type")
    .replace(/^ChatRecord/, "")
    .toLowerCase();
  const content = readText(item, "content");
  const inner = parseLeniently(content);
  // A part that is no JSON is taken as the text that it is.
  return readTyped(type, { [type]: isRecord(inner) ? inner : { content } }, depth);
}

function readMedia(kind: MessageKind, body: WireRecord, sizeOfFile: string): MediaReference | null {
  const fileId = readText(body, "sdkfileid");
  if (fileId === "") return null;
  const md5 = readText(body, "md5sum").toLowerCase();
  const size = readNumber(body, sizeOfFile);
  return {
    kind,
    fileId,
    md5: /^[0-9a-f]{32}$/.test(md5) ? md5 : null,
    sizeBytes: Number.isSafeInteger(size) && size > 0 ? size : null,
    fileName: readText(body, "filename"),
  };
}

function readRedPacket(body: WireRecord): RedPacket {
  return { count: readNumber(body, "totalcnt"), amount: readNumber(body, "totalamount") };
}

function readConsent(
  body: WireRecord,
  state: ConsentStatement["state"],
  timeField: string,
): ConsentStatement {
  const time = readNumber(body, timeField);
  const customerId = readText(body, "userid");
  return {
    customerId: looksExternal(customerId) ? customerId : null,
    state,
    atMs: time > 0 ? toEpochMs(time) : null,
  };
}

/** The body's key is not always the type, and some bodies lie open in the message itself. */
function bodyOf(message: WireRecord, type: string): WireRecord {
  const { alias } = readerOf(type);
  for (const name of alias === undefined ? [type] : [type, alias]) {
    const body = readField(message, name);
    if (isRecord(body)) return body;
  }
  return message;
}

function texts(body: WireRecord, name: string): string[] {
  return readList(body, name).filter((entry) => typeof entry === "string");
}

function records(body: WireRecord, name: string): WireRecord[] {
  return readList(body, name).filter(isRecord);
}

function collectLines(body: WireRecord): string[] {
  return [
    readText(body, "room_name"),
    readText(body, "title"),
    ...records(body, "details").map((detail) => readText(detail, "ques")),
  ];
}

function newsLines(body: WireRecord): string[] {
  return records(body, "item").flatMap(fields("title", "description", "url"));
}

/** What was shown in a call. */
function demoLines(body: WireRecord): string[] {
  return records(body, "demofiledata").flatMap(fields("filename"));
}
