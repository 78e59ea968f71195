import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { DataSource } from "typeorm";
import { EMPTY_PAGE, makePages, PAGE, renumber } from "./archive-pages.ts";
import { startArchiveServer } from "./archive-server.ts";

/** Sealed anew only so many; after them the same texts come again as other messages. */
const DISTINCT_PAGES = 10;
const MEGABYTE = 1024 * 1024;
const BAR_MB = 400;

/**
 * Memory (resident set) of the whole server, workers included, while it pulls a long backlog: the highest, and the
 * last quarter's mean over the second quarter's, which tells whether it grows with what has been pulled.
 */
export async function benchArchiveMemory(messages = 200_000): Promise<void> {
  process.stdout.write(`Memory of the whole server while it pulls ${messages} messages\n`);
  if (process.platform !== "linux") {
    process.stdout.write("  left out: read from /proc, which is Linux's\n");
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "bench-memory-"));
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  mkdirSync(join(folder, "archive-keys"));
  writeFileSync(
    join(folder, "archive-keys", "1.pem"),
    privateKey.export({ type: "pkcs8", format: "pem" }),
  );
  const pages = makePages(publicKey, DISTINCT_PAGES);
  const wecom = await startArchiveServer((seq) => {
    if (seq >= messages) return EMPTY_PAGE;
    const page = seq / PAGE;
    const round = Math.floor(page / DISTINCT_PAGES);
    return renumber(pages[page % DISTINCT_PAGES] ?? EMPTY_PAGE, round * DISTINCT_PAGES * PAGE);
  });
  const server = spawn(
    process.execPath,
    // As scripts/start.mjs starts it.
    [
      "--max-semi-space-size=4",
      fileURLToPath(new URL("../../server/src/main.js", import.meta.url)),
    ],
    { env: settings(folder, wecom.url), stdio: ["ignore", "inherit", "inherit"] },
  );
  try {
    const samples = await watch(server.pid ?? 0, join(folder, "product.sqlite"), messages);
    const highest = Math.max(...samples) / MEGABYTE;
    const quarter = (index: number): number =>
      mean(samples.slice((samples.length * index) >> 2, ((samples.length * (index + 1)) >> 2) + 1));
    process.stdout.write(
      `  highest ${highest.toFixed(0)} MB (below ${BAR_MB}), last quarter ÷ second quarter = ${(quarter(3) / quarter(1)).toFixed(2)}\n`,
    );
  } finally {
    await new Promise((done) => {
      server.once("exit", done);
      server.kill("SIGKILL");
    });
    await wecom.close();
    rmSync(folder, { recursive: true });
  }
}

/** The server's resident sets in bytes, a few a second, until all messages are stored. */
async function watch(pid: number, databaseFile: string, messages: number): Promise<number[]> {
  const samples: number[] = [];
  let database: DataSource | undefined;
  for (let stored = 0; stored < messages;) {
    await delay(250);
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    if (resident === undefined) throw new Error("the server has ended");
    samples.push(Number(resident) * 1024);
    database ??= await openReadOnly(databaseFile);
    stored =
      (await database?.query<{ seq: number }[]>("SELECT seq FROM archive_cursor"))?.[0]?.seq ?? 0;
  }
  await database?.destroy();
  return samples;
}

async function openReadOnly(file: string): Promise<DataSource | undefined> {
  const source = new DataSource({ type: "better-sqlite3", database: file, readonly: true });
  try {
    await source.initialize();
    await source.query("SELECT 1 FROM archive_cursor");
    return source;
  } catch {
    // The server is still on its way up.
    if (source.isInitialized) await source.destroy();
    return undefined;
  }
}

function settings(folder: string, wecomUrl: string): Record<string, string> {
  return {
    PORT: "0",
    PUBLIC_URL: "http://127.0.0.1",
    LOG_LEVEL: "error",
    DATA_DIR: folder,
    ADMIN_MEMBER_IDS: "bench",
    WECOM_CORP_ID: "bench",
    WECOM_AGENT_ID: "1000002",
    WECOM_APP_SECRET: "bench",
    WECOM_CALLBACK_TOKEN: "bench",
    WECOM_CALLBACK_AES_KEY: "b".repeat(43),
    WECOM_ARCHIVE_SECRET: "bench",
    WECOM_API_URL: wecomUrl,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
