import type { MessageRow } from "./chat.ts";
import type {
  ArchiveState,
  ChatMessageView,
  CompanyView,
  ConversationView,
  InterceptRuleView,
  MemberView,
} from "./client-contract.ts";
import type { Member } from "./company/model.ts";
import type { ConversationRow } from "./conversations.ts";
import { liveRules } from "./intercept.ts";
import type { World } from "./world.ts";

/** Quiet colours that white initials stand well on. */
const COLORS = [
  "#3d7bd9",
  "#2f9e8f",
  "#c2703d",
  "#7a63c9",
  "#b8557d",
  "#5a8a3a",
  "#4a6fa5",
  "#a0773b",
];

export function viewCompany(world: World): CompanyView {
  const { directory } = world;
  return {
    corpName: directory.corpName,
    productUrl: world.publicUrl(),
    departments: directory.departments.map(({ id, name, parentId }) => ({ id, name, parentId })),
    members: directory.members.map((member) => viewMember(world, member)),
  };
}

function viewMember({ directory, conversations, adminIds }: World, member: Member): MemberView {
  const { id, name, position, isLeader, departmentIds } = member;
  return {
    id,
    name,
    position,
    department: directory.findDepartment(departmentIds[0] ?? 1)?.name ?? "",
    isLeader,
    isAdmin: adminIds.includes(id),
    avatarColor: colorOf(id),
    conversationCount: conversations.listOf(id).length,
  };
}

/** Null for a conversation between members: the chat window shows those with customers. */
export function viewConversation(world: World, row: ConversationRow): ConversationView | null {
  const { id, kind, memberId, customerId, roomId, lastText, lastAtMs } = row;
  const { directory } = world;
  if (kind === "internal") return null;
  const base = { id, lastText, lastAtMs, avatarColor: colorOf(customerId ?? roomId ?? id) };
  if (kind === "group") {
    const title = directory.findRoom(roomId ?? "")?.name ?? "";
    return { ...base, kind, title, origin: "", ...(roomId === null ? {} : { roomId }) };
  }
  const customer = directory.findCustomer(customerId ?? "");
  const remark = directory.findFollow(memberId, customerId ?? "")?.remark ?? "";
  return {
    ...base,
    kind,
    title: remark === "" ? (customer?.name ?? "") : remark,
    origin: `@${customer?.type === 2 ? (customer.corpName ?? "企业微信") : "微信"}`,
    ...(customerId === null ? {} : { customerId }),
  };
}

export function viewMessage(
  { directory }: Pick<World, "directory">,
  row: MessageRow,
): ChatMessageView {
  return {
    id: row.id,
    fromId: row.fromId,
    fromName: directory.nameOf(row.fromId),
    fromSide: directory.findMember(row.fromId) === undefined ? "customer" : "member",
    atMs: row.atMs,
    kind: kindOf(row.kind),
    text: row.text,
    isRecalled: row.recalledAtMs !== null,
  };
}

/** What the chat window has no picture of its own for. */
function kindOf(kind: MessageRow["kind"]): ChatMessageView["kind"] {
  return kind === "voice" || kind === "video" || kind === "raw" ? "other" : kind;
}

export function viewArchive({ archive, keys, callbacks }: World): ArchiveState {
  return {
    ...archive.state(),
    keyVersion: keys.current().version,
    deliveredKeyVersions: keys.deliveredVersions(),
    callbacks: callbacks.counters(),
  };
}

function colorOf(id: string): string {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 65_521;
  return COLORS[sum % COLORS.length] ?? "#3d7bd9";
}

export function viewInterceptRules({ store }: World): InterceptRuleView[] {
  return liveRules(store).map(({ rule, madeBy }) => ({
    id: rule.rule_id,
    name: rule.rule_name,
    madeBy,
    action: rule.intercept_type === 1 ? "block" : "warn",
    words: rule.word_list,
  }));
}
