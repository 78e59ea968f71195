import { createHash } from "node:crypto";
import type { ArchivedMessage } from "./archive.ts";
import type { MediaStore } from "./media.ts";
import { drawPicture } from "./samples/picture.ts";
import { filmVideo } from "./samples/video.ts";
import { hum } from "./samples/voice.ts";

/** What one message says, beside its one-line text. */
export type MessageContent =
  | { kind: "text"; text: string }
  | { kind: "link"; text: string; extra: { title: string; description: string; url: string } }
  | { kind: "card"; text: string; extra: { corpName: string; memberId: string } }
  | { kind: "file"; text: string; extra: { fileName: string; fileSizeBytes: number } }
  /** Made up on the spot; the sample's number decides how it looks or sounds. */
  | { kind: "image"; text: string; extra: { sample: number } }
  | { kind: "voice" | "video"; text: string; extra: { sample: number; seconds: number } }
  /** Any other type: `msgtype` and the body as they lie in the archive. */
  | { kind: "raw"; text: string; extra: Record<string, unknown> }
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
    case "image":
      return { msgtype: "image", image: formatImage(content.extra.sample, media, atMs) };
    case "voice":
      return { msgtype: "voice", voice: formatVoice(content.extra, media, atMs) };
    case "video":
      return { msgtype: "video", video: formatVideo(content.extra, media, atMs) };
    case "raw":
      return content.extra;
    case "other": {
      const { title, miniProgramId } = content.extra;
      const weapp = { title, description: title, username: miniProgramId, displayname: title };
      return { msgtype: "weapp", weapp };
    }
  }
}

/** What every file in the archive has. */
function keepFile(bytes: Buffer, media: MediaStore, atMs: number) {
  return {
    sdkfileid: media.add(bytes, atMs),
    md5sum: createHash("md5").update(bytes).digest("hex"),
  };
}

function formatImage(sample: number, media: MediaStore, atMs: number) {
  const bytes = drawPicture(sample);
  return { ...keepFile(bytes, media, atMs), filesize: bytes.length };
}

interface Recording {
  sample: number;
  seconds: number;
}

function formatVoice({ sample, seconds }: Recording, media: MediaStore, atMs: number) {
  const bytes = hum(seconds, sample);
  const kept = keepFile(bytes, media, atMs);
  return { ...kept, voice_size: bytes.length, play_length: seconds };
}

function formatVideo({ sample, seconds }: Recording, media: MediaStore, atMs: number) {
  const bytes = filmVideo(seconds, sample);
  return { ...keepFile(bytes, media, atMs), filesize: bytes.length, play_length: seconds };
}

function formatFile(
  { fileName, fileSizeBytes }: { fileName: string; fileSizeBytes: number },
  media: MediaStore,
  atMs: number,
) {
  const bytes = Buffer.alloc(Math.max(1, Math.min(fileSizeBytes, MAX_FILE_BYTES)), `${fileName}\n`);
  return {
    ...keepFile(bytes, media, atMs),
    filename: fileName,
    fileext: fileName.includes(".") ? fileName.slice(fileName.lastIndexOf(".") + 1) : "",
    filesize: bytes.length,
  };
}
