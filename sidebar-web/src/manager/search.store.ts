/** The search of this page; it outlives a look at one of the conversations found. */
import { defineStore } from "pinia";
import { ref } from "vue";
import { useSearch } from "./use-search.ts";

export const useSearchStore = defineStore("search", () => {
  const wanted = ref("");
  return { wanted, ...useSearch() };
});
