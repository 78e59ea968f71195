import type { MessageContent, Scene } from "#shared/rules/facts";
import type { ArchiveMessage } from "../../wecom/archive-message.ts";
import { looksExternal, toMemberId } from "../../wecom/wecom-id.ts";

/** A stored message as other features see it. */
export interface ArchivedMessage {
  seq: number;
  msgId: string;
  /** `s:<member>:<customer>`, `g:<room>`, or between two inside the corp `i:<id>:<id>`. */
  conversationId: string;
  senderId: string;
  /** Everybody who is no member of the corp speaks as a customer. */
  speaker: "member" | "customer";
  /** The member who speaks, or to whom the customer speaks in a single chat. */
  memberId: string | null;
  /** The customer who speaks, or to whom the member speaks in a single chat. */
  customerId: string | null;
  roomId: string | null;
  kind: string;
  /** All that a rule should read. */
  text: string;
  sentAtMs: number;
  scene: Scene;
  /** What it is and what files it holds. */
  contents: MessageContent[];
  /** Of a recall: which message was taken back. */
  recalledMsgId: string | null;
}

export type SenderKind = "member" | "customer" | "robot";

/** Who speaks to whom, and where. */
export interface Parties {
  conversationId: string;
  senderId: string;
  senderKind: SenderKind;
  memberId: string | null;
  customerId: string | null;
}

/** A message whose people are known, on its way into the table. */
export interface IdentifiedMessage {
  seq: number;
  msgId: string;
  message: ArchiveMessage;
  parties: Parties;
}

export function toArchivedMessage(one: IdentifiedMessage): ArchivedMessage {
  const { seq, msgId, message, parties } = one;
  return {
    seq,
    msgId,
    conversationId: parties.conversationId,
    senderId: parties.senderId,
    speaker: speakerOf(parties.senderKind),
    memberId: parties.memberId,
    customerId: parties.customerId,
    roomId: message.roomId,
    kind: message.kind,
    text: message.text,
    sentAtMs: message.sentAtMs,
    ...describeMessage(message, parties.conversationId),
  };
}

/** What rules may ask of a message beside its text. */
export function describeMessage(
  message: ArchiveMessage,
  conversationId: string,
): Pick<ArchivedMessage, "scene" | "contents" | "recalledMsgId"> {
  const files = (message.media ?? []).map(({ kind, fileName, sizeBytes }) => ({
    kind,
    extension: extensionOf(fileName),
    ...(sizeBytes !== null && { bytes: sizeBytes }),
  }));
  // A file on the company's drive has a name and nothing to fetch.
  const own = { kind: message.kind, extension: extensionOf(message.text) };
  const isToldByFiles = files.some(({ kind }) => kind === message.kind);
  return {
    scene: sceneOf(conversationId, message.isExternal),
    contents: isToldByFiles ? files : [own, ...files],
    recalledMsgId: message.recalledMsgId ?? null,
  };
}

function sceneOf(conversationId: string, isExternal: boolean): Scene {
  if (conversationId.startsWith("s:")) return "single";
  if (conversationId.startsWith("i:")) return "internal";
  return isExternal ? "group" : "internal_group";
}

function extensionOf(fileName: string): string {
  return /\.([a-z0-9]{1,10})$/i.exec(fileName.trim())?.[1]?.toLowerCase() ?? "";
}

export function speakerOf(kind: SenderKind): ArchivedMessage["speaker"] {
  return kind === "member" ? "member" : "customer";
}

/** Ids that look like a customer's and are a member's → the member's id. */
export type MembersByOddId = ReadonlyMap<string, string>;

/** A member's id may by accident begin as a customer's does; the directory decides. */
export async function findOddMembers(
  messages: readonly { message: ArchiveMessage }[],
  isMember: (memberId: string) => Promise<boolean>,
): Promise<MembersByOddId> {
  const found = new Map<string, string>();
  const asked = new Set<string>();
  for (const { message } of messages) {
    const { senderId, receiverIds, roomId } = message;
    for (const id of roomId === null ? [senderId, ...receiverIds] : [senderId]) {
      if (!looksExternal(id) || asked.has(id)) continue;
      asked.add(id);
      if (await isMember(toMemberId(id))) found.set(id, toMemberId(id));
    }
  }
  return found;
}

export function identifyParties(message: ArchiveMessage, oddMembers: MembersByOddId): Parties {
  const identify = (id: string): { id: string; kind: SenderKind } => {
    const memberId = oddMembers.get(id) ?? (looksExternal(id) ? undefined : id);
    if (memberId !== undefined) return { id: memberId, kind: "member" };
    return { id, kind: id.startsWith("wb") ? "robot" : "customer" };
  };
  const sender = identify(message.senderId);
  const isGroup = message.roomId !== null;
  const [firstReceiver] = message.receiverIds;
  const other = isGroup || firstReceiver === undefined ? sender : identify(firstReceiver);
  const find = (kind: SenderKind): string | null =>
    [sender, other].find((party) => party.kind === kind)?.id ?? null;
  const memberId = find("member");
  const customerId = find("customer");
  return {
    conversationId: nameConversation(message.roomId, [sender.id, other.id], memberId, customerId),
    senderId: sender.id,
    senderKind: sender.kind,
    memberId,
    customerId,
  };
}

function nameConversation(
  roomId: string | null,
  ids: string[],
  memberId: string | null,
  customerId: string | null,
): string {
  if (roomId !== null) return `g:${roomId}`;
  if (memberId !== null && customerId !== null) return `s:${memberId}:${customerId}`;
  return `i:${ids.sort().join(":")}`;
}
