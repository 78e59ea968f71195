import type { ChatMessageView, ConversationView, MemberView } from "../../../client-contract.ts";

/** Colour of a speaker's avatar: a member's own, the customer's in a single chat, else a steady one made of the id. */
export function speakerColor(
  { fromId }: Pick<ChatMessageView, "fromId">,
  conversation: Pick<ConversationView, "kind" | "avatarColor">,
  members: readonly MemberView[],
): string {
  const member = members.find((one) => one.id === fromId);
  if (member) return member.avatarColor;
  if (conversation.kind === "single") return conversation.avatarColor;
  const sum = Array.from(fromId).reduce((total, character) => total + character.charCodeAt(0), 0);
  return `hsl(${(sum * 47) % 360} 42% 42%)`;
}
