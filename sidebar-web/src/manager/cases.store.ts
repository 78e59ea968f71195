/** The manager's list of cases; it outlives a look at one case, so that going back finds it as it was. */
import type { CaseView } from "#shared/contract/case";
import { defineStore } from "pinia";
import { ref, shallowRef } from "vue";
import { asApiError, type ApiError } from "../api.ts";
import { listCases, type CaseFilter } from "./manager-api.ts";

export const useCasesStore = defineStore("cases", () => {
  const filter = ref<CaseFilter>("open");
  /** `null` until the first answer. */
  const cases = shallowRef<CaseView[] | null>(null);
  const openCount = ref(0);
  /** Open ones of look-backs, which `openCount` leaves out. */
  const lookBackCount = ref(0);
  const error = shallowRef<ApiError | null>(null);
  const isLoading = ref(false);
  const nextCursor = ref<string | null>(null);
  /** An answer to an older question must not overwrite a newer one's. */
  let question = 0;

  async function ask(cursor?: string): Promise<void> {
    const mine = ++question;
    isLoading.value = true;
    error.value = null;
    try {
      const page = await listCases(filter.value, cursor);
      if (mine !== question) return;
      const known = cursor === undefined ? [] : (cases.value ?? []);
      const knownIds = new Set(known.map((one) => one.id));
      cases.value = [...known, ...page.cases.filter((one) => !knownIds.has(one.id))];
      nextCursor.value = page.nextCursor;
      openCount.value = page.openCount;
      lookBackCount.value = page.lookBackCount;
    } catch (thrown) {
      if (mine === question) error.value = asApiError(thrown);
    } finally {
      if (mine === question) isLoading.value = false;
    }
  }

  const refresh = (): Promise<void> => ask();
  const loadMore = (): Promise<void> => ask(nextCursor.value ?? undefined);

  async function show(state: CaseFilter): Promise<void> {
    filter.value = state;
    cases.value = null;
    await refresh();
  }

  /** Takes over a case as it is now: a decided one leaves the list of the open ones. */
  function update(one: CaseView): void {
    const wasListed = cases.value?.some((listed) => listed.id === one.id) ?? false;
    if (!wasListed || cases.value === null) return;
    if (filter.value === "open" && one.state !== "open") {
      cases.value = cases.value.filter((listed) => listed.id !== one.id);
      const count = one.isLookBack ? lookBackCount : openCount;
      count.value = Math.max(0, count.value - 1);
    } else cases.value = cases.value.map((listed) => (listed.id === one.id ? one : listed));
  }

  return {
    filter,
    cases,
    openCount,
    lookBackCount,
    error,
    isLoading,
    nextCursor,
    refresh,
    loadMore,
    show,
    update,
  };
});
