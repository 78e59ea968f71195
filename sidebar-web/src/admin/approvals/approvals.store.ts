/** Whether approvals concern whoever is at the console, and how many wait for them: for the navigation. */
import { defineStore } from "pinia";
import { computed } from "vue";
import { useResource } from "../use-resource.ts";
import { getSummary } from "./approvals-api.ts";

export const useApprovalsStore = defineStore("approvals", () => {
  const { value: summary, load } = useResource(getSummary);
  return {
    load,
    isConcerned: computed(() => summary.value?.isConcerned ?? false),
    toDecide: computed(() => summary.value?.toDecide ?? 0),
  };
});
