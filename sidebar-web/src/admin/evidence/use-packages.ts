/** The requests for packages, page by page; looked at again while one is being built. */
import type { EvidenceView } from "#shared/contract/evidence";
import { ref, shallowRef } from "vue";
import { asApiError, type ApiError } from "../../api.ts";
import { listPackages } from "./evidence-api.ts";

export function usePackages() {
  const packages = shallowRef<readonly EvidenceView[] | null>(null);
  const nextCursor = ref<string | null>(null);
  const fingerprint = ref("");
  const error = shallowRef<ApiError | null>(null);
  const isLoading = ref(false);

  async function fetchPage(cursor?: string): Promise<void> {
    if (isLoading.value) return;
    isLoading.value = true;
    try {
      const page = await listPackages(cursor);
      packages.value = [...(cursor ? (packages.value ?? []) : []), ...page.packages];
      nextCursor.value = page.nextCursor;
      fingerprint.value = page.keyFingerprint;
      error.value = null;
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      isLoading.value = false;
    }
  }

  return {
    packages,
    nextCursor,
    fingerprint,
    error,
    isLoading,
    load: () => fetchPage(),
    loadMore: () => fetchPage(nextCursor.value ?? undefined),
    isBuilding: () => packages.value?.some(({ state }) => state === "building") ?? false,
  };
}
