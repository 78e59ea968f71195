import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { compileRules } from "#shared/rules/compile";
import { scan } from "#shared/rules/scan";
import type { Rule } from "#shared/rules/rule";
import { entities } from "../../server/src/entities.ts";
import { Message } from "../../server/src/features/archive/archive.entity.ts";
import { createDecryptPool } from "../../server/src/features/archive/decrypt-pool.ts";
import { createMessageStore } from "../../server/src/features/archive/message-store.ts";
import { createPullService } from "../../server/src/features/archive/pull.service.ts";
import type { PullService } from "../../server/src/features/archive/pull.service.ts";
import { systemClock } from "../../server/src/platform/clock.ts";
import { createLiveEvents } from "../../server/src/platform/events/live-events.ts";
import { Secret } from "../../server/src/platform/secret.ts";
import { createVault } from "../../server/src/platform/vault/vault.ts";
import type { ArchiveSource } from "../../server/src/wecom/archive-source.ts";
import { createHttpArchiveSource } from "../../server/src/wecom/http-archive-source.ts";
import { createNativeArchiveSource } from "../../server/src/wecom/native-archive-source.ts";
import { createSdkHost } from "../../server/src/wecom/sdk-host.ts";
import type { WecomClient } from "../../server/src/wecom/wecom-client.ts";
import { EMPTY_PAGE, makePages, PAGE } from "./archive-pages.ts";
import { startArchiveServer } from "./archive-server.ts";
import { onEachDatabase } from "./bench-database.ts";
import type { BenchDatabase } from "./bench-database.ts";
import { cpuMicrosSince, createRsaMeter } from "./cpu-time.ts";
import { opensslRsaPerSecond } from "./openssl.ts";

/** Two everywhere, so that figures of different machines compare. */
const CORES = 2;
const WORDS = 1000;
const ROUNDS = 5;
const log = pino({ level: "silent" });

export interface ArchiveFigure {
  /** Medians over the rounds. */
  messagesPerSecond: number;
  rsaPerSecond: number;
  ratio: number;
  /** Of the rounds' ratios: far apart means that the machine had other work, and nothing is proven. */
  lowestRatio: number;
  highestRatio: number;
  /** Of all threads of this process; what the database's and the library's own processes take comes on top. */
  cpuMicrosPerMessage: number;
  /** Of a private operation of Node's, in the same round: what no message can do without. */
  rsaMicros: number;
}

/** One way of getting at the archive. */
interface Way {
  name: string;
  atLeast: number;
  open(): Promise<{ source: ArchiveSource; close(): Promise<void> }>;
}

/**
 * Archived messages a second through JSON, RSA, AES, a scan for 1,000 words, sealing and storing, over the
 * private RSA operations that openssl does a second on as many cores. Both are taken by the clock on the wall, in
 * turns, and each round is compared with the openssl runs right before and after it. Where other work keeps the cores
 * busy the clock proves nothing; the CPU time a message tells more then. All runs on these cores: the database's
 * process, and in the second way the library's host and the stand-in for WeCom.
 */
export async function benchArchive(messages = 40_000): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bench-keys-"));
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(folder, "1.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
  const pagesPerRound = Math.ceil(messages / ROUNDS / PAGE);
  const pages = makePages(publicKey, pagesPerRound * ROUNDS);
  process.stdout.write(`Archive, ${pages.length * PAGE} messages on ${CORES} cores\n`);
  const served = { pages: [] as readonly string[] };
  const pageAfter = (seq: number): string => served.pages[seq / PAGE] ?? EMPTY_PAGE;
  try {
    for (const way of [overHttp(pageAfter), throughLibrary(pageAfter)]) {
      await onEachDatabase(entities, async (on) => {
        const opened = await way.open();
        try {
          const load = { served, pages, pagesPerRound };
          const figure = await measure(on, opened.source, folder, load);
          process.stdout.write(`  ${way.name}, ${on.name}: ${say(figure, way.atLeast)}\n`);
        } finally {
          await opened.close();
        }
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function say(figure: ArchiveFigure, atLeast: number): string {
  const { messagesPerSecond, rsaPerSecond, ratio, lowestRatio, highestRatio } = figure;
  const cpu = `${Math.round(figure.cpuMicrosPerMessage)} µs CPU a message, ${Math.round(figure.rsaMicros)} of them RSA`;
  return `${Math.round(messagesPerSecond)} messages/s ÷ ${Math.round(rsaPerSecond)} openssl rsa2048/s = ${ratio.toFixed(2)} (at least ${atLeast.toFixed(2)}; ${ROUNDS} rounds: ${lowestRatio.toFixed(2)} to ${highestRatio.toFixed(2)}; ${cpu})`;
}

interface Load {
  served: { pages: readonly string[] };
  pages: readonly string[];
  pagesPerRound: number;
}

async function measure(
  on: BenchDatabase,
  source: ArchiveSource,
  keysDir: string,
  { served, pages, pagesPerRound }: Load,
): Promise<ArchiveFigure> {
  const pool = createDecryptPool({
    workerFile: fileURLToPath(
      new URL("../../server/src/features/archive/decrypt.worker.js", import.meta.url),
    ),
    keysDir,
    threads: CORES,
    openSealed: source.openSealed,
  });
  const pull = openArchive(on, source, pool);
  try {
    // All threads up, as in a server that has been running.
    served.pages = pages.slice(0, 1);
    await pool.open(await source.pull(0, PAGE));
    const rounds: { messages: number; rsa: number; cpuMicros: number; rsaMicros: number }[] = [];
    const measureRsa = createRsaMeter(join(keysDir, "1.pem"));
    let before = await opensslRsaPerSecond(CORES);
    for (let round = 1; round <= ROUNDS; round += 1) {
      served.pages = pages.slice(0, round * pagesPerRound);
      const count = pagesPerRound * PAGE;
      const usedBefore = process.cpuUsage();
      const messages = count / (await pull(served.pages.length * PAGE));
      const cpuMicros = cpuMicrosSince(usedBefore) / count;
      const after = await opensslRsaPerSecond(CORES);
      rounds.push({ messages, rsa: (before + after) / 2, cpuMicros, rsaMicros: measureRsa() });
      before = after;
    }
    const ratios = rounds.map(({ messages, rsa }) => messages / rsa);
    return {
      messagesPerSecond: median(rounds.map(({ messages }) => messages)),
      rsaPerSecond: median(rounds.map(({ rsa }) => rsa)),
      ratio: median(ratios),
      lowestRatio: Math.min(...ratios),
      highestRatio: Math.max(...ratios),
      cpuMicrosPerMessage: median(rounds.map(({ cpuMicros }) => cpuMicros)),
      rsaMicros: median(rounds.map((round) => round.rsaMicros)),
    };
  } finally {
    await pool.close();
  }
}

/** Returns what pulls all that is served and tells how many seconds it took. */
function openArchive(
  { database }: BenchDatabase,
  source: ArchiveSource,
  pool: Parameters<typeof createPullService>[0]["pool"],
): (expected: number) => Promise<number> {
  const vault = createVault(database, { id: "bench", key: randomBytes(32) }, systemClock);
  const compiled = compileRules(makeRules());
  let scanned = 0;
  const store = createMessageStore({
    keepMedia: () => Promise.resolve(),
    database,
    vault,
    events: createLiveEvents(database, log),
    isMember: () => Promise.resolve(false),
    inspect: (found) => {
      for (const { text, speaker } of found) {
        scan(compiled, text, { speaker });
        scanned += 1;
      }
      return Promise.resolve(() => Promise.resolve());
    },
  });
  const pulls: PullService = createPullService({
    corpId: "bench",
    source,
    pool,
    store,
    database,
    vault,
    clock: systemClock,
    log,
    pageSize: PAGE,
  });
  return async (expected) => {
    const startedAt = performance.now();
    const result = await pulls.pull();
    const seconds = (performance.now() - startedAt) / 1000;
    const stored = await database.read.count(Message);
    if (stored !== expected || scanned !== expected) {
      throw new Error(`the archive was not pulled whole: ${result}, ${stored} of ${expected}`);
    }
    return seconds;
  };
}

/** The JSON text of a page as the network would bring it. */
function overHttp(pageAfter: (seq: number) => string): Way {
  const call = (request: { body: { seq: number }; schema: { parse(value: unknown): unknown } }) =>
    Promise.resolve(request.schema.parse(JSON.parse(pageAfter(request.body.seq))));
  const client = { call } as unknown as WecomClient;
  return {
    name: "HTTP interface",
    atLeast: 0.85,
    open: () =>
      Promise.resolve({
        source: createHttpArchiveSource(client, log),
        close: () => Promise.resolve(),
      }),
  };
}

/** The library's double in its host: pages over a real connection, messages opened in the host. */
function throughLibrary(pageAfter: (seq: number) => string): Way {
  return {
    name: "archive library",
    atLeast: 0.8,
    async open() {
      const server = await startArchiveServer(pageAfter);
      const host = createSdkHost({
        program: resolve("dist/native/finance-sdk-host"),
        library: resolve("dist/native/libWeWorkFinanceSdk_C.so"),
        env: { WECOM_API_URL: server.url },
        corpId: "bench",
        secret: new Secret("bench"),
        proxy: "",
        proxyPassword: null,
        timeoutSeconds: 10,
        clock: systemClock,
        log,
      });
      await host.start();
      return {
        source: createNativeArchiveSource({ host, mediaHost: host, clock: systemClock, log }),
        async close() {
          await host.close();
          await server.close();
        },
      };
    },
  };
}

/** Words that the messages do not contain but often begin. */
function makeRules(): Rule[] {
  const starts = "您好产品资料邮箱问题上次";
  const words = Array.from(
    { length: WORDS },
    (_, index) => `${starts[index % starts.length] ?? ""}禁${index.toString(36)}词`,
  );
  return [
    {
      id: "bench",
      title: "bench",
      category: "bench",
      level: "notice",
      speaker: "either",
      words,
      exceptions: [],
      clause: "",
      reason: "",
      suggestion: "",
      revision: 1,
      isConfidential: false,
    },
  ];
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
