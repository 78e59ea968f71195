import { onBeforeUnmount, ref, type Ref } from "vue";

const STEP_MS = 30_000;

/** The time in epoch milliseconds, moving in steps of half a minute: enough for 「14:03」 and 「昨天」. */
export function useNow(): Ref<number> {
  const nowMs = ref(Date.now());
  const timer = window.setInterval(() => (nowMs.value = Date.now()), STEP_MS);
  onBeforeUnmount(() => window.clearInterval(timer));
  return nowMs;
}
