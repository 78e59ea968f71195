import { computed, shallowRef, watch, type ShallowRef } from "vue";
import { useRouter } from "vue-router";
import type { ConversationView, MemberView } from "../../../client-contract.ts";
import { useEvents } from "../use-events.ts";
import { useConversations } from "./use-conversations.ts";
import { useMessages, type Messages } from "./use-messages.ts";

/** One member's chat window: the list, the open conversation and the live events that feed both. */
export function useChat(me: MemberView, wantedConversationId: string | undefined) {
  const router = useRouter();
  const conversations = useConversations(me.id);
  const selected = shallowRef<ConversationView | null>(null);
  const chat: ShallowRef<Messages | null> = shallowRef(null);
  const isMissing = shallowRef(false);
  const openId = computed(() => selected.value?.id);

  function open(conversation: ConversationView): void {
    conversations.markRead(conversation.id);
    if (conversation.id === openId.value) return;
    isMissing.value = false;
    selected.value = conversation;
    chat.value = useMessages(conversation.id);
    void chat.value.loadNewest();
  }

  /** The conversation of the address, else the newest one, as a person would start. */
  async function start(): Promise<void> {
    await conversations.reload();
    const first = wantedConversationId
      ? await conversations.find(wantedConversationId)
      : conversations.items.value[0];
    if (first) open(first);
    else isMissing.value = wantedConversationId !== undefined && !conversations.error.value;
  }

  /** After the list failed: as if the window had just been opened, unless something is open. */
  const retry = () => (selected.value ? conversations.reload() : start());

  const { isBroken } = useEvents(me.id, {
    message: (event) => {
      conversations.apply(event, openId.value);
      if (event.conversationId === openId.value) chat.value?.add(event.message);
    },
    recall: (event) => {
      if (event.conversationId === openId.value) chat.value?.markRecalled(event.messageId);
    },
    reconnected: () => {
      void conversations.reload();
      void chat.value?.loadNewest();
    },
  });

  watch(openId, (id) => void router.replace({ query: { as: me.id, conversation: id } }));

  return { conversations, selected, chat, isMissing, isBroken, open, start, retry };
}
