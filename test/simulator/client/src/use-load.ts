import { ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { errorText } from "./api.ts";

export interface Load<T> {
  data: ShallowRef<T | null>;
  /** A sentence to show, empty when the last run succeeded. */
  error: Ref<string>;
  isLoading: Ref<boolean>;
  /** Runs again; keeps the previous data meanwhile. When runs overlap, only the newest counts. */
  run: () => Promise<void>;
}

/** What a page asks for once and may ask again: data, its error and whether it is under way. */
export function useLoad<T>(load: () => Promise<T>): Load<T> {
  const data = shallowRef<T | null>(null);
  const error = ref("");
  const isLoading = ref(false);
  let newestRun = 0;

  async function run(): Promise<void> {
    const thisRun = ++newestRun;
    isLoading.value = true;
    try {
      const result = await load();
      if (thisRun !== newestRun) return;
      data.value = result;
      error.value = "";
    } catch (cause) {
      if (thisRun === newestRun) error.value = errorText(cause);
    } finally {
      if (thisRun === newestRun) isLoading.value = false;
    }
  }

  return { data, error, isLoading, run };
}
