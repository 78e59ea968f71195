/** Something fetched that may be fetched again: the last answer stays while the next is on its way. */
import { ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { asApiError, type ApiError } from "../api.ts";

export interface Resource<T> {
  value: ShallowRef<T | null>;
  error: ShallowRef<ApiError | null>;
  isLoading: Ref<boolean>;
  load: () => Promise<void>;
}

export function useResource<T>(fetchIt: () => Promise<T>): Resource<T> {
  const value = shallowRef<T | null>(null);
  const error = shallowRef<ApiError | null>(null);
  const isLoading = ref(false);
  async function load(): Promise<void> {
    if (isLoading.value) return;
    isLoading.value = true;
    try {
      value.value = await fetchIt();
      error.value = null;
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      isLoading.value = false;
    }
  }
  return { value, error, isLoading, load };
}
