import { computed, reactive, ref, shallowRef } from "vue";
import type {
  ConversationView,
  MessageEvent as ChatMessageEvent,
} from "../../../client-contract.ts";
import { errorText, listConversations } from "../api.ts";
import { messagePreview } from "./message-preview.ts";

const PAGE_SIZE = 30;

/** One member's conversations: paged, searched on the server, kept in order by live messages. */
export function useConversations(memberId: string) {
  const items = shallowRef<ConversationView[]>([]);
  const total = ref(0);
  const query = ref("");
  const error = ref("");
  const isLoading = ref(false);
  const unread = reactive(new Map<string, number>());
  const hasMore = computed(() => items.value.length < total.value);
  let newestRun = 0;

  /** `offset` 0 starts over: what is shown stays until the answer is here. */
  async function load(offset: number): Promise<void> {
    const thisRun = ++newestRun;
    isLoading.value = true;
    try {
      const page = { query: query.value, limit: PAGE_SIZE, offset };
      const answer = await listConversations(memberId, page);
      if (thisRun !== newestRun) return;
      const kept = offset === 0 ? [] : items.value;
      items.value = withoutDuplicates([...kept, ...answer.conversations]);
      // An empty page ends the list even if the total moved meanwhile.
      total.value = answer.conversations.length === 0 ? items.value.length : answer.total;
      error.value = "";
    } catch (cause) {
      if (thisRun === newestRun) error.value = errorText(cause);
    } finally {
      if (thisRun === newestRun) isLoading.value = false;
    }
  }

  const reload = () => load(0);

  async function loadMore(): Promise<void> {
    if (!isLoading.value && hasMore.value) await load(items.value.length);
  }

  async function search(text: string): Promise<void> {
    query.value = text;
    await load(0);
  }

  /** The conversation with this id, from as many pages as it takes; undefined when there is none. */
  async function find(id: string): Promise<ConversationView | undefined> {
    for (;;) {
      const found = items.value.find((item) => item.id === id);
      if (found || !hasMore.value || error.value) return found;
      await load(items.value.length);
    }
  }

  /** A live message: its conversation moves to the top, or the list is asked for when it is not in it. */
  function apply({ conversationId, message }: ChatMessageEvent, openId: string | undefined): void {
    if (conversationId !== openId && message.fromId !== memberId) {
      unread.set(conversationId, (unread.get(conversationId) ?? 0) + 1);
    }
    const known = items.value.find((item) => item.id === conversationId);
    if (!known) {
      void reload();
      return;
    }
    const current = { ...known, lastText: messagePreview(message), lastAtMs: message.atMs };
    items.value = [current, ...items.value.filter((item) => item.id !== conversationId)];
  }

  const markRead = (id: string) => unread.delete(id);

  return {
    items,
    query,
    error,
    isLoading,
    hasMore,
    unread,
    reload,
    loadMore,
    search,
    find,
    apply,
    markRead,
  };
}

/** Pages overlap when a message moved a conversation up between two answers. */
function withoutDuplicates(list: ConversationView[]): ConversationView[] {
  return [...new Map(list.map((item) => [item.id, item])).values()];
}
