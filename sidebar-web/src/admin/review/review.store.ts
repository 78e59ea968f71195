/** What the one at the console is to look at: for the page and for the navigation. */
import { defineStore } from "pinia";
import { computed, ref, watch } from "vue";
import type { MyReview } from "#shared/contract/access-review";
import { useResource } from "../use-resource.ts";
import { getMyReview } from "./review-api.ts";

export const useReviewStore = defineStore("review", () => {
  const wasConcerned = ref(false);
  const { value: mine, error, isLoading, load } = useResource(getMyReview);
  watch(
    mine,
    (answer) => {
      if (answer && answer.items.length > 0) wasConcerned.value = true;
    },
    { flush: "sync" },
  );
  return {
    mine,
    error,
    isLoading,
    load,
    /** The answer to a decision says what is left. */
    take(answer: MyReview): void {
      mine.value = answer;
    },
    /** Whoever has answered the last one stays on the page. */
    isConcerned: wasConcerned,
    toDecide: computed(
      () => mine.value?.items.filter(({ state }) => state === "waiting").length ?? 0,
    ),
  };
});
