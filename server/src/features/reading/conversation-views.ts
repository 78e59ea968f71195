import type { Access } from "../access/access.service.ts";
import type { ConversationView } from "#shared/contract/reading";
import { AppError } from "../../platform/http/app-error.ts";
import type { ArchivedConversation, Conversations } from "../archive/conversations.service.ts";
import type { HitMarks } from "../cases/hit-marks.ts";
import type { Customers } from "../customers/customers.service.ts";
import type { Members } from "../members/members.service.ts";
import { nameOfCustomer } from "./customer-names.ts";

/** What a conversation is called. */
export interface ConversationNames {
  /** As WeCom has it; null when there is no customer or no name. */
  customerName: string | null;
  groupName: string | null;
}

export interface ConversationViews {
  /** For a manager: customers' names masked, open cases of the members led counted. */
  present(
    readerId: string,
    conversations: readonly ArchivedConversation[],
  ): Promise<ConversationView[]>;
  namesOf(conversation: ArchivedConversation): Promise<ConversationNames>;
  /** Who takes part, customers masked; conversations that are destroyed are missing. */
  titlesOf(conversationIds: readonly string[]): Promise<Map<string, string>>;
}

interface Deps {
  members: Pick<Members, "namesOf">;
  conversations: Pick<Conversations, "find">;
  access: Pick<Access, "membersWithin">;
  customers: Pick<Customers, "nameOf" | "getGroup">;
  hitMarks: Pick<HitMarks, "countOpen">;
  maskName: (name: string) => string;
}

/** A group tells its name to those in it; somebody may have left, so more than one is tried. */
const TRIES = 3;

export function createConversationViews(deps: Deps): ConversationViews {
  const { members, access, customers, hitMarks, maskName } = deps;

  async function groupNameOf({ roomId, memberIds }: ArchivedConversation): Promise<string | null> {
    if (roomId === null) return null;
    for (const memberId of memberIds.slice(0, TRIES)) {
      try {
        return (await customers.getGroup(roomId, memberId)).group.name;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
      }
    }
    return null;
  }

  async function namesOf(conversation: ArchivedConversation): Promise<ConversationNames> {
    const { customerId } = conversation;
    const [customerName, groupName] = await Promise.all([
      customerId === null ? null : nameOfCustomer(customers, customerId),
      groupNameOf(conversation),
    ]);
    return { customerName, groupName: groupName === "" ? null : groupName };
  }

  async function titleOf(
    conversation: ArchivedConversation,
    memberNames: ReadonlyMap<string, string>,
  ): Promise<string> {
    const { customerName, groupName } = await namesOf(conversation);
    const people = conversation.memberIds.map((id) => memberNames.get(id) ?? id);
    if (conversation.kind === "group") return groupName ?? `群聊（${people.join("、")}）`;
    const customer = customerName === null ? "客户" : maskName(customerName);
    return (conversation.kind === "single" ? [...people, customer] : people).join(" 与 ");
  }

  return {
    namesOf,

    async titlesOf(ids) {
      const found = await deps.conversations.find(ids);
      const names = await members.namesOf(found.flatMap(({ memberIds }) => memberIds));
      const titles = found.map(async (one): Promise<[string, string]> => [
        one.id,
        await titleOf(one, names),
      ]);
      return new Map(await Promise.all(titles));
    },

    async present(readerId, conversations) {
      const [openCounts, memberNames] = await Promise.all([
        hitMarks.countOpen(
          conversations.map(({ id }) => id),
          await access.membersWithin(readerId, "conversation.read"),
        ),
        members.namesOf(conversations.flatMap(({ memberIds }) => memberIds)),
      ]);
      return await Promise.all(
        conversations.map(async ({ memberIds, ...conversation }) => {
          const names = await namesOf({ memberIds, ...conversation });
          return {
            ...conversation,
            members: memberIds.map((id) => ({ id, name: memberNames.get(id) ?? id })),
            customerName: names.customerName === null ? null : maskName(names.customerName),
            groupName: names.groupName,
            openCaseCount: openCounts.get(conversation.id) ?? 0,
          };
        }),
      );
    },
  };
}
