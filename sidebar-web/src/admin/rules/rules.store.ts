/** The rules as the console knows them. */
import type { RuleView } from "#shared/contract/rule";
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { asApiError, type ApiError } from "../../api.ts";
import { listRules, switchRule } from "../admin-api.ts";
import { categoriesOf } from "./rule-filter.ts";

export const useRulesStore = defineStore("rules", () => {
  /** `null` until the first answer. */
  const rules = shallowRef<RuleView[] | null>(null);
  const error = shallowRef<ApiError | null>(null);
  const isLoading = ref(false);
  /** Rules whose switch is on its way. */
  const switching = shallowRef<ReadonlySet<string>>(new Set());
  const categories = computed(() => categoriesOf(rules.value ?? []));

  async function load(): Promise<void> {
    isLoading.value = true;
    error.value = null;
    try {
      rules.value = (await listRules()).rules;
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

  return { rules, error, isLoading, switching, categories, load, find, put, turn };
});
