import { readBody, readParts } from "./archive-body.ts";
import type { ConsentStatement } from "./archive-body.ts";
import type { MediaReference, MessageKind, MessagePart } from "./message-part.ts";
import { looksExternal, toMemberId, toPartyId } from "./wecom-id.ts";
import {
  isRecord,
  parseLeniently,
  readList,
  readNumber,
  readText,
  toEpochMs,
} from "./wire-value.ts";
import type { WireRecord } from "./wire-value.ts";

/** An archived message in the product's words. */
export interface ArchiveMessage {
  msgId: string;
  /** "switch": somebody changed corps in the client; it has no receivers and no body. */
  action: "send" | "recall" | "switch" | "other";
  /** A member (lower case) or, beginning with wm, wo or wb, a customer or a robot; see `toPartyId`. */
  senderId: string;
  /** In a single chat the other one, in a group all others. */
  receiverIds: string[];
  roomId: string | null;
  /** 0 when WeCom did not say. */
  sentAtMs: number;
  /** Somebody from outside the corp takes part. */
  isExternal: boolean;
  kind: MessageKind;
  /** All that a rule should read, a line each: also of links, files, cards and forwarded chats. */
  text: string;
  /** Of a recall: which message was taken back. */
  recalledMsgId?: string;
  /** Of a message of consent. */
  consent?: ConsentStatement;
  /** Files that belong to it, in the order of its parts; absent when there are none. */
  media?: MediaReference[];
}

/** Null when the text is no JSON object: then the decryption has failed, whatever it said. */
export function readArchiveMessage(json: string): ArchiveMessage | null {
  const wire = parseLeniently(json);
  if (!isRecord(wire)) return null;
  const msgId = readText(wire, "msgid");
  const action = readAction(readText(wire, "action"));
  const roomId = readText(wire, "roomid");
  const parties = readParties(wire, action === "switch");
  const { kind, text, media, recalledMsgId, consent } =
    action === "switch" ? { kind: "switch" as const, text: "", media: [] } : readBody(wire);
  return {
    msgId,
    action,
    senderId: parties.senderId,
    receiverIds: parties.receiverIds,
    roomId: roomId === "" ? null : roomId,
    sentAtMs: readSentAt(wire, msgId),
    isExternal: isExternal(msgId, [parties.senderId, ...parties.receiverIds]),
    kind,
    text,
    ...(recalledMsgId && { recalledMsgId }),
    ...(consent && { consent }),
    ...(media.length > 0 && { media }),
  };
}

/** The message piece by piece, for showing it; the lines of all together are its text. */
export function readMessageParts(json: string): MessagePart[] {
  const wire = parseLeniently(json);
  return isRecord(wire) ? readParts(wire) : [];
}

function readAction(action: string): ArchiveMessage["action"] {
  return action === "send" || action === "recall" || action === "switch" ? action : "other";
}

function readParties(
  wire: WireRecord,
  isSwitch: boolean,
): Pick<ArchiveMessage, "senderId" | "receiverIds"> {
  if (isSwitch) return { senderId: toMemberId(readText(wire, "user")), receiverIds: [] };
  const receivers = readList(wire, "tolist").filter((id) => typeof id === "string" && id !== "");
  return {
    senderId: toPartyId(readText(wire, "from")),
    receiverIds: receivers.map((id) => toPartyId(id as string)),
  };
}

/** `msgtime` (`time` of a switch) is in milliseconds; the id mostly carries it as well. */
function readSentAt(wire: WireRecord, msgId: string): number {
  const time = readNumber(wire, "msgtime") || readNumber(wire, "time");
  if (time > 0) return toEpochMs(time);
  return readTimeOfId(msgId) ?? 0;
}

/** Most message ids carry the epoch milliseconds of sending; undefined when this one does not. */
export function readTimeOfId(msgId: string): number | undefined {
  const inId = /^[\w-]+?_(\d{13})(?:_|$)/.exec(msgId)?.[1];
  return inId === undefined ? undefined : Number(inId);
}

function isExternal(msgId: string, partyIds: readonly string[]): boolean {
  return msgId.endsWith("_external") || partyIds.some(looksExternal);
}
