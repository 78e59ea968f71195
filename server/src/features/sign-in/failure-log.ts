import type { ErrorCode } from "#shared/errors";
import type { Clock } from "../../platform/clock.ts";
import type { Logger } from "../../platform/log.ts";

/** Sign-ins that failed, as counts: a flood of them must not flood the log, and none says who it was. */
export interface FailureLog {
  note(code: ErrorCode): void;
  /** Writes what has been counted since the last line, if anything. */
  report(): void;
}

const REPORT_EVERY_MS = 60_000;

export function createFailureLog(log: Logger, clock: Clock): FailureLog {
  let counts: Partial<Record<ErrorCode, number>> = {};
  let reportedAtMs = Number.NEGATIVE_INFINITY;

  function report(): void {
    if (Object.keys(counts).length === 0) return;
    log.warn({ failures: counts }, "sign-ins failed");
    counts = {};
    reportedAtMs = clock.now();
  }

  return {
    note(code) {
      counts[code] = (counts[code] ?? 0) + 1;
      if (clock.now() - reportedAtMs >= REPORT_EVERY_MS) report();
    },
    report,
  };
}
