/** The emergency that is open for whoever has the page open. Not asked for by the clock: that would keep a session alive. */
import type { OwnEmergency } from "#shared/contract/emergency";
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from "vue";
import { asApiError } from "./api.ts";
import { api } from "./page-api.ts";

type Emergency = NonNullable<OwnEmergency["emergency"]>;

export interface EmergencyState {
  emergency: ShallowRef<Emergency | null>;
  nowMs: Ref<number>;
  isEnding: Ref<boolean>;
  problem: Ref<string>;
  load: () => Promise<void>;
  end: () => Promise<void>;
}

/** Opened or ended on a page of this browser: its other pages look, too. */
const channelName = "emergency";

export function tellEmergencyChanged(): void {
  const channel = openChannel();
  channel?.postMessage("changed");
  channel?.close();
}

/** Null in the oldest of WeCom's browsers: there each page looks when somebody comes back to it. */
function openChannel(): BroadcastChannel | null {
  return typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(channelName);
}

export function useEmergency(leave: () => void): EmergencyState {
  const emergency = shallowRef<Emergency | null>(null);
  const nowMs = ref(Date.now());
  const isEnding = ref(false);
  const problem = ref("");

  async function load(): Promise<void> {
    try {
      const had = emergency.value !== null;
      // Not by the page's client: where the session is over, the page itself leads to the sign-in.
      const answer = await fetch("/api/session/emergency", { credentials: "same-origin" });
      if (!answer.ok) return;
      emergency.value = ((await answer.json()) as OwnEmergency).emergency;
      if (had && emergency.value === null) leave();
    } catch {
      // The page itself says what is wrong; the next look comes with the next visit.
    }
  }

  async function end(): Promise<void> {
    if (!emergency.value || isEnding.value) return;
    isEnding.value = true;
    problem.value = "";
    try {
      await api.post(`/api/emergencies/${encodeURIComponent(emergency.value.id)}/end`);
      tellEmergencyChanged();
      leave();
    } catch (thrown) {
      problem.value = asApiError(thrown).message;
    } finally {
      isEnding.value = false;
    }
  }

  const timer = setInterval(() => {
    if (!emergency.value) return;
    nowMs.value = Date.now();
    if (nowMs.value >= emergency.value.endsAtMs) void load();
  }, 1000);
  const onVisible = (): void => {
    if (document.visibilityState === "visible") void load();
  };
  const channel = openChannel();
  if (channel) channel.onmessage = () => void load();
  document.addEventListener("visibilitychange", onVisible);
  onScopeDispose(() => {
    clearInterval(timer);
    channel?.close();
    document.removeEventListener("visibilitychange", onVisible);
  });
  void load();
  return { emergency, nowMs, isEnding, problem, load, end };
}
