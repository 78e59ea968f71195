import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import type { Rule } from "#shared/rules/rule";
import { defaultPlan, openCalendar } from "#shared/working-calendar";
import { starterRules } from "#shared/rules/starter-rules";
import { entities } from "../../server/src/entities.ts";
import { createHistoryScan } from "../../server/src/features/archive/history-scan.ts";
import { createMessageStore } from "../../server/src/features/archive/message-store.ts";
import { createSearchThreads } from "../../server/src/features/archive/search-threads.ts";
import { systemClock } from "../../server/src/platform/clock.ts";
import { createLiveEvents } from "../../server/src/platform/events/live-events.ts";
import { createVault } from "../../server/src/platform/vault/vault.ts";
import { onEachDatabase } from "./bench-database.ts";
import type { BenchDatabase } from "./bench-database.ts";
import { cpuMicrosSince } from "./cpu-time.ts";
import { makeTexts, makeWords, toRule } from "./rules.ts";
import { makeMessage, median, prepareOpens } from "./search.ts";

const PAGE = 1000;
const MESSAGES = 20_000;
const MEMBERS = 20;
const ROUNDS = 5;
const log = pino({ level: "silent" });

export interface BackTestFigure {
  database: string;
  rules: string;
  /** Medians over the rounds, on one core. */
  messagesPerSecond: number;
  opensPerSecond: number;
  ratio: number;
  /** The same by processor time alone, which other work on the machine does not disturb. */
  cpuRatio: number;
}

/** A draft that changes one of the rules in force, as a back-test compiles the two. */
const changed: readonly Rule[] = [
  ...starterRules.slice(1),
  ...starterRules.slice(0, 1).flatMap((rule) => [
    { ...rule, id: `-${rule.id}` },
    { ...rule, id: `+${rule.id}`, words: [...rule.words, "稳赚不赔"] },
  ]),
];
const words = makeWords(10_000);
const contests: readonly { name: string; rules: readonly Rule[] }[] = [
  { name: "starter rules", rules: changed },
  { name: "starter rules + 10,000 words", rules: [...changed, toRule(words, "standard")] },
];

/**
 * Messages a second that a back-test goes through, from the table to the hits, over the AES-256-GCM opens that Node
 * does a second on values of the same sizes with a key at hand. In turns, on one core.
 */
export async function benchBackTest(messages = MESSAGES): Promise<BackTestFigure[]> {
  const figures: BackTestFigure[] = [];
  process.stdout.write(`Back-test, ${messages} messages, one core\n`);
  await onEachDatabase(entities, async (on) => {
    for (const figure of await measure(on, messages)) {
      figures.push(figure);
      process.stdout.write(
        `  ${figure.database}, ${figure.rules}: ${Math.round(figure.messagesPerSecond)} messages/s ÷ ${Math.round(figure.opensPerSecond)} opens/s = ${figure.ratio.toFixed(2)} (bar: 0.4; by processor time ${figure.cpuRatio.toFixed(2)})\n`,
      );
    }
  });
  return figures;
}

async function measure(
  { name, url, database }: BenchDatabase,
  messages: number,
): Promise<BackTestFigure[]> {
  const vault = createVault(database, { id: "bench", key: randomBytes(32) }, systemClock);
  const store = createMessageStore({
    keepMedia: () => Promise.resolve(),
    database,
    vault,
    events: createLiveEvents(database, log),
    isMember: () => Promise.resolve(false),
    inspect: () => Promise.resolve(() => Promise.resolve()),
  });
  const sizes: number[] = [];
  const texts = makeTexts(words, messages);
  for (let from = 0; from < messages; from += PAGE) {
    const opened = Array.from({ length: PAGE }, (_, at) =>
      makeMessage(from + at + 1, texts[from + at]),
    );
    sizes.push(...opened.map(({ json }) => Buffer.byteLength(json)));
    const done = () => Promise.resolve();
    await store.store({ opened, claim: done, account: done });
  }
  const threads = createSearchThreads({
    workerFile: fileURLToPath(
      new URL("../../server/src/features/archive/search.worker.js", import.meta.url),
    ),
    databaseUrl: url,
    vault,
    threads: 1,
  });
  const history = createHistoryScan({
    database,
    threads,
    calendar: () => Promise.resolve(openCalendar(defaultPlan)),
    members: { departmentsOf: () => Promise.resolve([]) },
    customers: { tagsOf: () => Promise.resolve(undefined) },
  });
  const memberIds = Array.from({ length: MEMBERS }, (_, index) => `member${index}`);
  const range = { memberIds, fromMs: 0, toMs: 2 ** 52, lastSeq: messages };
  const open = prepareOpens(sizes);
  const figures: BackTestFigure[] = [];
  for (const { name: rules, rules: list } of contests) {
    const options = { rules: { id: rules, lists: [list] }, budgetMs: 1e9 };
    // The thread up, the rules compiled and its code warm, as in a server that has been running.
    await history.step(range, null, options);
    await history.step(range, null, options);
    open();
    const rounds: { messages: number; opens: number; cpuRatio: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const busyBefore = process.cpuUsage();
      const startedAt = performance.now();
      const { scanned, failed } = await history.step(range, null, options);
      const wallSeconds = (performance.now() - startedAt) / 1000;
      const busy = process.cpuUsage(busyBefore);
      // The server's own loop works beside the thread: what both took counts, when that is more than the time passed.
      const seconds = Math.max(wallSeconds, (busy.user + busy.system) / 1e6);
      if (scanned !== messages || failed > 0) throw new Error(`${scanned} of ${messages} scanned`);
      const openingBefore = process.cpuUsage();
      const opens = open();
      const cpuRatio = cpuMicrosSince(openingBefore) / (busy.user + busy.system);
      rounds.push({ messages: scanned / seconds, opens, cpuRatio });
    }
    figures.push({
      database: name,
      rules,
      messagesPerSecond: median(rounds.map((round) => round.messages)),
      opensPerSecond: median(rounds.map((round) => round.opens)),
      ratio: median(rounds.map((round) => round.messages / round.opens)),
      cpuRatio: median(rounds.map((round) => round.cpuRatio)),
    });
  }
  await threads.close();
  return figures;
}
