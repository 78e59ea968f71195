import { setTimeout as delay } from "node:timers/promises";
import { createRandom } from "../simulator/company/random.ts";
import type { Random } from "../simulator/company/random.ts";
import { faults } from "./faults.ts";
import type { Fault } from "./faults.ts";
import { heal } from "./heal.ts";
import { checkInvariants } from "./invariants.ts";
import type { Verdict } from "./invariants.ts";
import { openStage } from "./stage.ts";
import type { Source, Stage } from "./stage.ts";
import { openMaker } from "./stage-database.ts";
import type { DatabaseKind, StageDatabase } from "./stage-database.ts";
import { startWorkload } from "./workload.ts";

/** Rounds of a company at work while everything fails, each on an empty database, each with a verdict. */
export interface CampaignOptions {
  kind: DatabaseKind;
  seed: number;
  /** Whether one more round is to be played. */
  goesOn: (round: number) => boolean;
  /** How long things go wrong in a round. */
  troubleMs: number;
  /** The C host needs a C compiler. */
  sources: readonly Source[];
  say: (line: string) => void;
}

export interface Round {
  title: string;
  verdicts: Verdict[];
  /** Faults that struck, as often as they did. */
  struck: ReadonlyMap<string, number>;
  /** Faults that cannot happen here, with the reason. */
  notRun: ReadonlyMap<string, string>;
}

const LOOK_MS = 150;
/** Between two faults of a lane. A server that is always starting would do nothing that could be disturbed. */
const PAUSES_MS: Record<Fault["lane"], readonly [number, number]> = {
  processes: [1500, 5000],
  storage: [500, 3000],
  wecom: [300, 1500],
};
/** Servers of the rounds, one after the other, so that each source is tried with each number. */
const SERVERS = [2, 1, 1, 2];
const LANES = Object.keys(PAUSES_MS) as Fault["lane"][];

export async function runCampaign(options: CampaignOptions): Promise<Round[]> {
  const { kind, seed, goesOn, sources, say } = options;
  const maker = await openMaker(kind);
  const rounds: Round[] = [];
  try {
    for (let index = 0; goesOn(index); index += 1) {
      const random = createRandom(seed + index);
      const source = sources[index % sources.length] ?? "http";
      const servers = SERVERS[index % SERVERS.length] ?? 1;
      const title = `${kind}, seed ${seed + index}: ${source}, ${servers} server${servers > 1 ? "s" : ""}`;
      say(`\n${title}`);
      const stage = await openStage({ maker, source, servers });
      try {
        rounds.push(await playRound(stage, { random, title, ...options }));
      } finally {
        await stage.close();
      }
    }
    return rounds;
  } finally {
    await maker.close();
  }
}

interface RoundOptions extends CampaignOptions {
  random: Random;
  title: string;
}

async function playRound(stage: Stage, options: RoundOptions): Promise<Round> {
  const { random, title, troubleMs } = options;
  const startedAt = performance.now();
  const say = (line: string): void => {
    options.say(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s  ${line}`);
  };
  const cursor = watchCursor(stage.database);
  const workload = startWorkload(stage, random.fork(1));
  const struck = new Map<string, number>();
  const until = startedAt + troubleMs;
  await Promise.all(
    LANES.map((lane, index) =>
      playLane(stage, lane, { random: random.fork(2 + index), until, struck, say }),
    ),
  );
  await workload.stop();
  say("all troubles are over");
  const problems = await heal(stage);
  say(`healed; ${workload.counts.said} messages said, ${workload.counts.sent} callbacks sent`);
  const cursors = await cursor.stop();
  const exitCodes = await Promise.all(stage.servers.map((server) => server.stop()));
  const verdicts = await checkInvariants({ stage, workload, cursors, exitCodes });
  verdicts.unshift({ invariant: "it heals by itself", problems, seen: "" });
  for (const { invariant, problems: wrong, seen } of verdicts) {
    options.say(`${wrong.length === 0 ? "✓" : "✗"} ${invariant}${seen === "" ? "" : ` (${seen})`}`);
    for (const line of wrong) options.say(`    ${line}`);
  }
  if (verdicts.some((verdict) => verdict.problems.length > 0)) tellTroubles(stage, options.say);
  return { title, verdicts, struck, notRun: lacking(stage) };
}

interface LaneOptions {
  random: Random;
  until: number;
  struck: Map<string, number>;
  say: (line: string) => void;
}

/** Every fault once in a random order, then again. */
async function playLane(
  stage: Stage,
  lane: Fault["lane"],
  { random, until, struck, say }: LaneOptions,
): Promise<void> {
  const possible = faults.filter((fault) => fault.lane === lane && fault.lacks(stage) === null);
  let next: Fault[] = [];
  while (performance.now() < until) {
    await delay(random.int(...PAUSES_MS[lane]));
    if (next.length === 0) next = random.shuffle(possible);
    const fault = next.pop();
    if (!fault) return;
    struck.set(fault.name, (struck.get(fault.name) ?? 0) + 1);
    say(fault.name);
    // Faults of other lanes may be in its way: what is dead cannot be locked.
    await fault
      .strike(stage, random)
      .catch((error: unknown) => say(`  cut short: ${String(error)}`));
  }
}

function lacking(stage: Stage): Map<string, string> {
  const found = new Map<string, string>();
  for (const fault of faults) {
    const reason = fault.lacks(stage);
    if (reason !== null) found.set(fault.name, reason);
  }
  return found;
}

function watchCursor(database: StageDatabase): { stop(): Promise<number[]> } {
  const seen: number[] = [];
  let isStopped = false;
  const look = async (): Promise<void> => {
    while (!isStopped) {
      const rows = await database.query("SELECT seq FROM archive_cursor").catch(() => []);
      for (const { seq } of rows) seen.push(Number(seq));
      await delay(LOOK_MS);
    }
  };
  const looking = look();
  return {
    async stop() {
      isStopped = true;
      await looking;
      return seen;
    },
  };
}

function tellTroubles({ servers }: Stage, say: (line: string) => void): void {
  for (const { name, troubles } of servers) {
    say(`  ${name} said last:`);
    for (const line of troubles.slice(-25)) say(`    ${line}`);
  }
}
