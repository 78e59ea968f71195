/** The approvals of one tab, page by page. */
import type { ApprovalView } from "#shared/contract/approval";
import { ref, shallowRef, watch, type Ref } from "vue";
import { asApiError, type ApiError } from "../../api.ts";
import { listApprovals } from "./approvals-api.ts";
import { useApprovalsStore } from "./approvals.store.ts";

export type Tab = "waiting" | "ended";

export function useApprovals(tab: Ref<Tab>) {
  const store = useApprovalsStore();
  const approvals = shallowRef<readonly ApprovalView[] | null>(null);
  const nextCursor = ref<string | null>(null);
  const error = shallowRef<ApiError | null>(null);
  const isLoading = ref(false);
  let generation = 0;

  async function fetchPage(cursor?: string): Promise<void> {
    generation += 1;
    const mine = generation;
    isLoading.value = true;
    try {
      const page = await listApprovals(tab.value, cursor);
      // The other tab was opened meanwhile.
      if (mine !== generation) return;
      approvals.value = [...(cursor ? (approvals.value ?? []) : []), ...page.approvals];
      nextCursor.value = page.nextCursor;
      error.value = null;
    } catch (thrown) {
      if (mine === generation) error.value = asApiError(thrown);
    } finally {
      if (mine === generation) isLoading.value = false;
    }
  }

  async function load(): Promise<void> {
    await Promise.all([fetchPage(), store.load()]);
  }

  watch(
    tab,
    () => {
      approvals.value = null;
      void load();
    },
    { immediate: true },
  );

  return {
    approvals,
    nextCursor,
    error,
    isLoading,
    load,
    loadMore: () => fetchPage(nextCursor.value ?? undefined),
  };
}
