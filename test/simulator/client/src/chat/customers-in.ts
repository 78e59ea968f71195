import type { ChatMessageView, ConversationView } from "../../../client-contract.ts";

export interface Speaker {
  id: string;
  name: string;
}

/**
 * The customers on whose behalf one can speak: the other side of a single chat, or whoever has
 * spoken in a group (the list of a group's people is not part of the window).
 */
export function customersIn(
  conversation: ConversationView,
  messages: readonly ChatMessageView[],
): Speaker[] {
  if (conversation.customerId) {
    return [{ id: conversation.customerId, name: conversation.title }];
  }
  const spoken = messages.filter((message) => message.fromSide === "customer");
  return Array.from(new Map(spoken.map(({ fromId, fromName }) => [fromId, fromName])), (pair) => ({
    id: pair[0],
    name: pair[1],
  }));
}
