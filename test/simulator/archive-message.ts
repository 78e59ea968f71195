import { createHash } from "node:crypto";
import type { ArchivedMessage } from "./archive.ts";
import type { MediaStore } from "./media.ts";

/** What one message says, beside its one-line text. */
export type MessageContent =
  | { kind: "text"; text: string }
  | { kind: "link"; text: string; extra: { title: string; description: string; url: string } }
  | { kind: "card"; text: string; extra: { corpName: string; memberId: string } }
  | { kind: "file"; text: string; extra: { fileName: string; fileSizeBytes: number } }
  | { kind: "other"; text: string; extra: { miniProgramId: string; title: string; page: string } };

/** Who says it to whom, as the archive's envelope names them. */
export interface Envelope {
  msgid: string;
  fromId: string;
  toIds: string[];
  /** Empty outside groups. */
  roomId: string;
  atMs: number;
}

/** Larger files are cut: the demo needs their way, not their weight. */
const MAX_FILE_BYTES = 4096;

/** The decrypted JSON of a message that was sent; files are put into the media store. */
export function archiveSent(
  envelope: Envelope,
  content: MessageContent,
  media: MediaStore,
): ArchivedMessage {
  return { ...formatEnvelope(envelope, "send"), ...formatBody(content, media, envelope.atMs) };
}

/** The item that says that an earlier message was taken back. */
export function archiveRecall(envelope: Envelope, recalledId: string): ArchivedMessage {
  return {
    ...formatEnvelope(envelope, "recall"),
    msgtype: "revoke",
    revoke: { pre_msgid: recalledId },
  };
}

function formatEnvelope({ msgid, fromId, toIds, roomId, atMs }: Envelope, action: string) {
  return { msgid, action, from: fromId, tolist: toIds, roomid: roomId, msgtime: atMs };
}

function formatBody(content: MessageContent, media: MediaStore, atMs: number) {
  switch (content.kind) {
    case "text":
      return { msgtype: "text", text: { content: content.text } };
    case "link": {
      const { title, description, url } = content.extra;
      return { msgtype: "link", link: { title, description, link_url: url, image_url: "" } };
    }
    case "card": {
      const { corpName, memberId } = content.extra;
      return { msgtype: "card", card: { corpname: corpName, userid: memberId } };
    }
    case "file":
      return { msgtype: "file", file: formatFile(content.extra, media, atMs) };
    case "other": {
      const { title, miniProgramId } = content.extra;
      const weapp = { title, description: title, username: miniProgramId, displayname: title };
      return { msgtype: "weapp", weapp };
    }
  }
}

function formatFile(
  { fileName, fileSizeBytes }: { fileName: string; fileSizeBytes: number },
  media: MediaStore,
  atMs: number,
) {
  const bytes = Buffer.alloc(Math.max(1, Math.min(fileSizeBytes, MAX_FILE_BYTES)), `${fileName}\n`);
  return {
    sdkfileid: media.add(bytes, atMs),
    md5sum: createHash("md5").update(bytes).digest("hex"),
    filename: fileName,
    fileext: fileName.includes(".") ? fileName.slice(fileName.lastIndexOf(".") + 1) : "",
    filesize: bytes.length,
  };
}
