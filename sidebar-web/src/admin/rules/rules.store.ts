/** The rules as the console knows them. */
import type { RuleList, RuleView } from "#shared/contract/rule";
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { asApiError, type ApiError } from "../../api.ts";
import { listRules, removeRule, revertRule, switchRule } from "../admin-api.ts";
import { categoriesOf } from "./rule-filter.ts";

export const useRulesStore = defineStore("rules", () => {
  /** `null` until the first answer. */
  const rules = shallowRef<RuleView[] | null>(null);
  /** The one in force. */
  const version = ref(0);
  const error = shallowRef<ApiError | null>(null);
  const isLoading = ref(false);
  /** Rules whose switch is on its way. */
  const switching = shallowRef<ReadonlySet<string>>(new Set());
  const categories = computed(() => categoriesOf(rules.value ?? []));
  const changeCount = computed(
    () => (rules.value ?? []).filter(({ change }) => change !== null).length,
  );

  function take(list: RuleList): void {
    rules.value = list.rules;
    version.value = list.version;
  }

  async function load(): Promise<void> {
    isLoading.value = true;
    error.value = null;
    try {
      take(await listRules());
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      isLoading.value = false;
    }
  }

  function find(id: string): RuleView | undefined {
    return rules.value?.find((rule) => rule.id === id);
  }

  /** Takes over a rule as the server now has it; a new one comes first. */
  function put(rule: RuleView): void {
    const known = rules.value ?? [];
    rules.value =
      find(rule.id) === undefined
        ? [rule, ...known]
        : known.map((one) => (one.id === rule.id ? rule : one));
  }

  /** Throws ApiError; the switch shows the old state until the server agrees. */
  async function turn(id: string, isEnabled: boolean): Promise<void> {
    switching.value = new Set([...switching.value, id]);
    try {
      put(await switchRule(id, isEnabled));
    } finally {
      switching.value = new Set([...switching.value].filter((one) => one !== id));
    }
  }

  /** Throw ApiError. */
  const remove = async (id: string): Promise<void> => take(await removeRule(id));
  const revert = async (id: string | null): Promise<void> => take(await revertRule(id));

  return {
    rules,
    version,
    error,
    isLoading,
    switching,
    categories,
    changeCount,
    load,
    find,
    put,
    turn,
    remove,
    revert,
  };
});
