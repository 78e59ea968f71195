/** The list of conversations and what narrows it; it outlives a look at one of them. */
import type { ConversationView, ReadingScope } from "#shared/contract/reading";
import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { asApiError, type ApiError } from "../api.ts";
import { emptyFilter, toFilter, type FilterForm } from "./conversation-filter.ts";
import { getScope, listConversations } from "./reading-api.ts";

export const useConversationsStore = defineStore("conversations", () => {
  const form = ref<FilterForm>(emptyFilter());
  /** What one can choose from; `null` until it is known. */
  const scope = shallowRef<ReadingScope | null>(null);
  /** `null` until the first answer. */
  const conversations = shallowRef<ConversationView[] | null>(null);
  const nextCursor = ref<string | null>(null);
  const error = shallowRef<ApiError | null>(null);
  const isLoading = ref(false);
  /** An answer to an older question must not overwrite a newer one's. */
  let question = 0;

  async function ask(cursor?: string): Promise<void> {
    const mine = ++question;
    isLoading.value = true;
    error.value = null;
    try {
      const page = await listConversations(toFilter(form.value), cursor);
      if (mine !== question) return;
      const known = cursor === undefined ? [] : (conversations.value ?? []);
      const knownIds = new Set(known.map(({ id }) => id));
      conversations.value = [...known, ...page.conversations.filter(({ id }) => !knownIds.has(id))];
      nextCursor.value = page.nextCursor;
    } catch (thrown) {
      if (mine === question) error.value = asApiError(thrown);
    } finally {
      if (mine === question) isLoading.value = false;
    }
  }

  const refresh = (): Promise<void> => ask();
  const loadMore = (): Promise<void> => ask(nextCursor.value ?? undefined);

  /** Without it one can still read; only members and departments cannot be chosen. */
  async function loadScope(): Promise<void> {
    if (scope.value) return;
    scope.value = await getScope().catch(() => null);
  }

  async function narrow(next: FilterForm): Promise<void> {
    form.value = next;
    conversations.value = null;
    await refresh();
  }

  return {
    form,
    scope,
    conversations,
    nextCursor,
    error,
    isLoading,
    refresh,
    loadMore,
    loadScope,
    narrow,
  };
});
