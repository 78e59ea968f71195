/** Who is at the console, and what they may do; read once when it opens. */
import { defineStore } from "pinia";
import { computed } from "vue";
import type { Permission } from "#shared/contract/access";
import type { SessionView } from "#shared/contract/session";
import { api } from "../page-api.ts";
import { useApprovalsStore } from "./approvals/approvals.store.ts";
import { pagesFor, type Concern } from "./console-pages.ts";
import { useReviewStore } from "./review/review.store.ts";
import { useResource } from "./use-resource.ts";

export const useSessionStore = defineStore("session", () => {
  const approvals = useApprovalsStore();
  const review = useReviewStore();
  const {
    value: who,
    error,
    load,
  } = useResource(async () => {
    const [session] = await Promise.all([
      api.get<SessionView>("/api/session"),
      approvals.load(),
      review.load(),
    ]);
    return session;
  });
  const pages = computed(() => {
    const concerns = new Set<Concern>();
    if (approvals.isConcerned) concerns.add("approvals");
    // Administrators watch how it goes.
    if (review.isConcerned || may("access.read")) concerns.add("review");
    return pagesFor(who.value?.permissions ?? [], concerns);
  });
  /** For buttons: the server asks again. */
  const may = (permission: Permission): boolean =>
    who.value?.permissions.includes(permission) ?? false;
  return { who, error, load, pages, may };
});
