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

/** A piece of a message: the message itself first, then what a mixed message or a forwarded chat holds. */
export interface MessagePart {
  kind: MessageKind;
  /** What it says, most telling first; none is blank. */
  lines: string[];
  /** How many messages it lies in: 0 for the message itself. */
  depth: number;
  media?: MediaReference;
  /** How long a voice, a video or a call lasts. */
  seconds?: number;
  redPacket?: RedPacket;
}

/** A file that WeCom keeps for some days and hands out in chunks. */
export interface MediaReference {
  kind: MessageKind;
  /** WeCom's `sdkfileid`. It holds the file's key, so it is a secret. */
  fileId: string;
  /** In hexadecimal; null when WeCom does not tell. */
  md5: string | null;
  sizeBytes: number | null;
  /** "" for what has none. */
  fileName: string;
}

export interface RedPacket {
  count: number;
  /** In fen. */
  amount: number;
}

/** What a message says: the lines of all its parts. */
export function textOf(parts: readonly MessagePart[]): string {
  return parts.flatMap(({ lines }) => lines).join("\n");
}
