import { onScopeDispose, ref, type Ref } from "vue";

const everyMs = 30_000;

/** The time, renewed every half minute, so that 今天 and 昨天 stay true on a page left open. Epoch ms. */
export function useNow(): Ref<number> {
  const now = ref(Date.now());
  const timer = setInterval(() => (now.value = Date.now()), everyMs);
  onScopeDispose(() => clearInterval(timer));
  return now;
}
