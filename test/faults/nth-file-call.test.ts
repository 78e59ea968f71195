import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createFailingDisk } from "./disk.ts";

const ARGS = ["--conditions=source", "--import", "tsx", "test/faults/nth-file-call.main.ts"];
/** A commit alone takes some. */
const FEWEST_CHANGES = 50;

const folder = mkdtempSync(join(tmpdir(), "nth-file-call-"));
const disk = createFailingDisk(folder);

afterAll(() => {
  disk?.close();
  rmSync(folder, { recursive: true });
});

(disk ? it : it.skip)(
  `whichever change of a file fails, SQLite loses nothing${disk ? "" : " [no C compiler, or not Linux]"}`,
  async () => {
    const env = { ...process.env, ...disk?.env };
    const { stdout } = await promisify(execFile)(process.execPath, ARGS, { env });
    const { changes, problems } = JSON.parse(stdout) as { changes: number; problems: string[] };
    expect(problems).toEqual([]);
    expect(changes).toBeGreaterThan(FEWEST_CHANGES);
  },
  300_000,
);
