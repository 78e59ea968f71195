import { onBeforeUnmount, ref, type Ref } from "vue";
import type { MessageEvent as ChatMessageEvent, PhoneItem } from "../../client-contract.ts";
import { eventsUrl } from "./api.ts";

export interface RecallEvent {
  conversationId: string;
  messageId: string;
}

export interface EventHandlers {
  message?: (event: ChatMessageEvent) => void;
  recall?: (event: RecallEvent) => void;
  card?: (item: PhoneItem) => void;
  "card-updated"?: (item: PhoneItem) => void;
  /** The stream is back after a break: whatever happened meanwhile has to be asked for. */
  reconnected: () => void;
}

const REOPEN_AFTER_MS = 2000;

/** One person's live events for as long as the component lives; `isBroken` while the stream is down. */
export function useEvents(memberId: string, handlers: EventHandlers): { isBroken: Ref<boolean> } {
  const isBroken = ref(false);
  let source: EventSource | undefined;
  let reopenTimer: number | undefined;

  function open(): void {
    source = new EventSource(eventsUrl(memberId));
    source.onopen = () => {
      if (isBroken.value) handlers.reconnected();
      isBroken.value = false;
    };
    source.onerror = () => {
      isBroken.value = true;
      // The browser gives up for good when the answer was an error page; then we ask again.
      if (source?.readyState === EventSource.CLOSED) {
        reopenTimer = window.setTimeout(open, REOPEN_AFTER_MS);
      }
    };
    listen("message", handlers.message);
    listen("recall", handlers.recall);
    listen("card", handlers.card);
    listen("card-updated", handlers["card-updated"]);
  }

  // The contract ties each name to its value, so `never` here stands for "what this handler takes".
  function listen(name: string, handler: ((value: never) => void) | undefined): void {
    if (!handler) return;
    source?.addEventListener(name, (event: MessageEvent<string>) => {
      handler(JSON.parse(event.data) as never);
    });
  }

  open();
  onBeforeUnmount(() => {
    window.clearTimeout(reopenTimer);
    source?.close();
  });
  return { isBroken };
}
