/** One case and its decision. Nothing is shown as decided before the server says so. */
import type { CaseView } from "#shared/contract/case";
import { ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { asApiError, type ApiError } from "../api.ts";
import { decideCase, getCase, type Decision } from "./manager-api.ts";

export interface CasePageState {
  view: ShallowRef<CaseView | null>;
  loadError: ShallowRef<ApiError | null>;
  decideError: ShallowRef<ApiError | null>;
  /** The decision on its way. */
  sending: Ref<Decision | null>;
  load: () => Promise<void>;
  decide: (decision: Decision) => Promise<void>;
}

/** `onChange` hears of every state of the case that the server tells. */
export function useCase(id: string, onChange: (view: CaseView) => void): CasePageState {
  const view = shallowRef<CaseView | null>(null);
  const loadError = shallowRef<ApiError | null>(null);
  const decideError = shallowRef<ApiError | null>(null);
  const sending = ref<Decision | null>(null);

  function take(fresh: CaseView): void {
    view.value = fresh;
    onChange(fresh);
  }

  async function load(): Promise<void> {
    loadError.value = null;
    try {
      take(await getCase(id));
    } catch (error) {
      loadError.value = asApiError(error);
    }
  }

  async function decide(decision: Decision): Promise<void> {
    if (sending.value !== null) return;
    sending.value = decision;
    decideError.value = null;
    try {
      take(await decideCase(id, decision));
    } catch (error) {
      decideError.value = asApiError(error);
      // Somebody else was first: show who, and how.
      if (decideError.value.code === "already_decided") await load();
    } finally {
      sending.value = null;
    }
  }

  return { view, loadError, decideError, sending, load, decide };
}
