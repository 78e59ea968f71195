import type { CompanyView, ConversationView } from "../../../client-contract.ts";

export interface Profile {
  isMember: boolean;
  name: string;
  /** Position and department of a member, origin of a customer. */
  line: string;
  id: string;
  avatarColor: string;
}

/** The JS-SDK's `type` of a member; everything else is a customer (WeCom document 92520). */
const MEMBER = 1;

/** Who is meant by the parameters of `openUserProfile`; null when nobody here has this id. */
export function profileOf(
  params: Record<string, unknown>,
  company: CompanyView,
  conversations: readonly ConversationView[],
): Profile | null {
  const id = params["userid"];
  if (typeof id !== "string") return null;
  if (Number(params["type"]) === MEMBER) {
    const member = company.members.find((one) => one.id === id);
    if (!member) return null;
    const { name, position, department, avatarColor } = member;
    return { isMember: true, name, line: `${department} · ${position}`, id, avatarColor };
  }
  const conversation = conversations.find((one) => one.customerId === id);
  if (!conversation) return null;
  const { title, origin, avatarColor } = conversation;
  return { isMember: false, name: title, line: origin, id, avatarColor };
}
