import type { Directory } from "./directory.ts";
import type { Store } from "./store.ts";

export interface ConversationRow {
  /** `single:<memberId>:<customerId>`, `group:<roomId>` or `internal:<memberId>:<memberId>` (sorted). */
  id: string;
  kind: "single" | "group" | "internal";
  memberId: string;
  customerId: string | null;
  roomId: string | null;
  lastText: string;
  lastAtMs: number;
}

export interface Parties {
  memberIds: string[];
  customerIds: string[];
}

export interface Conversations {
  /** Also opens a conversation that may exist but has no message yet. */
  find: (id: string) => ConversationRow | undefined;
  /** Conversations with customers that a member takes part in, newest first. */
  listOf: (memberId: string) => ConversationRow[];
  parties: (conversation: ConversationRow) => Parties;
  /** Notes the newest message, and creates the row with the first one. */
  touch: (conversation: ConversationRow, lastText: string, lastAtMs: number) => void;
}

export function singleId(memberId: string, customerId: string): string {
  return `single:${memberId}:${customerId}`;
}

export function groupId(roomId: string): string {
  return `group:${roomId}`;
}

export function openConversations(store: Store, directory: Directory): Conversations {
  const one = store.prepare("SELECT * FROM conversations WHERE id = ?");
  const all = store.prepare(
    "SELECT * FROM conversations WHERE kind <> 'internal' ORDER BY lastAtMs DESC, id",
  );
  const save = store.prepare(
    `INSERT INTO conversations VALUES (@id, @kind, @memberId, @customerId, @roomId, @lastText,
     @lastAtMs) ON CONFLICT (id) DO UPDATE SET lastText = @lastText, lastAtMs = @lastAtMs`,
  );
  const parties = (conversation: ConversationRow) => listParties(directory, conversation);
  return {
    find: (id) => (one.get(id) as ConversationRow | undefined) ?? describeEmpty(directory, id),
    listOf: (memberId) =>
      (all.all() as ConversationRow[]).filter((row) => parties(row).memberIds.includes(memberId)),
    parties,
    touch: (conversation, lastText, lastAtMs) =>
      void save.run({ ...conversation, lastText, lastAtMs }),
  };
}

function describeEmpty(directory: Directory, id: string): ConversationRow | undefined {
  const [kind, first = "", second = ""] = id.split(":");
  const base = { id, lastText: "", lastAtMs: 0 };
  if (kind === "single" && directory.findFollow(first, second) !== undefined) {
    return { ...base, kind, memberId: first, customerId: second, roomId: null };
  }
  const room = directory.findRoom(first);
  if (kind === "group" && room !== undefined) {
    return { ...base, kind, memberId: room.ownerId, customerId: null, roomId: room.id };
  }
  const areMembers = [first, second].every((one) => directory.findMember(one)?.id === one);
  if (kind === "internal" && areMembers && first < second) {
    return { ...base, kind, memberId: first, customerId: null, roomId: null };
  }
  return undefined;
}

function listParties(directory: Directory, conversation: ConversationRow): Parties {
  const { kind, memberId, customerId, roomId, id } = conversation;
  switch (kind) {
    case "single":
      return { memberIds: [memberId], customerIds: customerId === null ? [] : [customerId] };
    case "internal":
      return { memberIds: id.split(":").slice(1), customerIds: [] };
    case "group": {
      const room = roomId === null ? undefined : directory.findRoom(roomId);
      return { memberIds: room?.memberIds ?? [], customerIds: room?.customerIds ?? [] };
    }
  }
}
