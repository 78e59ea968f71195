import { computed, ref } from "vue";
import type { Faults } from "../../../client-contract.ts";
import { errorText, getFaults, updateFaults } from "../api.ts";
import { messages } from "../messages.ts";
import { useLoad } from "../use-load.ts";

/** How things stand when nothing is broken on purpose. */
const HEALTHY: Faults = {
  apiErrcode: 0,
  apiDelayMs: 0,
  expireTokens: false,
  callbackCopies: 1,
  dropCallbacks: false,
  corruptArchive: false,
};

export type FaultName = keyof Faults;
const names = Object.keys(HEALTHY) as FaultName[];

export interface SaveState {
  isSaving: boolean;
  isError: boolean;
  text: string;
  /** Grows with each refusal: the control is drawn anew, showing what still holds. */
  failures: number;
}

/** The faults of the twin: each change is saved at once and says how it went. */
export function useFaults() {
  const { data: faults, error, isLoading, run: load } = useLoad(getFaults);
  const states = ref<Partial<Record<FaultName, SaveState>>>({});
  const broken = computed(() => {
    const current = faults.value;
    return current ? names.filter((name) => current[name] !== HEALTHY[name]) : [];
  });

  async function change(patch: Partial<Faults>): Promise<void> {
    const changed = Object.keys(patch) as FaultName[];
    mark(changed, { isSaving: true, isError: false, text: messages.control.saving }, 0);
    try {
      faults.value = await updateFaults(patch);
      mark(changed, { isSaving: false, isError: false, text: messages.control.applied }, 0);
    } catch (cause) {
      const text = `${messages.control.notApplied}：${errorText(cause)}`;
      mark(changed, { isSaving: false, isError: true, text }, 1);
    }
  }

  function mark(
    changed: FaultName[],
    state: Omit<SaveState, "failures">,
    moreFailures: number,
  ): void {
    const marked = changed.map((name) => {
      const failures = (states.value[name]?.failures ?? 0) + moreFailures;
      return [name, { ...state, failures }] as const;
    });
    states.value = { ...states.value, ...Object.fromEntries(marked) };
  }

  const reset = () => change(Object.fromEntries(broken.value.map((name) => [name, HEALTHY[name]])));

  return { faults, error, isLoading, states, broken, load, change, reset };
}
