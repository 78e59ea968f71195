import { ref, shallowRef } from "vue";
import type { ChatMessageView } from "../../../client-contract.ts";
import { ApiError, errorText, listMessages, recallMessage, sendMessage } from "../api.ts";
import { messages } from "../messages.ts";
import { mergeMessages } from "./merge-messages.ts";

const PAGE_SIZE = 30;

/** The messages of one conversation; a new one is made for each conversation that is opened. */
export function useMessages(conversationId: string) {
  const list = shallowRef<ChatMessageView[]>([]);
  const hasOlder = ref(false);
  const isLoading = ref(false);
  const isLoadingOlder = ref(false);
  const error = ref("");
  /** Counts what was sent from here, so that the list can follow. */
  const sends = ref(0);

  /** The newest page; also after a break, to catch up. */
  async function loadNewest(): Promise<void> {
    const isFirst = list.value.length === 0;
    isLoading.value = isFirst;
    try {
      const page = await listMessages(conversationId, { limit: PAGE_SIZE });
      list.value = mergeMessages(list.value, page.messages);
      if (isFirst) hasOlder.value = page.hasOlder;
      error.value = "";
    } catch (cause) {
      error.value = errorText(cause);
    } finally {
      isLoading.value = false;
    }
  }

  async function loadOlder(): Promise<void> {
    const oldest = list.value[0];
    if (!oldest || !hasOlder.value || isLoadingOlder.value) return;
    isLoadingOlder.value = true;
    try {
      const page = await listMessages(conversationId, { limit: PAGE_SIZE, beforeId: oldest.id });
      list.value = mergeMessages(page.messages, list.value);
      hasOlder.value = page.hasOlder;
    } catch (cause) {
      error.value = errorText(cause);
    } finally {
      isLoadingOlder.value = false;
    }
  }

  function add(message: ChatMessageView): void {
    list.value = mergeMessages(list.value, [message]);
  }

  function markRecalled(messageId: string): void {
    list.value = list.value.map((message) =>
      message.id === messageId ? { ...message, isRecalled: true } : message,
    );
  }

  /** Sends and shows; throws when the twin refused. Of what WeCom only warns of the person decides. */
  async function send(fromId: string, text: string): Promise<void> {
    sends.value += 1;
    const message = { conversationId, fromId, text };
    await sendMessage(message).catch(async (cause: unknown) => {
      const isWarning = cause instanceof ApiError && cause.status === 409;
      if (!isWarning || !window.confirm(messages.chat.sendAnyway(cause.message))) throw cause;
      await sendMessage({ ...message, isConfirmed: true });
    });
    await loadNewest();
  }

  async function recall(messageId: string): Promise<void> {
    await recallMessage(messageId);
    markRecalled(messageId);
  }

  return {
    list,
    hasOlder,
    isLoading,
    isLoadingOlder,
    error,
    sends,
    loadNewest,
    loadOlder,
    add,
    markRecalled,
    send,
    recall,
  };
}

export type Messages = ReturnType<typeof useMessages>;
