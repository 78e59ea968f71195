import type { RepullList, RepullRequest } from "#shared/contract/reconciliation";
import { MessagePlugin } from "tdesign-vue-next";
import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from "vue";
import { asApiError } from "../../api.ts";
import { useResource, type Resource } from "../use-resource.ts";
import { text } from "./messages.ts";
import { listRepulls, requestRepull } from "./reconciliation-api.ts";

const lookEveryMs = 1500;

export interface Repulls extends Resource<RepullList> {
  isStarting: Ref<boolean>;
  /** Field by field what is wrong with the numbers. */
  fields: Ref<Readonly<Record<string, string>>>;
  isRunning: ComputedRef<boolean>;
  /** Whether it has begun. */
  start: (range: RepullRequest) => Promise<boolean>;
}

/** Ranges that are pulled again; watched closely while one is under way. `onDone` when the last one has ended. */
export function useRepulls(onDone: () => void): Repulls {
  const list = useResource(listRepulls);
  const isStarting = ref(false);
  const fields = ref<Readonly<Record<string, string>>>({});
  const isRunning = computed(
    () => list.value.value?.repulls.some(({ state }) => state !== "done") ?? false,
  );
  let timer: ReturnType<typeof setInterval> | undefined;
  watch(isRunning, (runs) => {
    clearInterval(timer);
    if (runs) timer = setInterval(() => void list.load(), lookEveryMs);
    else onDone();
  });
  onScopeDispose(() => clearInterval(timer));

  async function start(range: RepullRequest): Promise<boolean> {
    isStarting.value = true;
    fields.value = {};
    try {
      const started = await requestRepull(range);
      void MessagePlugin.success(text.repull.started);
      const others = list.value.value?.repulls.filter(({ id }) => id !== started.id) ?? [];
      list.value.value = { repulls: [started, ...others] };
      return true;
    } catch (thrown) {
      const error = asApiError(thrown);
      fields.value = error.fields;
      if (Object.keys(error.fields).length === 0) void MessagePlugin.error(error.message);
      return false;
    } finally {
      isStarting.value = false;
    }
  }

  return { ...list, isStarting, fields, isRunning, start };
}
