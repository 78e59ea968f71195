/** What whoever has the page open may do; for links to what not everybody may open. The server asks again. */
import type { Permission } from "#shared/contract/access";
import type { SessionView } from "#shared/contract/session";
import { defineStore } from "pinia";
import { shallowRef } from "vue";
import { api } from "../page-api.ts";

export const useOwnRightsStore = defineStore("own-rights", () => {
  const permissions = shallowRef<readonly Permission[]>([]);

  async function load(): Promise<void> {
    try {
      ({ permissions: permissions.value } = await api.get<SessionView>("/api/session"));
    } catch {
      // The page says itself what is wrong; without an answer the links stay away.
    }
  }

  const may = (permission: Permission): boolean => permissions.value.includes(permission);
  void load();
  return { may };
});
