import { onScopeDispose } from "vue";

/** Runs at once and then every `everyMs`, but only while somebody can see the page. */
export function useEvery(everyMs: number, run: () => void): void {
  run();
  const runWhenSeen = (): void => {
    if (document.visibilityState === "visible") run();
  };
  const timer = setInterval(runWhenSeen, everyMs);
  document.addEventListener("visibilitychange", runWhenSeen);
  onScopeDispose(() => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", runWhenSeen);
  });
}
