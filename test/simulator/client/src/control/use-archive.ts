import { onBeforeUnmount, ref } from "vue";
import type { ArchiveState } from "../../../client-contract.ts";
import { deliverKeys, errorText, getArchive, rotateKey } from "../api.ts";
import { messages } from "../messages.ts";
import { useLoad } from "../use-load.ts";

const REFRESH_MS = 2000;

export type KeyAction = "rotate-deliver" | "rotate-only" | "deliver";

/** State of the chat archive, asked for every two seconds while the page is seen, and its keys. */
export function useArchive() {
  const { data: archive, error, isLoading, run: load } = useLoad(getArchive);
  const running = ref<KeyAction | null>(null);
  const result = ref<{ isError: boolean; text: string } | null>(null);

  const actions: Record<KeyAction, () => Promise<ArchiveState>> = {
    "rotate-deliver": () => rotateKey({ deliver: true }),
    "rotate-only": () => rotateKey({ deliver: false }),
    deliver: deliverKeys,
  };

  async function act(action: KeyAction): Promise<void> {
    running.value = action;
    result.value = null;
    try {
      const state = await actions[action]();
      archive.value = state;
      result.value = { isError: false, text: doneText(action, state.keyVersion) };
    } catch (cause) {
      const text = `${messages.control.keyFailed}：${errorText(cause)}`;
      result.value = { isError: true, text };
    } finally {
      running.value = null;
    }
  }

  void load();
  const timer = window.setInterval(() => {
    if (!document.hidden && !isLoading.value && running.value === null) void load();
  }, REFRESH_MS);
  onBeforeUnmount(() => window.clearInterval(timer));

  return { archive, error, isLoading, running, result, load, act };
}

function doneText(action: KeyAction, keyVersion: number): string {
  if (action === "rotate-deliver") return messages.control.rotated(keyVersion);
  if (action === "rotate-only") return messages.control.rotatedOnly(keyVersion);
  return messages.control.deliveredAll;
}
