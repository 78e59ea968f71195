import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { SdkHostError } from "./sdk-error.ts";
import { AnswerReader } from "./sdk-frames.ts";
import type { SdkAnswer } from "./sdk-frames.ts";

export interface SdkProgram {
  /** The built `server/native/finance-sdk-host.c`. */
  program: string;
  /** WeCom's libWeWorkFinanceSdk_C.so. */
  library: string;
  /** All of the process's environment: the server's own holds secrets that are none of its business. */
  env: Record<string, string>;
}

/** One life of the process that runs the archive library. */
export interface SdkProcess {
  /**
   * Sends one request and hands over its answers as they come; one request at a time. Rejects with `SdkHostError`
   * when the process ends before the last one, or was ended because an answer took longer than `timeoutMs`.
   */
  request(frame: Buffer, expected: Expected): Promise<void>;
  isAlive(): boolean;
  /** Resolves when it is no longer, with what a request then under way was rejected with. */
  readonly ended: Promise<SdkHostError>;
  /** Lets a request that is under way fail. */
  kill(): void;
  /** Lets it end by itself, or ends it. */
  close(): Promise<void>;
}

export interface Expected {
  answers: number;
  timeoutMs: number;
  onAnswer(answer: SdkAnswer): void;
}

const START_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** Resolves when the library is loaded; rejects with `SdkHostError` when it cannot be. */
export async function startSdkProcess(run: SdkProgram): Promise<SdkProcess> {
  // What the library prints may hold content, so its stderr goes nowhere.
  const child = spawn(run.program, [run.library], {
    env: run.env,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const started = watch(child);
  // It speaks first.
  const hello = await ask(started, Buffer.alloc(0), START_TIMEOUT_MS);
  if (hello.code === 0) return started;
  await started.close();
  throw new SdkHostError("not_loaded", hello.payload.toString("utf8"));
}

/** The one answer to a request. */
export async function ask(
  process: SdkProcess,
  frame: Buffer,
  timeoutMs: number,
): Promise<SdkAnswer> {
  let given: SdkAnswer | undefined;
  await process.request(frame, { answers: 1, timeoutMs, onAnswer: (answer) => (given = answer) });
  if (!given) throw new Error("a request was done without its answer");
  return given;
}

interface Pending extends Expected {
  settle(error: SdkHostError | null): void;
}

function watch(child: Child): SdkProcess {
  const reader = new AnswerReader();
  let pending: Pending | null = null;
  let left = 0;
  let timer: NodeJS.Timeout | undefined;
  let isAlive = true;
  let trouble: "crashed" | "timeout" = "crashed";

  const expectAnswer = (timeoutMs: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      trouble = "timeout";
      child.kill("SIGKILL");
    }, timeoutMs);
  };

  const settle = (error: SdkHostError | null): void => {
    clearTimeout(timer);
    const settled = pending;
    pending = null;
    settled?.settle(error);
  };

  const take = (answer: SdkAnswer): void => {
    if (!pending) throw new Error("an answer that nobody asked for");
    pending.onAnswer(answer);
    left -= 1;
    if (left > 0) expectAnswer(pending.timeoutMs);
    else settle(null);
  };

  child.stdout.on("data", (chunk: Buffer) => {
    try {
      reader.push(chunk).forEach(take);
    } catch {
      // Out of step: nothing that comes after this can be understood.
      child.kill("SIGKILL");
    }
  });
  // A process that has gone is seen when it closes.
  child.stdin.on("error", () => undefined);

  const ended = howItEnds(child).then((how) => {
    const error = new SdkHostError(child.pid === undefined ? "no_program" : trouble, how);
    isAlive = false;
    settle(error);
    return error;
  });

  return {
    ended,
    isAlive: () => isAlive,
    kill: () => void child.kill("SIGKILL"),
    request(frame, expected) {
      return new Promise((resolve, reject) => {
        if (pending) throw new Error("one request at a time");
        pending = { ...expected, settle: (error) => (error ? reject(error) : resolve()) };
        left = expected.answers;
        if (!isAlive) {
          settle(new SdkHostError("crashed"));
          return;
        }
        expectAnswer(expected.timeoutMs);
        if (frame.length > 0) child.stdin.write(frame);
      });
    },
    async close() {
      child.stdin.end();
      const patience = setTimeout(() => child.kill("SIGKILL"), CLOSE_TIMEOUT_MS);
      await ended;
      clearTimeout(patience);
    },
  };
}

/** A signal's name, an exit code, or why it never began. */
function howItEnds(child: Child): Promise<string> {
  return new Promise((resolve) => {
    // Not "exit": answers that it wrote before it died are still in the pipe then.
    child.once("close", (code, signal) => resolve(signal ?? `exit ${String(code)}`));
    child.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.name));
  });
}
