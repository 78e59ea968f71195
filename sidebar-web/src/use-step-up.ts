/** The steps of signing in once more, for the dialog that leads through them on each kind of page. */
import type { SessionView } from "#shared/contract/session";
import { onScopeDispose, ref, watch, type Ref, type ShallowRef } from "vue";
import { asApiError } from "./api.ts";
import { api } from "./page-api.ts";
import { askedStepUp, hostStepUp, onSignedIn, stepUpAddress } from "./step-up.ts";

export interface StepUpState {
  /** Set while somebody is asked. */
  asked: ShallowRef<((isDone: boolean) => void) | null>;
  problem: Ref<string>;
  /** The browser has not opened the window beside the page. */
  isBlocked: Ref<boolean>;
  open: () => void;
  finish: () => Promise<void>;
}

export function useStepUp(): StepUpState {
  const problem = ref("");
  const isBlocked = ref(false);
  let memberId: string | null = null;
  const whoIsSignedIn = async (): Promise<string> =>
    (await api.get<SessionView>("/api/session")).memberId;

  async function finish(): Promise<void> {
    if (!askedStepUp.value) return;
    try {
      // The page is that of whoever opened it: it must not go on as somebody else.
      if ((await whoIsSignedIn()) !== memberId) location.reload();
      else askedStepUp.value(true);
    } catch (thrown) {
      problem.value = asApiError(thrown).message;
    }
  }

  function open(): void {
    const opened = window.open(stepUpAddress, "step-up", "popup,width=520,height=680");
    isBlocked.value = opened === null;
  }

  onScopeDispose(hostStepUp());
  onScopeDispose(onSignedIn(() => void finish()));
  watch(askedStepUp, async (asked) => {
    problem.value = "";
    isBlocked.value = false;
    if (asked) memberId = await whoIsSignedIn().catch(() => null);
  });
  return { asked: askedStepUp, problem, isBlocked, open, finish };
}
