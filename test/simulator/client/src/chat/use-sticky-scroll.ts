import { nextTick, ref, watch, type Ref } from "vue";
import type { Messages } from "./use-messages.ts";

/** Closer to an edge than this counts as being there, in CSS pixels. */
const EDGE = 80;

/**
 * Scrolling of a chat: stays at the newest message while the reader is there, keeps the reader's
 * place when older messages come in above, and says so when a new one is out of sight.
 */
export function useStickyScroll(scroller: Ref<HTMLElement | null>, chat: Messages) {
  const hasNewBelow = ref(false);
  let isAtBottom = true;

  function toBottom(): void {
    const element = scroller.value;
    if (element) element.scrollTop = element.scrollHeight;
    hasNewBelow.value = false;
  }

  function onScroll(): void {
    const element = scroller.value;
    if (!element) return;
    isAtBottom = element.scrollHeight - element.scrollTop - element.clientHeight < EDGE;
    if (isAtBottom) hasNewBelow.value = false;
    if (element.scrollTop < EDGE) void chat.loadOlder();
  }

  // Before the page changes, so that the distance to the end is still the reader's.
  watch(chat.list, (list, previous) => {
    const element = scroller.value;
    if (!element) return;
    const fromEnd = element.scrollHeight - element.scrollTop;
    const cameOlder = previous.length > 0 && list[0]?.id !== previous[0]?.id;
    const cameNewer = list.at(-1)?.id !== previous.at(-1)?.id;
    void nextTick(() => {
      if (cameOlder) element.scrollTop = element.scrollHeight - fromEnd;
      else if (isAtBottom) toBottom();
      else hasNewBelow.value ||= cameNewer;
      // A page that does not fill the window leaves nothing to scroll, so the next one is asked for.
      if (element.scrollHeight <= element.clientHeight) void chat.loadOlder();
    });
  });

  // Whoever sends wants to see it, wherever they were reading.
  watch(
    chat.sends,
    () => {
      isAtBottom = true;
      toBottom();
    },
    { flush: "sync" },
  );

  return { hasNewBelow, toBottom, onScroll };
}
