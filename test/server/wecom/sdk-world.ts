import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { Secret } from "../../../server/src/platform/secret.ts";
import type { SealedText } from "../../../server/src/wecom/archive-source.ts";
import { createSdkHost } from "../../../server/src/wecom/sdk-host.ts";
import type { DecryptOutcome, SdkHost } from "../../../server/src/wecom/sdk-host.ts";
import { sealChat } from "../../simulator/crypto/archive-crypto.ts";
import { doubleLibrary, hostProgram } from "../../support/native.ts";

export interface HostOptions {
  apiUrl?: string;
  program?: string;
  library?: string;
  corpId?: string;
  secret?: string;
  timeoutSeconds?: number;
  /** `<export>:<n>`: the double aborts at that call. */
  abortAt?: string;
  clock?: { now(): number };
  /** Gets the log's lines. */
  onLog?: (line: string) => void;
}

/** A host with the library's double. */
export function openHost(options: HostOptions = {}): SdkHost {
  const onLog = options.onLog ?? (() => undefined);
  return createSdkHost({
    program: options.program ?? hostProgram,
    library: options.library ?? doubleLibrary,
    env: {
      WECOM_API_URL: options.apiUrl ?? "http://127.0.0.1:1",
      ...(options.abortAt ? { FINANCE_SDK_DOUBLE_ABORT: options.abortAt } : {}),
    },
    corpId: options.corpId ?? "wwcorp",
    secret: new Secret(options.secret ?? "archive-secret"),
    proxy: "",
    proxyPassword: null,
    timeoutSeconds: options.timeoutSeconds ?? 5,
    clock: options.clock ?? { now: () => Date.now() },
    log: pino({ level: "trace" }, { write: onLog }),
  });
}

/** What WeCom would have sealed for the archive, without the RSA around the key. */
export function seal(text: string): SealedText {
  const { random, encryptChatMsg } = sealChat(text, {
    bodyKey: randomBytes(24).toString("base64"),
    infoKey: randomBytes(24).toString("base64"),
    infoIv: randomBytes(16),
    bodyIv: randomBytes(16),
    head: "h".repeat(13),
    before: "before",
    gap: "gap-gap-",
    tail: "tail",
  });
  return { randomKey: random, encryptedMessage: encryptChatMsg };
}

/** A message that makes the library abort: cut where its lengths point past the end. */
export function poison(): SealedText {
  const { randomKey, encryptedMessage } = seal("a message that is cut");
  return { randomKey, encryptedMessage: encryptedMessage.slice(0, 60) };
}

/** The plain texts, or what came instead. */
export function textsOf(outcomes: readonly DecryptOutcome[]): (string | number)[] {
  return outcomes.map((outcome) => {
    if (outcome.is === "fatal") return "fatal";
    return outcome.code === 0 ? outcome.plain.toString("utf8") : outcome.code;
  });
}

/** A folder for programs that stand in for the host, or in front of it. */
export interface ProgramFolder {
  /** Notes each life of the host, so that a test can end it as the system would. */
  noting(): { program: string; pids: () => number[] };
  /** A Node program in the host's place; `main` is its text, with `answer(code, text)` and `onRequest(run)`. */
  playing(main: string): string;
  path(name: string): string;
  remove(): void;
}

export function createProgramFolder(): ProgramFolder {
  const folder = mkdtempSync(join(tmpdir(), "sdk-host-"));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, text: string): string => {
    writeFileSync(path(name), text);
    chmodSync(path(name), 0o755);
    return path(name);
  };
  return {
    noting() {
      writeFileSync(path("pids"), "");
      const lines = ["#!/bin/sh", `echo $$ >> '${path("pids")}'`, `exec '${hostProgram}' "$@"`];
      return {
        program: write("noting", lines.join("\n")),
        pids: () =>
          readFileSync(path("pids"), "utf8").trim().split("\n").filter(Boolean).map(Number),
      };
    },
    playing: (main) => write("playing", `#!${process.execPath}\n${PLAYER}\n${main}`),
    path,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The frames of the host, for a program that plays it; requests are told apart by their first letter. */
const PLAYER = `
  const answer = (code, text = "") => {
    const frame = Buffer.alloc(8 + Buffer.byteLength(text));
    frame.writeUInt32LE(frame.length - 4, 0);
    frame.writeInt32LE(code, 4);
    frame.write(text, 8);
    process.stdout.write(frame);
  };
  const onRequest = (run) => {
    let bytes = Buffer.alloc(0);
    process.stdin.on("data", (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length > 4 && bytes.length >= 4 + bytes.readUInt32LE(0)) {
        const end = 4 + bytes.readUInt32LE(0);
        run(String.fromCharCode(bytes[4]), bytes.subarray(5, end));
        bytes = bytes.subarray(end);
      }
    });
  };
`;
