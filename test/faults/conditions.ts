import { existsSync } from "node:fs";
import { doubleLibrary, hostProgram } from "../support/native.ts";
import { hasMariadb } from "./private-mariadb.ts";
import type { Source } from "./stage.ts";

const isHostBuilt = existsSync(hostProgram) && existsSync(doubleLibrary);

/** The ways to the archive that can be tried here. */
export const sources: readonly Source[] = isHostBuilt ? ["library", "http"] : ["http"];

/** What this machine lacks for the whole campaign, a line each. */
export function describeMissing(): string[] {
  return [
    ...(isHostBuilt ? [] : ["without a C compiler nothing runs through the SDK host"]),
    ...(hasMariadb ? [] : ["without mariadbd there are no rounds on MariaDB"]),
    ...(process.getuid?.() === 0 ? [] : ["only root can mount the small disk that runs full"]),
  ];
}
