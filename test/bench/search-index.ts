import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { entities } from "../../server/src/entities.ts";
import { createMessageSearch } from "../../server/src/features/archive/message-search.ts";
import { placeOfBody } from "../../server/src/features/archive/sealed-places.ts";
import { createFileIndex } from "../../server/src/features/archive/search-index/file-index.ts";
import { createIndexFollower } from "../../server/src/features/archive/search-index/index-follower.ts";
import { createIndexedSearch } from "../../server/src/features/archive/search-index/indexed-search.ts";
import { createSearchThreads } from "../../server/src/features/archive/search-threads.ts";
import { systemClock } from "../../server/src/platform/clock.ts";
import { insertNew } from "../../server/src/platform/database/insert-new.ts";
import type { Database } from "../../server/src/platform/database/database.ts";
import { openDatabase } from "../../server/src/platform/database/database.ts";
import { createJobs } from "../../server/src/platform/jobs/jobs.ts";
import { createVault } from "../../server/src/platform/vault/vault.ts";
import type { Vault } from "../../server/src/platform/vault/vault.ts";

const MESSAGES = 1_000_000;
const CONVERSATIONS = 2_000;
const MONTHS = 6;
const MONTH_MS = 30 * 24 * 3600_000;
const STARTED_MS = Date.UTC(2026, 0, 5);
const BATCH = 1_000;
const NEWEST = 50;
const WORDS = 90;

export interface IndexFigure {
  /** To the newest 50 hits, or all if there are fewer. */
  medianMs: number;
  slowestMs: number;
  bytesPerMessage: number;
}

/**
 * The newest hits of words of two to four characters by the index in files, opened and compared, in everybody's
 * conversations. Only here are messages put into the table without the archive's way in: that would take an hour.
 */
export async function benchSearchIndex(messages = MESSAGES): Promise<IndexFigure> {
  const folder = mkdtempSync(join(tmpdir(), "bench-index-"));
  const url = `sqlite:${join(folder, "bench.sqlite")}`;
  const database = await openDatabase({ url, entities });
  const log = pino({ level: "silent" });
  const vault = createVault(database, { id: "bench", key: randomBytes(32) }, systemClock);
  const threads = createSearchThreads({
    workerFile: fileURLToPath(
      new URL("../../server/src/features/archive/search.worker.js", import.meta.url),
    ),
    databaseUrl: url,
    vault,
    threads: 1,
  });
  try {
    const index = createFileIndex({ folder: join(folder, "search"), threads });
    const jobs = createJobs(database, log);
    const follower = createIndexFollower({ database, vault, jobs, log, index, threads });
    const texts = createTexts();
    const writtenMs = await timed(() => fill(database, vault, texts.next, messages));
    const indexedMs = await timed(async () => {
      while (!(await follower.follow(100))) continue;
    });
    const bytesPerMessage = sizeOf(join(folder, "search")) / messages;
    process.stdout.write(
      `Search index, SQLite, ${messages} messages: written in ${seconds(writtenMs)}, indexed in ${seconds(indexedMs)} (${Math.round((indexedMs * 1000) / messages)} µs a message), ${Math.round(bytesPerMessage)} bytes a message\n`,
    );
    const search = createIndexedSearch({
      database,
      vault,
      threads,
      index,
      scan: createMessageSearch({ database, threads }),
      onLost: () => {
        throw new Error("the index is gone");
      },
    });
    const conversations = Array.from({ length: CONVERSATIONS }, (_, at) => ({
      id: conversationOf(at),
      messageCount: Math.ceil(messages / CONVERSATIONS),
    }));
    const newest = async (word: string): Promise<number> => {
      let found = 0;
      for await (const step of search.search(conversations, {}, word)) {
        found += step.found.length;
        if (found >= NEWEST) break;
      }
      return found;
    };
    await newest(texts.word(2));
    const times: number[] = [];
    let hits = 0;
    for (let at = 0; at < WORDS; at += 1) {
      const word = texts.word(2 + (at % 3));
      times.push(await timed(async () => void (hits += Math.min(NEWEST, await newest(word)))));
    }
    times.sort((a, b) => a - b);
    const medianMs = times[WORDS >> 1] ?? 0;
    const slowestMs = times.at(-1) ?? 0;
    process.stdout.write(
      `  newest ${NEWEST} hits of ${WORDS} words of 2 to 4 characters: median ${medianMs.toFixed(1)} ms (bar: below 20), slowest ${slowestMs.toFixed(1)} ms, ${(hits / WORDS).toFixed(0)} hits on average\n`,
    );
    return { medianMs, slowestMs, bytesPerMessage };
  } finally {
    await threads.close();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(
  database: Database,
  vault: Vault,
  nextText: () => string,
  messages: number,
): Promise<void> {
  const subjects = Array.from({ length: CONVERSATIONS }, (_, at) => `wm${at}`);
  for (let from = 0; from < messages; from += BATCH) {
    await database.write(async (tx) => {
      const sealer = await vault.sealerFor(tx, subjects);
      const rows = Array.from({ length: Math.min(BATCH, messages - from) }, (_, at) => {
        const seq = from + at + 1;
        const content = nextText();
        const customer = subjects[seq % CONVERSATIONS] ?? "";
        const atMs = STARTED_MS + Math.floor((seq / messages) * MONTHS * MONTH_MS);
        const json = JSON.stringify({
          msgid: `m${seq}`,
          from: customer,
          msgtype: "text",
          text: { content },
        });
        return {
          seq,
          msg_id: `m${seq}`,
          conversation_id: conversationOf(seq % CONVERSATIONS),
          sender_id: customer,
          sender_kind: "customer",
          member_id: "chenli",
          customer_id: customer,
          room_id: null,
          action: "send",
          kind: "text",
          sent_at_ms: atMs,
          received_at_ms: atMs,
          recalled_at_ms: null,
          key_version: 1,
          body: sealer.seal(customer, placeOfBody(seq), json),
        };
      });
      await insertNew(tx, "message", "msg_id", rows);
    });
  }
}

function conversationOf(at: number): string {
  return `s:chenli:wm${at}`;
}

/** Texts of 16 characters on average, each character as frequent as its rank says (Zipf), as in speech. */
function createTexts(): { next: () => string; word: (length: number) => string } {
  let state = 20_261_123;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const character = (): string => String.fromCharCode(0x4e00 + Math.floor(3500 ** random()));
  const next = (): string =>
    Array.from({ length: 4 + Math.floor(random() * 25) }, character).join("");
  return {
    next,
    /** One that is said, and one in ten that hardly is. */
    word: (length) => {
      if (random() < 0.1)
        return String.fromCharCode(
          ...Array.from({ length }, () => 0x5000 + Math.floor(random() * 2000)),
        );
      const text = next().padEnd(length, "的");
      return text.slice(0, length);
    },
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(0)} s`;
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
