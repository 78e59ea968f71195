import type { CallbackReceiver } from "../../config.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";

const PERIOD_MS = 60_000;

/**
 * Counts refused callbacks and says so at most once a minute and receiver: a stranger must not be able to
 * fill the log, and not a byte that came with the request may stand in it.
 */
export function createRefusalLog(clock: Clock, log: Logger): (receiver: CallbackReceiver) => void {
  const counts = new Map<CallbackReceiver, { refused: number; sinceMs: number }>();
  return (receiver) => {
    const nowMs = clock.now();
    const count = counts.get(receiver) ?? { refused: 0, sinceMs: Number.NEGATIVE_INFINITY };
    counts.set(receiver, count);
    count.refused += 1;
    if (nowMs - count.sinceMs < PERIOD_MS) return;
    log.warn({ receiver, refused: count.refused }, "callbacks were refused");
    count.refused = 0;
    count.sinceMs = nowMs;
  };
}
