import type { Clock } from "../platform/clock.ts";

/**
 * After a failure, a pause in which the same error is thrown again without another try. It doubles with each failure
 * in a row. There is no timer: whoever calls comes again anyway.
 */
export interface BackOff {
  /** Throws the last error during a pause. */
  check(): void;
  fail(error: Error): void;
  succeed(): void;
}

export interface BackOffOptions {
  clock: Clock;
  firstMs: number;
  longestMs: number;
}

export function createBackOff({ clock, firstMs, longestMs }: BackOffOptions): BackOff {
  let failures = 0;
  let last: { error: Error; untilMs: number } | null = null;
  return {
    check() {
      if (last && clock.now() < last.untilMs) throw last.error;
    },
    fail(error) {
      const pauseMs = Math.min(firstMs * 2 ** failures, longestMs);
      failures += 1;
      last = { error, untilMs: clock.now() + pauseMs };
    },
    succeed() {
      failures = 0;
      last = null;
    },
  };
}
