import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** The file of WeCom's archive library, for the health page. */
export interface SdkLibrary {
  bytes: number;
  /** The first line of the version.txt that comes in the same archive (such as 20250205); null without one. */
  version: string | null;
}

const MAX_VERSION_LENGTH = 40;

/** Null when there is no such file. */
export function findLibrary(path: string): SdkLibrary | null {
  const file = statSync(path, { throwIfNoEntry: false });
  if (!file?.isFile()) return null;
  return { bytes: file.size, version: readVersion(join(dirname(path), "version.txt")) };
}

function readVersion(path: string): string | null {
  try {
    const [line = ""] = readFileSync(path, "utf8").trim().split("\n");
    return line.trim().slice(0, MAX_VERSION_LENGTH) || null;
  } catch {
    // Most companies copy the library alone.
    return null;
  }
}
