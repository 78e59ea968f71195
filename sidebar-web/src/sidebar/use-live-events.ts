import { onScopeDispose } from "vue";
import { browserLine, keepLive } from "./live-events.ts";
import { eventsUrl } from "./sidebar-api.ts";
import type { useSidebarStore } from "./sidebar.store.ts";
import type { ChatTarget } from "./wecom-bridge.ts";

/** Feeds the store from the chat's live events for as long as the calling component lives. */
export function useLiveEvents(store: ReturnType<typeof useSidebarStore>, target: ChatTarget): void {
  const close = keepLive(
    eventsUrl(target),
    {
      onWarning: (warning) => store.receive(warning),
      onRules: () => void store.loadRules(),
      onOpen: () => {
        void store.refresh();
        void store.loadRules();
      },
      onState: (isLive) => (store.isLive = isLive),
      // Asking for the context brings a session that ended to the sign-in page.
      onRefused: () => void store.refresh(),
    },
    browserLine,
  );
  onScopeDispose(close);
}
