/** The acts that a filter leaves, page by page. */
import type { AuditEntry, AuditFilter } from "#shared/contract/audit";
import { reactive, ref, shallowRef, watch } from "vue";
import { asApiError, type ApiError } from "../../api.ts";
import { listActs } from "./audit-api.ts";

const TYPING_MS = 300;

export function useActs() {
  const filter = reactive({ who: "", object: "", objectId: "", days: [] as string[] });
  const entries = shallowRef<readonly AuditEntry[] | null>(null);
  const nextCursor = ref<number | null>(null);
  const error = shallowRef<ApiError | null>(null);
  const isLoading = ref(false);
  let generation = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function asked(): AuditFilter {
    const [fromDay, toDay] = filter.days;
    const given = {
      who: filter.who.trim(),
      object: filter.object,
      objectId: filter.objectId.trim(),
      fromDay,
      toDay,
    };
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value));
  }

  async function fetchPage(cursor: number | null): Promise<void> {
    generation += 1;
    const mine = generation;
    isLoading.value = true;
    try {
      const page = await listActs(asked(), cursor);
      // The filter was changed meanwhile.
      if (mine !== generation) return;
      entries.value = [...(cursor === null ? [] : (entries.value ?? [])), ...page.entries];
      nextCursor.value = page.nextCursor;
      error.value = null;
    } catch (thrown) {
      if (mine === generation) error.value = asApiError(thrown);
    } finally {
      if (mine === generation) isLoading.value = false;
    }
  }

  watch(filter, () => {
    clearTimeout(timer);
    timer = setTimeout(() => void fetchPage(null), TYPING_MS);
  });

  return {
    filter,
    asked,
    entries,
    nextCursor,
    error,
    isLoading,
    load: () => fetchPage(null),
    loadMore: () => fetchPage(nextCursor.value),
    clear: () => Object.assign(filter, { who: "", object: "", objectId: "", days: [] }),
  };
}
