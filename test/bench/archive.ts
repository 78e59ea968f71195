import { execFile } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pino } from "pino";
import { compileRules } from "#shared/rules/compile";
import { scan } from "#shared/rules/scan";
import type { Rule } from "#shared/rules/rule";
import {
  ArchiveCursor,
  Message,
  Undecodable,
} from "../../server/src/features/archive/archive.entity.ts";
import { ArchiveDay, LedgerRow } from "../../server/src/features/archive/ledger.entity.ts";
import { CallBudgetRow } from "../../server/src/features/archive/call-budget.entity.ts";
import { createDecryptPool } from "../../server/src/features/archive/decrypt-pool.ts";
import type { DecryptPool } from "../../server/src/features/archive/decrypt-pool.ts";
import { createMessageStore } from "../../server/src/features/archive/message-store.ts";
import { createPullService } from "../../server/src/features/archive/pull.service.ts";
import { systemClock } from "../../server/src/platform/clock.ts";
import { createLiveEvents } from "../../server/src/platform/events/live-events.ts";
import { DataKey } from "../../server/src/platform/vault/data-key.entity.ts";
import { createVault } from "../../server/src/platform/vault/vault.ts";
import type { ArchiveItem } from "../../server/src/wecom/archive-source.ts";
import { createHttpArchiveSource } from "../../server/src/wecom/http-archive-source.ts";
import type { WecomClient } from "../../server/src/wecom/wecom-client.ts";
import { sealArchiveItem } from "../simulator/crypto/archive-crypto.ts";
import { onEachDatabase } from "./bench-database.ts";
import type { BenchDatabase } from "./bench-database.ts";

/** Two everywhere, so that figures of different machines compare. */
const CORES = 2;
const PAGE = 1000;
const WORDS = 1000;
const ROUNDS = 5;
const log = pino({ level: "silent" });

export interface ArchiveFigure {
  database: string;
  /** Medians over the rounds. */
  messagesPerSecond: number;
  rsaPerSecond: number;
  ratio: number;
  /** Of the rounds' ratios: far apart means that the machine had other work, and nothing is proven. */
  lowestRatio: number;
  highestRatio: number;
}

/**
 * Archived messages a second through JSON, RSA, AES, a scan for 1,000 words, sealing and storing, over the
 * private RSA operations that openssl does a second on as many cores. Both are taken by the clock on the wall, in
 * turns, and each round is compared with the openssl runs right before and after it.
 */
export async function benchArchive(messages = 10_000): Promise<ArchiveFigure[]> {
  const folder = mkdtempSync(join(tmpdir(), "bench-keys-"));
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(folder, "1.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
  const pool = createDecryptPool({
    workerFile: fileURLToPath(
      new URL("../../server/src/features/archive/decrypt.worker.js", import.meta.url),
    ),
    keysDir: folder,
    threads: CORES,
  });
  const pagesPerRound = Math.ceil(messages / ROUNDS / PAGE);
  const pages = makePages(publicKey, pagesPerRound * ROUNDS);
  const figures: ArchiveFigure[] = [];
  process.stdout.write(`Archive, ${pages.length * PAGE} messages on ${CORES} cores\n`);
  try {
    await onEachDatabase(
      [Message, Undecodable, ArchiveCursor, ArchiveDay, LedgerRow, CallBudgetRow, DataKey],
      async (on) => {
        const figure = await measure(on, pool, pages, pagesPerRound);
        figures.push(figure);
        process.stdout.write(
          `  ${on.name}: ${Math.round(figure.messagesPerSecond)} messages/s ÷ ${Math.round(figure.rsaPerSecond)} openssl rsa2048/s = ${figure.ratio.toFixed(2)} (${ROUNDS} rounds: ${figure.lowestRatio.toFixed(2)} to ${figure.highestRatio.toFixed(2)})\n`,
        );
      },
    );
  } finally {
    await pool.close();
    rmSync(folder, { recursive: true });
  }
  return figures;
}

async function measure(
  on: BenchDatabase,
  pool: DecryptPool,
  pages: readonly string[],
  pagesPerRound: number,
): Promise<ArchiveFigure> {
  const served = { pages: [] as readonly string[] };
  const pull = openArchive(on, pool, served);
  // All threads up, as in a server that has been running.
  await pool.open(firstItems(pages));
  const rounds: { messages: number; rsa: number }[] = [];
  let before = await opensslRsaPerSecond();
  for (let round = 1; round <= ROUNDS; round += 1) {
    served.pages = pages.slice(0, round * pagesPerRound);
    const c0 = process.cpuUsage();
    const messages = (pagesPerRound * PAGE) / (await pull(served.pages.length * PAGE));
    const c = process.cpuUsage(c0);
    console.log(
      "cpu µs/message",
      ((c.user + c.system) / pagesPerRound / PAGE).toFixed(0),
      "rsa cpu µs",
      rsaCpu().toFixed(0),
    );
    const after = await opensslRsaPerSecond();
    rounds.push({ messages, rsa: (before + after) / 2 });
    before = after;
  }
  const ratios = rounds.map(({ messages, rsa }) => messages / rsa);
  return {
    database: on.name,
    messagesPerSecond: median(rounds.map(({ messages }) => messages)),
    rsaPerSecond: median(rounds.map(({ rsa }) => rsa)),
    ratio: median(ratios),
    lowestRatio: Math.min(...ratios),
    highestRatio: Math.max(...ratios),
  };
}

/** Returns what pulls all that is served and tells how many seconds it took. */
function openArchive(
  { database }: BenchDatabase,
  pool: DecryptPool,
  served: { pages: readonly string[] },
): (expected: number) => Promise<number> {
  const vault = createVault(database, { id: "bench", key: randomBytes(32) }, systemClock);
  const compiled = compileRules(makeRules());
  let scanned = 0;
  const store = createMessageStore({
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
  const pulls = createPullService({
    corpId: "bench",
    source: createHttpArchiveSource(answering(served), log),
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

/** Answers a pull with the JSON text of its page, as the network would. */
function answering(served: { pages: readonly string[] }): WecomClient {
  const call = (request: { body: { seq: number }; schema: { parse(value: unknown): unknown } }) =>
    Promise.resolve(
      request.schema.parse(JSON.parse(served.pages[request.body.seq / PAGE] ?? "{}")),
    );
  return { call } as unknown as WecomClient;
}

function makePages(publicKey: KeyObject, count: number): string[] {
  return Array.from({ length: count }, (_, page) => {
    const chatdata = Array.from({ length: PAGE }, (_item, index) =>
      makeItem(publicKey, page * PAGE + 1 + index),
    );
    return JSON.stringify({ errcode: 0, errmsg: "ok", chatdata });
  });
}

/** Enough that every thread gets some. */
function firstItems(pages: readonly string[]): ArchiveItem[] {
  const { chatdata } = JSON.parse(pages[0] ?? "") as { chatdata: ReturnType<typeof makeItem>[] };
  return chatdata.map(({ seq, msgid, publickey_ver, ...sealed }) => ({
    seq,
    msgId: msgid,
    keyVersion: publickey_ver,
    encryptedRandomKey: sealed.encrypt_random_key,
    encryptedMessage: sealed.encrypt_chat_msg,
  }));
}

function makeItem(publicKey: KeyObject, seq: number) {
  const msgid = `${seq}_1760000000000_external`;
  const isFromMember = seq % 2 === 0;
  const customer = `wmBench${seq % 500}`;
  const member = `member${seq % 20}`;
  const json = JSON.stringify({
    msgid,
    action: "send",
    from: isFromMember ? member : customer,
    tolist: [isFromMember ? customer : member],
    roomid: "",
    msgtime: 1_760_000_000_000 + seq,
    msgtype: "text",
    text: { content: `第${seq}条：您好，上次说的那款产品资料我已经发您邮箱了，您看看有没有问题？` },
  });
  const sealed = sealArchiveItem(publicKey, json);
  return {
    seq,
    msgid,
    publickey_ver: 1,
    encrypt_random_key: sealed.encryptRandomKey,
    encrypt_chat_msg: sealed.encryptChatMsg,
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

/** Private operations a second on all cores together, by the clock on the wall as for our own figure. */
async function opensslRsaPerSecond(): Promise<number> {
  const args = ["speed", "-elapsed", "-seconds", "1", "-multi", String(CORES), "rsa2048"];
  const { stdout } = await promisify(execFile)("openssl", args);
  const lines = stdout.split("\n");
  const columns =
    lines
      .find((line) => line.includes("sign/s"))
      ?.trim()
      .split(/\s+/) ?? [];
  const values =
    lines
      .find((line) => /^rsa\s+2048 bits/.test(line))
      ?.trim()
      .split(/\s+/) ?? [];
  // The row begins with three words that have no column: "rsa 2048 bits".
  const perSecond = Number(values[columns.indexOf("sign/s") + 3]);
  if (!(perSecond > 0)) throw new Error("openssl speed gave no figure for rsa2048");
  return perSecond;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

import { privateDecrypt, constants } from "node:crypto";
function rsaCpu() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const b = randomBytes(256);
  b[0] = 0;
  const c0 = process.cpuUsage();
  for (let i = 0; i < 1000; i++)
    privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, b);
  const c = process.cpuUsage(c0);
  return (c.user + c.system) / 1000;
}
