import { join } from "node:path";
import { entities } from "../../server/src/entities.ts";
import { openDatabase } from "../../server/src/platform/database/database.ts";
import { createTestKeys, openTestPool } from "../server/features/archive/archive-world.ts";
import { emptyTables } from "../support/test-database.ts";
import { CONTROL_VARIABLE, openDiskControl } from "./disk.ts";
import { createScenario, letTimePass } from "./nth-scenario.ts";

/** A program with a disk of its own that fails at the n-th change, for n = 1, 2, 3 … until a run needs no more. */

/** More changes than the scenario makes. */
const MOST = 2000;

const disk = openDiskControl(process.env[CONTROL_VARIABLE] ?? "");
const folder = process.env["FAULT_DISK_FOLDER"] ?? "";
const options = { url: `sqlite:${join(folder, "test.sqlite")}`, entities };
const keys = createTestKeys(1);
keys.deliver(1);
const pool = openTestPool(keys);
const database = await openDatabase(options);
const problems: string[] = [];
let n = 1;
for (; n < MOST && problems.length === 0; n += 1) {
  await emptyTables(database);
  const scenario = createScenario(keys, pool);
  disk.failOnce(n, n % 2 === 0 ? "EIO" : "ENOSPC");
  await scenario.play(database);
  const isUnharmed = disk.isWaiting();
  disk.failOnce(0, "EIO");
  await letTimePass(database);
  await scenario.play(database);
  // What another process sees is what has been committed.
  const other = await openDatabase(options);
  problems.push(...(await scenario.check(other)).map((line) => `change ${n}: ${line}`));
  await other.close();
  if (isUnharmed) break;
}
await database.close();
await pool.close();
keys.remove();
process.stdout.write(`${JSON.stringify({ changes: n - 1, problems })}\n`);
