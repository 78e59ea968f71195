import { pino } from "pino";
import type { DestinationStream, Logger, LoggerOptions } from "pino";

export type { Logger } from "pino";

/**
 * Structured logs on stdout, or wherever `destination` takes them. Callers pass ids, counts, codes and durations; never message text,
 * names, tokens or a request's query string. The paths below are the net under that rule.
 */
export function createLog(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    redact: {
      paths: ["*.access_token", "*.secret", "*.token", "*.text", "*.content", "*.name", "*.config"],
      censor: "[redacted]",
    },
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Errors keep type, code, message and stack; fields hung on them by libraries (request bodies, SQL parameters) go. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.name === "QueryFailedError" ? "a database statement failed" : error.message,
    stack: error.name === "QueryFailedError" ? undefined : error.stack,
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
  };
}
