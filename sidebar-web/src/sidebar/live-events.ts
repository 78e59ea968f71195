/**
 * Server-sent events that come back by themselves. The browser's EventSource retries a broken line but
 * gives up on an answer such as 502, so the line is then opened again here, ever more slowly.
 */
import type { WarningView } from "#shared/contract/sidebar";

export interface LiveHandlers {
  onWarning: (warning: WarningView) => void;
  onRules: () => void;
  /** The line stands, for the first time or again: what happened before was missed and must be asked for. */
  onOpen: () => void;
  /** Whether the line stands. */
  onState: (isLive: boolean) => void;
  /** The server refuses the line; the reason (such as an ended session) must be asked another way. */
  onRefused: () => void;
}

export interface LiveDeps {
  open: (url: string) => EventSource;
  setTimer: (run: () => void, delayMs: number) => () => void;
}

const firstDelayMs = 1_000;
const maxDelayMs = 30_000;
/** EventSource.CLOSED; the constant itself is absent where the class is faked. */
const closed = 2;

function readWarning(event: Event): WarningView | null {
  try {
    return JSON.parse(String((event as MessageEvent).data)) as WarningView;
  } catch {
    return null; // A torn line; the next refetch brings what it said.
  }
}

/** Opens the line at `url` and keeps it open; returns what closes it for good. */
export function keepLive(url: string, handlers: LiveHandlers, deps: LiveDeps): () => void {
  let source: EventSource | undefined;
  let cancelTimer: (() => void) | undefined;
  let delayMs = firstDelayMs;

  const connect = (): void => {
    const line = deps.open(url);
    source = line;
    line.addEventListener("open", () => {
      delayMs = firstDelayMs;
      handlers.onState(true);
      handlers.onOpen();
    });
    line.addEventListener("error", () => {
      handlers.onState(false);
      if (line.readyState !== closed) return;
      handlers.onRefused();
      cancelTimer = deps.setTimer(connect, delayMs);
      delayMs = Math.min(maxDelayMs, delayMs * 2);
    });
    line.addEventListener("warning", (event) => {
      const warning = readWarning(event);
      if (warning !== null) handlers.onWarning(warning);
    });
    line.addEventListener("rules", () => handlers.onRules());
  };

  connect();
  return () => {
    cancelTimer?.();
    source?.close();
  };
}

/** The real line and timer. */
export const browserLine: LiveDeps = {
  open: (url) => new EventSource(url),
  setTimer: (run, delayMs) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
