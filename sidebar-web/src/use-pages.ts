/** A list that comes page by page, the newest first. */
import { ref, shallowRef } from "vue";
import { asApiError, type ApiError } from "./api.ts";

export function usePages<T>(
  fetchPage: (cursor?: string) => Promise<{ rows: readonly T[]; nextCursor: string | null }>,
) {
  const rows = shallowRef<readonly T[] | null>(null);
  const nextCursor = ref<string | null>(null);
  const error = shallowRef<ApiError | null>(null);
  const isLoading = ref(false);

  async function load(cursor?: string): Promise<void> {
    isLoading.value = true;
    try {
      const page = await fetchPage(cursor);
      rows.value = [...(cursor ? (rows.value ?? []) : []), ...page.rows];
      nextCursor.value = page.nextCursor;
      error.value = null;
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      isLoading.value = false;
    }
  }

  return {
    rows,
    nextCursor,
    error,
    isLoading,
    load: () => load(),
    loadMore: () => load(nextCursor.value ?? undefined),
  };
}
