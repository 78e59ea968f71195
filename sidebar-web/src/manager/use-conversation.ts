/** One conversation: why it is read, and its messages page by page. Nothing is asked for before the reason is given. */
import type {
  MessagePage,
  MessagePageQuery,
  MessageView,
  ReadingView,
} from "#shared/contract/reading";
import { ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { asApiError, type ApiError } from "../api.ts";
import { listMessages, startReading } from "./reading-api.ts";
import type { ReadingTarget, useReadingsStore } from "./readings.store.ts";

export interface ConversationState {
  /** `null` while the reason is still to be given. */
  reading: ShallowRef<ReadingView | null>;
  /** The oldest first; `null` until the first answer. */
  messages: ShallowRef<MessageView[] | null>;
  olderCursor: Ref<string | null>;
  newerCursor: Ref<string | null>;
  /** What keeps the rest back, and what was asked for against it; as of the last page. */
  limit: ShallowRef<Pick<MessagePage, "withheld" | "extension">>;
  isBusy: Ref<boolean>;
  error: ShallowRef<ApiError | null>;
  /** The reason was given once and has run out. */
  hasExpired: Ref<boolean>;
  start: (purpose: string) => Promise<void>;
  loadOlder: () => Promise<void>;
  loadNewer: () => Promise<void>;
  /** Asks again for what could not be loaded first. */
  retry: () => Promise<void>;
  /** Takes everything off the page once the reading has run out. */
  checkExpiry: (nowMs: number) => void;
}

export function useConversation(
  target: ReadingTarget,
  /** The message to begin with, when it is not the reading's own. */
  seq: number | null,
  store: ReturnType<typeof useReadingsStore>,
): ConversationState {
  const reading = shallowRef(store.find(target, Date.now()));
  const messages = shallowRef<MessageView[] | null>(null);
  const olderCursor = ref<string | null>(null);
  const newerCursor = ref<string | null>(null);
  const limit = shallowRef<Pick<MessagePage, "withheld" | "extension">>({
    withheld: null,
    extension: null,
  });
  const isBusy = ref(false);
  const error = shallowRef<ApiError | null>(null);
  const hasExpired = ref(false);

  function expire(): void {
    store.drop(target);
    reading.value = null;
    messages.value = null;
    hasExpired.value = true;
  }

  /** One request at a time; what went wrong is shown where it happened. */
  async function attempt(work: () => Promise<void>): Promise<void> {
    if (isBusy.value) return;
    isBusy.value = true;
    error.value = null;
    try {
      await work();
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      isBusy.value = false;
    }
  }

  async function ask(query: MessagePageQuery): Promise<MessagePage | null> {
    if (!reading.value) return null;
    try {
      const page = await listMessages(reading.value.id, query);
      limit.value = { withheld: page.withheld, extension: page.extension };
      return page;
    } catch (thrown) {
      // The server knows of no such reading any more: the reason has run out, or the right to read has.
      if (asApiError(thrown).code !== "not_found") throw thrown;
      expire();
      return null;
    }
  }

  async function loadFirst(): Promise<void> {
    const around = seq ?? reading.value?.anchorSeq ?? null;
    const page = await ask(around === null ? {} : { around });
    if (!page) return;
    messages.value = page.messages;
    olderCursor.value = page.olderCursor;
    newerCursor.value = page.newerCursor;
  }

  const state: ConversationState = {
    reading,
    messages,
    olderCursor,
    newerCursor,
    limit,
    isBusy,
    error,
    hasExpired,

    start: (purpose) =>
      attempt(async () => {
        const started = await startReading({ ...target, purpose });
        store.keep(target, started);
        store.lastPurpose = purpose;
        reading.value = started;
        hasExpired.value = false;
        await loadFirst();
      }),

    loadOlder: () =>
      attempt(async () => {
        // Where nothing at all could be shown there is no place to go on from.
        if (olderCursor.value === null) {
          await loadFirst();
          return;
        }
        const page = await ask({ before: olderCursor.value });
        if (!page) return;
        messages.value = [...page.messages, ...(messages.value ?? [])];
        olderCursor.value = page.olderCursor;
      }),

    loadNewer: () =>
      attempt(async () => {
        // Where nothing at all could be shown there is no place to go on from.
        if (newerCursor.value === null) {
          await loadFirst();
          return;
        }
        const page = await ask({ after: newerCursor.value });
        if (!page) return;
        messages.value = [...(messages.value ?? []), ...page.messages];
        newerCursor.value = page.newerCursor;
      }),

    retry: () => attempt(loadFirst),

    checkExpiry(nowMs) {
      if (reading.value && nowMs >= reading.value.expiresAtMs) expire();
    },
  };
  if (reading.value) void state.retry();
  return state;
}
