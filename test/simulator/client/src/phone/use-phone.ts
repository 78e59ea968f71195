import { ref, shallowRef } from "vue";
import type { PhoneItem } from "../../../client-contract.ts";
import { ApiError, errorText, getPhone, tapButton } from "../api.ts";
import { messages } from "../messages.ts";
import { useEvents } from "../use-events.ts";
import { useToast } from "../use-toast.ts";

/** The real client gives up on a tap when the app has not answered for this long. */
const UPDATE_LIMIT_MS = 5000;

/** What the app pushed to one member, live, and the taps on its cards. */
export function usePhone(memberId: string) {
  const appName = ref("");
  const items = shallowRef<PhoneItem[]>([]);
  const isLoading = ref(true);
  const error = ref("");
  /** The button that waits for the app, by message. */
  const waiting = ref<Record<string, string>>({});
  const { show } = useToast();

  async function load(): Promise<void> {
    try {
      const phone = await getPhone(memberId);
      appName.value = phone.appName;
      items.value = phone.items;
      error.value = "";
    } catch (cause) {
      error.value = errorText(cause);
    } finally {
      isLoading.value = false;
    }
  }

  function put(item: PhoneItem): void {
    const index = items.value.findIndex((known) => known.msgId === item.msgId);
    items.value = index < 0 ? [...items.value, item] : items.value.with(index, item);
    // Whatever the app changed, its answer to a tap is there.
    stopWaiting(item.msgId);
  }

  function stopWaiting(msgId: string): void {
    waiting.value = Object.fromEntries(
      Object.entries(waiting.value).filter(([waitingId]) => waitingId !== msgId),
    );
  }

  async function tap(msgId: string, buttonKey: string): Promise<void> {
    if (waiting.value[msgId] !== undefined) return;
    waiting.value = { ...waiting.value, [msgId]: buttonKey };
    window.setTimeout(() => {
      if (waiting.value[msgId] === undefined) return;
      stopWaiting(msgId);
      show(messages.phone.notUpdated);
    }, UPDATE_LIMIT_MS);
    try {
      await tapButton({ memberId, msgId, buttonKey });
    } catch (cause) {
      stopWaiting(msgId);
      const isGone = cause instanceof ApiError && cause.status === 409;
      show(isGone ? messages.phone.gone : `${messages.phone.tapFailed}：${errorText(cause)}`);
      if (isGone) await load();
    }
  }

  const { isBroken } = useEvents(memberId, {
    card: put,
    "card-updated": put,
    reconnected: () => void load(),
  });
  void load();

  return { appName, items, isLoading, error, waiting, isBroken, load, tap };
}
