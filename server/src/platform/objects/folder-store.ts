import { constants } from "node:fs";
import { access, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MissingObjectError } from "./object-store.ts";
import type { ObjectStore } from "./object-store.ts";

/** Files in a folder. They must be written on the same file system, so that a rename brings them in. */
export function createFolderStore(folder: string): ObjectStore {
  const pathOf = (name: string): string => join(folder, name);
  return {
    async put(name, file) {
      const path = pathOf(name);
      await mkdir(dirname(path), { recursive: true });
      await syncPath(file);
      await rename(file, path);
      // The name is durable when its folder is.
      await syncPath(dirname(path));
    },

    async read(name, start, end) {
      const file = await open(pathOf(name)).catch((error: unknown) => {
        throw isMissing(error) ? new MissingObjectError(name) : error;
      });
      try {
        const bytes = Buffer.alloc(end - start);
        const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
        return bytes.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },

    async delete(name) {
      await rm(pathOf(name), { force: true });
    },

    async check() {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.R_OK | constants.W_OK);
    },

    close: () => undefined,
  };
}

async function syncPath(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function isMissing(error: unknown): boolean {
  return (error as { code?: unknown }).code === "ENOENT";
}
