/**
 * Signing in once more, beside the page: some steps ask for a sign-in of the last five minutes. The page stays as it
 * is, with all that was typed in its memory; only a window beside it goes to WeCom and back. Personal text never
 * enters the browser's storage.
 */
import { shallowRef } from "vue";

/** Where the window beside ends; a page of the console, since a sign-in leads to our own pages only. */
export const signedInPath = "/admin/signed-in";
export const stepUpAddress = `/sign-in?returnTo=${encodeURIComponent(signedInPath)}`;
const channelName = "signed-in";

/** Set while somebody is asked; called with whether they signed in. */
export const askedStepUp = shallowRef<((isDone: boolean) => void) | null>(null);
let asking: Promise<boolean> | null = null;
let hosts = 0;

/** The dialog is there, so that somebody can be asked; returns how to take it back. */
export function hostStepUp(): () => void {
  hosts += 1;
  return () => (hosts -= 1);
}

/** Requests that are refused side by side share one sign-in. False at once where there is no dialog. */
export async function askForStepUp(): Promise<boolean> {
  if (hosts === 0) return false;
  asking ??= new Promise<boolean>((resolve) => {
    askedStepUp.value = resolve;
  }).finally(() => {
    asking = null;
    askedStepUp.value = null;
  });
  return await asking;
}

/** From the window beside. */
export function tellSignedIn(): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage("done");
  channel.close();
}

/** Calls back when a window beside has signed in; returns how to stop. */
export function onSignedIn(listener: () => void): () => void {
  const channel = new BroadcastChannel(channelName);
  channel.onmessage = listener;
  return () => channel.close();
}
