/** Who is at the console, and what they may do; read once when it opens. */
import { defineStore } from "pinia";
import { computed } from "vue";
import type { Permission } from "#shared/contract/access";
import type { SessionView } from "#shared/contract/session";
import { api } from "../page-api.ts";
import { useApprovalsStore } from "./approvals/approvals.store.ts";
import { pagesFor } from "./console-pages.ts";
import { useResource } from "./use-resource.ts";

export const useSessionStore = defineStore("session", () => {
  const approvals = useApprovalsStore();
  const {
    value: who,
    error,
    load,
  } = useResource(async () => {
    const [session] = await Promise.all([api.get<SessionView>("/api/session"), approvals.load()]);
    return session;
  });
  const pages = computed(() => pagesFor(who.value?.permissions ?? [], approvals.isConcerned));
  /** For buttons: the server asks again. */
  const may = (permission: Permission): boolean =>
    who.value?.permissions.includes(permission) ?? false;
  return { who, error, load, pages, may };
});
