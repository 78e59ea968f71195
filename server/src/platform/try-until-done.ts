import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "./log.ts";

const PAUSE_MS = 1000;

/**
 * Does what a process must have done before it is of use, again and again: a database that is away for a moment
 * must not leave behind a process that answers and never works. False when `signal` ended the trying.
 */
export async function tryUntilDone(
  work: () => Promise<void>,
  { log, signal }: { log: Logger; signal: AbortSignal },
): Promise<boolean> {
  while (!signal.aborted) {
    try {
      await work();
      return !signal.aborted;
    } catch (error) {
      log.error({ err: error }, "start failed; it is tried again");
      await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }
  return false;
}
