import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { entities } from "../../server/src/entities.ts";
import { createConversations } from "../../server/src/features/archive/conversations.service.ts";
import { createMessageSearch } from "../../server/src/features/archive/message-search.ts";
import { createMessageStore } from "../../server/src/features/archive/message-store.ts";
import { createSearchThreads } from "../../server/src/features/archive/search-threads.ts";
import { systemClock } from "../../server/src/platform/clock.ts";
import { createLiveEvents } from "../../server/src/platform/events/live-events.ts";
import { createVault } from "../../server/src/platform/vault/vault.ts";
import { readArchiveMessage } from "../../server/src/wecom/archive-message.ts";
import { onEachDatabase } from "./bench-database.ts";
import type { BenchDatabase } from "./bench-database.ts";

const PAGE = 1000;
const MESSAGES = 20_000;
const MEMBERS = 20;
const CUSTOMERS = 500;
const ROUNDS = 5;
const log = pino({ level: "silent" });

export interface SearchFigure {
  database: string;
  /** Medians over the rounds, on one core. */
  messagesPerSecond: number;
  opensPerSecond: number;
  ratio: number;
  /** Of the rounds' ratios. */
  lowestRatio: number;
  highestRatio: number;
}

/**
 * Messages a second that a search over a manager's whole scope goes through, from the table to the answer, over the
 * AES-256-GCM opens that Node does a second on values of the same sizes with a key at hand. In turns, on one core.
 */
export async function benchSearch(messages = MESSAGES): Promise<SearchFigure[]> {
  const figures: SearchFigure[] = [];
  process.stdout.write(`Search, ${messages} messages, one core, nothing found\n`);
  await onEachDatabase(entities, async (on) => {
    const figure = await measure(on, messages);
    figures.push(figure);
    process.stdout.write(
      `  ${on.name}: ${Math.round(figure.messagesPerSecond)} messages/s ÷ ${Math.round(figure.opensPerSecond)} opens/s = ${figure.ratio.toFixed(2)} (bar: 0.5; ${ROUNDS} rounds: ${figure.lowestRatio.toFixed(2)} to ${figure.highestRatio.toFixed(2)})\n`,
    );
  });
  return figures;
}

async function measure(
  { name, url, database }: BenchDatabase,
  messages: number,
): Promise<SearchFigure> {
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
  for (let from = 0; from < messages; from += PAGE) {
    const opened = Array.from({ length: PAGE }, (_, index) => makeMessage(from + index + 1));
    sizes.push(...opened.map(({ json }) => Buffer.byteLength(json)));
    const done = () => Promise.resolve();
    await store.store({ opened, claim: done, account: done });
  }
  const memberIds = Array.from({ length: MEMBERS }, (_, index) => `member${index}`);
  const conversations = await createConversations({ database, vault }).count({ memberIds });
  const threads = createSearchThreads({
    workerFile: fileURLToPath(
      new URL("../../server/src/features/archive/search.worker.js", import.meta.url),
    ),
    databaseUrl: url,
    vault,
    threads: 1,
  });
  const search = createMessageSearch({ database, threads });
  const searchAll = async (): Promise<number> => {
    let scanned = 0;
    for await (const step of search.search(conversations, {}, "没有这句话"))
      scanned += step.scanned;
    return scanned;
  };
  // The thread up and its code warm, as in a server that has been running.
  await searchAll();
  const rounds: { messages: number; opens: number }[] = [];
  const open = prepareOpens(sizes);
  open();
  for (let round = 0; round < ROUNDS; round += 1) {
    const busyBefore = process.cpuUsage();
    const startedAt = performance.now();
    const scanned = await searchAll();
    const wallSeconds = (performance.now() - startedAt) / 1000;
    const busy = process.cpuUsage(busyBefore);
    // The server's own loop works beside the thread: what both took counts, when that is more than the time passed.
    const seconds = Math.max(wallSeconds, (busy.user + busy.system) / 1e6);
    if (scanned !== messages) throw new Error(`${scanned} of ${messages} were searched`);
    rounds.push({ messages: scanned / seconds, opens: open() });
  }
  await threads.close();
  const ratios = rounds.map((round) => round.messages / round.opens);
  return {
    database: name,
    messagesPerSecond: median(rounds.map((round) => round.messages)),
    opensPerSecond: median(rounds.map((round) => round.opens)),
    ratio: median(ratios),
    lowestRatio: Math.min(...ratios),
    highestRatio: Math.max(...ratios),
  };
}

/** `text` of one person to another, a millisecond after the one before. */
export function makeMessage(
  seq: number,
  text = `第${seq}条：您好，上次说的那款产品资料我已经发您邮箱了，您看看有没有问题？`,
) {
  const msgid = `${seq}_1760000000000_external`;
  const customer = `wmBench${seq % CUSTOMERS}`;
  const member = `member${seq % MEMBERS}`;
  const isFromMember = seq % 3 === 0;
  const json = JSON.stringify({
    msgid,
    action: "send",
    from: isFromMember ? member : customer,
    tolist: [isFromMember ? customer : member],
    roomid: "",
    msgtime: 1_760_000_000_000 + seq,
    msgtype: "text",
    text: { content: text },
  });
  const message = readArchiveMessage(json);
  if (!message) throw new Error("the bench's own message cannot be read");
  const sealed = { encryptedRandomKey: "", encryptedMessage: "" };
  const item = { seq, msgId: msgid, keyVersion: 1, ...sealed };
  return { item, message, json, receivedAtMs: systemClock.now() };
}

/** Returns what opens as many values of these sizes as there are and tells how many that is a second. */
export function prepareOpens(sizes: readonly number[]): () => number {
  const key = randomBytes(32);
  const associated = randomBytes(60);
  const options = { authTagLength: 16 };
  const sealed = sizes.map((size) => {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key, nonce, options).setAAD(associated);
    const text = Buffer.concat([cipher.update(randomBytes(size)), cipher.final()]);
    return { nonce, text, tag: cipher.getAuthTag() };
  });
  return () => {
    const startedAt = performance.now();
    for (const { nonce, text, tag } of sealed) {
      const decipher = createDecipheriv("aes-256-gcm", key, nonce, options);
      decipher.setAAD(associated).setAuthTag(tag);
      Buffer.concat([decipher.update(text), decipher.final()]);
    }
    return sealed.length / ((performance.now() - startedAt) / 1000);
  };
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
