import { parseArgs } from "node:util";
import { describeMissing, sources } from "./conditions.ts";
import { runCampaign } from "./campaign.ts";
import type { Round } from "./campaign.ts";
import { hasMariadb } from "./private-mariadb.ts";
import type { DatabaseKind } from "./stage-database.ts";

/** npm run test:faults -- [--minutes N] [--seed S] [--database sqlite|mariadb] */

const TROUBLE_MS = 25_000;
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "2" },
    seed: { type: "string" },
    database: { type: "string" },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const kinds = (["sqlite", "mariadb"] as const).filter(
  (kind) => values.database === undefined || values.database === kind,
);
const isUsable = Number.isFinite(minutes) && Number.isSafeInteger(seed) && kinds.length > 0;
if (!isUsable) {
  say("usage: npm run test:faults -- [--minutes N] [--seed S] [--database sqlite|mariadb]");
  process.exit(2);
}

// Whoever was started is ended with this process.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
for (const line of describeMissing()) say(`! ${line}`);
const rounds: Round[] = [];
for (const kind of kinds) {
  if (kind === "mariadb" && !hasMariadb) continue;
  rounds.push(...(await play(kind)));
}
summarise(rounds);

async function play(kind: DatabaseKind): Promise<Round[]> {
  const endAt = performance.now() + (minutes * 60_000) / kinds.length;
  return await runCampaign({
    kind,
    seed,
    goesOn: (round) => round === 0 || performance.now() < endAt,
    troubleMs: TROUBLE_MS,
    sources,
    say,
  });
}

function summarise(all: readonly Round[]): void {
  const failed = all.filter(({ verdicts }) => verdicts.some(({ problems }) => problems.length > 0));
  const struck = new Map<string, number>();
  for (const [name, count] of all.flatMap((round) => [...round.struck])) {
    struck.set(name, (struck.get(name) ?? 0) + count);
  }
  say("\nwhat struck:");
  for (const [name, count] of struck) say(`${String(count).padStart(5)}  ${name}`);
  for (const [name, reason] of new Map(all.flatMap(({ notRun }) => [...notRun]))) {
    if (!struck.has(name)) say(`not run: ${name} (${reason})`);
  }
  for (const { title } of failed) say(`failed: ${title}`);
  say(`${all.length} rounds, ${failed.length} failed`);
  if (failed.length > 0 || all.length === 0) process.exitCode = 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
