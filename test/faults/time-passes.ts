import type { StageDatabase } from "./stage-database.ts";

/** As if a minute had gone: whatever a process holds that is dead or stopped is free for others. */
const LEASES = [
  "UPDATE lease SET until_ms = 0",
  "UPDATE job SET lease_until_ms = 0 WHERE state = 'running'",
];

/** As if hours had gone: what failed is due again. */
const BACK_OFFS = [
  "UPDATE job SET run_at_ms = 0 WHERE state = 'ready' AND attempts > 0",
  "UPDATE media SET next_try_at_ms = 0 WHERE state = 'waiting'",
  "UPDATE call_budget SET starts = '[]', version = version + 1",
];

/** The database may be the thing that is broken at this moment; then no time passes. */
export async function letLeasesPass(database: StageDatabase): Promise<void> {
  await run(database, LEASES);
}

export async function letBackOffsPass(database: StageDatabase): Promise<void> {
  await run(database, [...LEASES, ...BACK_OFFS]);
}

async function run(database: StageDatabase, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await database.query(statement).catch(() => undefined);
}
