import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

/** The real product in a process of its own, started again when it has ended, as a process manager does it. */
export interface ServerProcess {
  readonly name: string;
  /** Where it listens; null while it does not. */
  url(): string | null;
  /** kill -9, and a new one after the pause. */
  kill(pauseMs: number): Promise<void>;
  /** Asks it to end and starts a new one. */
  restart(): Promise<void>;
  /** Asks it to end for good. Returns its exit code. */
  stop(): Promise<number | null>;
  freeze(): void;
  thaw(): void;
  /** kill -9 of the process that runs the archive library; false when there is none now. */
  killHost(): boolean;
  /** How often it ended although nobody had asked it to, with its last words. */
  readonly failures: readonly string[];
  /** Its warnings and errors, newest last. */
  readonly troubles: readonly string[];
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

interface LogLine {
  level: string;
  msg: string;
  port?: number;
  err?: { message?: string; code?: string };
}

const TROUBLE = new Set(["warn", "error", "fatal"]);
const KEPT_LINES = 60;
const START_AGAIN_MS = 500;
const ARGS = ["--conditions=source", "--import", "tsx", "server/src/main.ts"];

export function startServer(name: string, env: Record<string, string>): ServerProcess {
  const failures: string[] = [];
  const troubles: string[] = [];
  let child: Child;
  let ended: Promise<unknown>;
  let url: string | null = null;
  let isWanted = true;

  const keep = (lines: string[], line: string): void => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
  };

  function start(): void {
    const lastWords: string[] = [];
    const own = spawn(process.execPath, ARGS, { env, stdio: ["ignore", "pipe", "pipe"] });
    child = own;
    ended = once(own, "close");
    createInterface({ input: own.stderr }).on("line", (line) => keep(lastWords, line));
    createInterface({ input: own.stdout }).on("line", (text) => {
      keep(lastWords, text.slice(0, 500));
      const line = parse(text);
      if (line?.msg === "listening") url = `http://127.0.0.1:${line.port}`;
      if (line && TROUBLE.has(line.level)) {
        keep(troubles, `${line.msg}: ${line.err?.code ?? ""} ${line.err?.message ?? ""}`);
      }
    });
    own.once("close", (code, signal) => {
      const wasListening = url !== null;
      url = null;
      if (child !== own || !isWanted) return;
      // Before it listens it may give up, as on a database that is not there yet.
      if (wasListening) {
        failures.push(`ended with ${signal ?? String(code)}\n${lastWords.join("\n")}`);
      }
      setTimeout(() => {
        if (isWanted && child === own) start();
      }, START_AGAIN_MS);
    });
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    isWanted = false;
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
    return child.exitCode;
  }

  async function startAgain(pauseMs: number): Promise<void> {
    await delay(pauseMs);
    isWanted = true;
    start();
  }

  start();
  // Nobody else would end it.
  process.once("exit", () => child.kill("SIGKILL"));
  return {
    name,
    failures,
    troubles,
    url: () => url,
    async kill(pauseMs) {
      await end("SIGKILL");
      await startAgain(pauseMs);
    },
    async restart() {
      await end("SIGTERM");
      await startAgain(0);
    },
    stop: () => end("SIGTERM"),
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    killHost() {
      const host = childrenOf(child.pid ?? 0).find(({ program }) => program.includes("sdk-host"));
      if (host) process.kill(host.pid, "SIGKILL");
      return host !== undefined;
    },
  };
}

function parse(text: string): LogLine | null {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return null;
  }
}

function childrenOf(parent: number): { pid: number; program: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        if (!new RegExp(`^PPid:\\s+${parent}$`, "m").test(status)) return [];
        const [program = ""] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
        return [{ pid: Number(pid), program }];
      } catch {
        // It ended while we were looking.
        return [];
      }
    });
}
