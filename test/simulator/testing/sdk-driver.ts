import { spawn } from "node:child_process";
import { doubleLibrary, hostProgram } from "../../support/native.ts";

/**
 * Calls of the library through the host program, in the frames of `server/native/frames.h`; written for the tests from
 * that description and not from the server's side of it.
 */
export interface SdkDriver {
  readonly pid: number;
  init: (corpId?: string, secret?: string) => Promise<DriverAnswer>;
  getChatData: (seq: bigint, limit: number, route?: DriverRoute) => Promise<DriverAnswer>;
  decrypt: (pairs: readonly (readonly [key: string, message: string])[]) => Promise<DriverAnswer[]>;
  getMedia: (index: string, fileId: string, route?: DriverRoute) => Promise<MediaAnswer>;
  /** Any bytes, as they are. */
  write: (bytes: Buffer) => void;
  /** Closes stdin. */
  hangUp: () => void;
  /** How the process ended: an exit code or a signal. */
  ended: Promise<number | string>;
  /** What it wrote besides frames. */
  stderr: () => string;
  kill: () => void;
}

/** `code` is null when the process ended instead. */
export interface DriverAnswer {
  code: number | null;
  text: string;
}

export interface MediaAnswer {
  code: number | null;
  isLast: boolean;
  nextIndex: string;
  data: Buffer;
}

export interface DriverRoute {
  proxy?: string;
  password?: string;
  seconds?: number;
}

interface Frame {
  code: number | null;
  payload: Buffer;
}

const DEAD: Frame = { code: null, payload: Buffer.alloc(0) };

/** Starts the host with the double; `env` is all of its environment. */
export async function driveSdk(
  env: Record<string, string> = {},
  library = doubleLibrary,
): Promise<SdkDriver & { hello: DriverAnswer }> {
  const child = spawn(hostProgram, [library], { env });
  const waiting: ((frame: Frame) => void)[] = [];
  const ready: Frame[] = [];
  let bytes: Buffer = Buffer.alloc(0);
  let stderr = "";
  let isDead = false;

  const hand = (frame: Frame): void => {
    const next = waiting.shift();
    if (next) next(frame);
    else ready.push(frame);
  };
  child.stdout.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32LE(0)) {
      const end = 4 + bytes.readUInt32LE(0);
      hand({ code: bytes.readInt32LE(4), payload: bytes.subarray(8, end) });
      bytes = bytes.subarray(end);
    }
  });
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString("utf8")));
  child.stdin.on("error", () => undefined);
  const ended = new Promise<number | string>((resolve) => {
    child.once("close", (code, signal) => {
      isDead = true;
      waiting.splice(0).forEach((give) => give(DEAD));
      resolve(signal ?? code ?? 0);
    });
  });

  const nextFrame = (): Promise<Frame> => {
    const frame = ready.shift() ?? (isDead ? DEAD : undefined);
    return frame ? Promise.resolve(frame) : new Promise((resolve) => waiting.push(resolve));
  };
  const send = (command: string, fields: Buffer[]): void => {
    const body = Buffer.concat([Buffer.from(command), ...fields]);
    child.stdin.write(Buffer.concat([number(body.length), body]));
  };
  const ask = async (command: string, fields: Buffer[]): Promise<DriverAnswer> => {
    send(command, fields);
    return toAnswer(await nextFrame());
  };

  return {
    pid: child.pid ?? 0,
    hello: toAnswer(await nextFrame()),
    init: (corpId = "wwcorp", secret = "secret") => ask("I", [text(corpId), text(secret)]),
    getChatData: (seq, limit, route) => ask("G", [long(seq), number(limit), ...routeOf(route)]),
    async decrypt(pairs) {
      send("D", [number(pairs.length), ...pairs.flat().map(text)]);
      const answers: DriverAnswer[] = [];
      while (answers.length < pairs.length) answers.push(toAnswer(await nextFrame()));
      return answers;
    },
    async getMedia(index, fileId, route) {
      send("M", [text(index), text(fileId), ...routeOf(route)]);
      const { code, payload } = await nextFrame();
      if (code !== 0) return { code, isLast: false, nextIndex: "", data: Buffer.alloc(0) };
      const end = 5 + payload.readUInt32LE(1);
      const nextIndex = payload.toString("latin1", 5, end);
      return { code, isLast: payload[0] === 1, nextIndex, data: payload.subarray(end + 1) };
    },
    write: (raw) => void child.stdin.write(raw),
    hangUp: () => void child.stdin.end(),
    ended,
    stderr: () => stderr,
    kill: () => void child.kill("SIGKILL"),
  };
}

function toAnswer({ code, payload }: Frame): DriverAnswer {
  return { code, text: payload.toString("utf8") };
}

function routeOf({ proxy = "", password = "", seconds = 5 }: DriverRoute = {}): Buffer[] {
  return [text(proxy), text(password), number(seconds)];
}

function text(value: string): Buffer {
  return Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(value), Buffer.from([0])]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}
