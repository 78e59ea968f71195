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

export type MessageKind =
  | "text"
  | "image"
  | "voice"
  | "video"
  | "file"
  | "link"
  | "card"
  | "location"
  | "emotion"
  | "weapp"
  | "mixed"
  | "chatrecord"
  | "revoke"
  | "agree"
  | "disagree"
  | "todo"
  | "vote"
  | "collect"
  | "redpacket"
  | "meeting"
  | "calendar"
  | "document"
  | "markdown"
  | "news"
  | "call"
  | "channels"
  | "switch"
  | "other";

export interface MessageBody {
  kind: MessageKind;
  text: string;
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
  lines?: (body: WireRecord, depth: number) => string[];
}

/** Forwarded chats inside forwarded chats; the client itself shows fewer. */
const MAX_DEPTH = 8;

const fields =
  (...names: string[]) =>
  (body: WireRecord): string[] =>
    names.map((name) => readText(body, name));

/** By `msgtype`. Bodies as in document 91774 and as seen in the field (aliases). */
const readers = new Map<string, BodyReader>([
  ["text", { kind: "text", lines: fields("content") }],
  ["image", { kind: "image" }],
  ["voice", { kind: "voice" }],
  ["video", { kind: "video" }],
  ["emotion", { kind: "emotion" }],
  ["file", { kind: "file", lines: fields("filename") }],
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
  ["redpacket", { kind: "redpacket", lines: fields("wish") }],
  ["external_redpacket", { kind: "redpacket", alias: "redpacket", lines: fields("wish") }],
  ["meeting", { kind: "meeting", lines: fields("topic", "address", "remarks") }],
  ["meeting_notification", { kind: "meeting", alias: "info", lines: fields("content") }],
  ["calendar", { kind: "calendar", lines: fields("title", "place", "remarks") }],
  ["docmsg", { kind: "document", alias: "doc", lines: fields("title", "link_url") }],
  ["markdown", { kind: "markdown", alias: "info", lines: fields("content") }],
  ["news", { kind: "news", alias: "info", lines: newsLines }],
  ["mixed", { kind: "mixed", lines: itemLines }],
  ["chatrecord", { kind: "chatrecord", lines: itemLines }],
  ["voiptext", { kind: "call", alias: "info" }],
  ["meeting_voice_call", { kind: "call" }],
  ["voip_doc_share", { kind: "file", lines: fields("filename") }],
  ["sphfeed", { kind: "channels", lines: fields("sph_name", "feed_desc") }],
  ["revoke", { kind: "revoke" }],
  ["agree", { kind: "agree" }],
  ["disagree", { kind: "disagree", alias: "agree" }],
]);

/** What a message says; a kind that is not known yet is "other" with whatever text it holds by a usual name. */
export function readBody(message: WireRecord): MessageBody {
  return readTyped(readText(message, "msgtype"), message, 0);
}

function readTyped(type: string, message: WireRecord, depth: number): MessageBody {
  const reader = readers.get(type) ?? {
    kind: "other",
    alias: "info",
    lines: fields("title", "content"),
  };
  const body = bodyOf(message, type, reader.alias);
  const lines = reader.lines?.(body, depth) ?? [];
  return {
    kind: reader.kind,
    text: lines.filter((line) => line.trim() !== "").join("\n"),
    ...(type === "revoke" && { recalledMsgId: readText(body, "pre_msgid") }),
    ...(type === "agree" && { consent: readConsent(body, "agreed", "agree_time") }),
    ...(type === "disagree" && { consent: readConsent(body, "refused", "disagree_time") }),
  };
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
function bodyOf(message: WireRecord, type: string, alias: string | undefined): WireRecord {
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

/** Parts of a mixed message or of a forwarded chat: `{type, content}`, the content a JSON text of a body. */
function itemLines(body: WireRecord, depth: number): string[] {
  const title = readText(body, "title");
  if (depth >= MAX_DEPTH) return [title];
  const items = records(body, "item").map((item) => {
    const type = readText(item, "type")
      .replace(/^ChatRecord/, "")
      .toLowerCase();
    const content = readText(item, "content");
    const inner = parseLeniently(content);
    // A part that is no JSON is taken as the text that it is.
    const part = isRecord(inner) ? inner : { content };
    return readTyped(type, { [type]: part }, depth + 1).text;
  });
  return [title, ...items];
}
