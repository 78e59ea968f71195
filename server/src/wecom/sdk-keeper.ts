import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/log.ts";
import { createBackOff } from "./back-off.ts";
import { SdkHostError } from "./sdk-error.ts";
import { startSdkProcess } from "./sdk-process.ts";
import type { SdkProcess, SdkProgram } from "./sdk-process.ts";

/** Keeps one process of the archive library going. */
export interface SdkKeeper {
  /** The one that runs, or the next. Rejects with `SdkHostError`; after a failed start at once for a while. */
  ready(): Promise<SdkProcess>;
  /** Ends it in peace; `ready` starts the next. */
  end(): Promise<void>;
  /** The same without waiting for the call under way, which fails. */
  kill(): void;
  state(): SdkState;
}

export interface SdkState {
  isRunning: boolean;
  /** How it failed last, ever; null when it never did. */
  trouble: { atMs: number; error: SdkHostError } | null;
  restarts: number;
}

export interface SdkKeeperDeps {
  program: SdkProgram;
  /** What a new process must go through before it is used. */
  prepare: (process: SdkProcess) => Promise<void>;
  clock: Clock;
  log: Logger;
}

export function createSdkKeeper({ program, prepare, clock, log }: SdkKeeperDeps): SdkKeeper {
  const pause = createBackOff({ clock, firstMs: 250, longestMs: 30_000 });
  let current: SdkProcess | null = null;
  let trouble: SdkState["trouble"] = null;
  let starts = 0;

  function note(error: SdkHostError): void {
    trouble = { atMs: clock.now(), error };
    log.warn({ trouble: error.trouble, detail: error.detail }, "the archive SDK host failed");
  }

  async function startNext(): Promise<SdkProcess> {
    pause.check();
    starts += 1;
    try {
      const started = await startPrepared();
      pause.succeed();
      log.info({ starts }, "the archive SDK host is ready");
      return started;
    } catch (error) {
      if (error instanceof SdkHostError) {
        note(error);
        pause.fail(error);
      }
      throw error;
    }
  }

  async function startPrepared(): Promise<SdkProcess> {
    const started = await startSdkProcess(program);
    try {
      await prepare(started);
    } catch (error) {
      await started.close();
      throw error;
    }
    // Nobody may have been asking when it died.
    void started.ended.then((error) => {
      if (current === started) note(error);
    });
    return started;
  }

  function release(): SdkProcess | null {
    const released = current;
    current = null;
    return released;
  }

  return {
    async ready() {
      if (!current?.isAlive()) current = await startNext();
      return current;
    },
    end: async () => await release()?.close(),
    kill: () => release()?.kill(),
    state: () => ({
      isRunning: current?.isAlive() ?? false,
      trouble,
      restarts: Math.max(0, starts - 1),
    }),
  };
}
