import { execFileSync } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** A disk that fails when it is told to, for programs that are started with its `env`. See disk/failing-disk.c. */
export interface FailingDisk extends DiskControl {
  env: Record<string, string>;
}

export interface DiskControl {
  /** Every change of a file fails from now on; null ends it. */
  failAll(trouble: DiskTrouble | null): void;
  /** The n-th change from now on fails, and only that. */
  failOnce(n: number, trouble: DiskTrouble): void;
  /** Whether the n-th has not come yet. */
  isWaiting(): boolean;
  close(): void;
}

export type DiskTrouble = "ENOSPC" | "EROFS" | "EIO";

export const CONTROL_VARIABLE = "FAULT_DISK_CONTROL";
const CONTROL_BYTES = 16;
const ALL = 0;
const COUNTDOWN = 4;
const ONCE = 8;

export const compiler = process.env["CC"] ?? "cc";

/** Null where it cannot be had: it is written in C for the dynamic linker of Linux. */
export function createFailingDisk(folder: string): FailingDisk | null {
  if (process.platform !== "linux") return null;
  const own = mkdtempSync(join(tmpdir(), "failing-disk-"));
  const library = join(own, "failing-disk.so");
  const source = resolve("test/faults/disk/failing-disk.c");
  const flags = ["-O2", "-std=gnu99", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"];
  try {
    execFileSync(compiler, [...flags, "-o", library, source, "-ldl"]);
  } catch (error) {
    rmSync(own, { recursive: true });
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  const control = join(own, "control");
  writeFileSync(control, Buffer.alloc(CONTROL_BYTES));
  const controls = openDiskControl(control);
  return {
    ...controls,
    env: { LD_PRELOAD: library, [CONTROL_VARIABLE]: control, FAULT_DISK_FOLDER: folder },
    close() {
      controls.close();
      rmSync(own, { recursive: true, force: true });
    },
  };
}

/** For a program that breaks its own disk. */
export function openDiskControl(control: string): DiskControl {
  const file = openSync(control, "r+");
  const write = (at: number, value: number): void => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value);
    writeSync(file, bytes, 0, 4, at);
  };
  return {
    failAll: (trouble) => write(ALL, trouble === null ? 0 : constants.errno[trouble]),
    failOnce(n, trouble) {
      write(ONCE, constants.errno[trouble]);
      write(COUNTDOWN, n);
    },
    isWaiting() {
      const bytes = Buffer.alloc(4);
      readSync(file, bytes, 0, 4, COUNTDOWN);
      return bytes.readInt32LE() > 0;
    },
    close: () => closeSync(file),
  };
}
