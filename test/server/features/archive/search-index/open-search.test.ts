import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pino } from "pino";
import { entities } from "../../../../../server/src/entities.ts";
import { createMessageStore } from "../../../../../server/src/features/archive/message-store.ts";
import { FOLLOW } from "../../../../../server/src/features/archive/search-index/index-follower.ts";
import { openSearch } from "../../../../../server/src/features/archive/search-index/open-search.ts";
import type { SearchIndexSetting } from "../../../../../server/src/features/archive/search-index/open-search.ts";
import type { Database } from "../../../../../server/src/platform/database/database.ts";
import { createLiveEvents } from "../../../../../server/src/platform/events/live-events.ts";
import { createJobs } from "../../../../../server/src/platform/jobs/jobs.ts";
import { createVault } from "../../../../../server/src/platform/vault/vault.ts";
import { readArchiveMessage } from "../../../../../server/src/wecom/archive-message.ts";
import { eventually } from "../../../../support/eventually.ts";
import { emptyTables, forEachDatabase } from "../../../../support/test-database.ts";

const clock = { now: () => Date.UTC(2026, 10, 3) };
const log = pino({ level: "silent" });

forEachDatabase("the setting of the search index", (open) => {
  let database: Database;
  let dataDir: string;
  const kek = { id: "kek", key: randomBytes(32) };

  beforeEach(async () => {
    database = await open(entities);
    await emptyTables(database);
    dataDir = mkdtempSync(join(tmpdir(), "open-search-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  /** One life of a product with this setting, which archives `texts` and lets its jobs come to rest. */
  async function live(setting: SearchIndexSetting, texts: readonly [seq: number, text: string][]) {
    const vault = createVault(database, kek, clock);
    const jobs = createJobs(database, log);
    const search = openSearch({
      setting,
      corpId: "wwCorp",
      dataDir,
      database,
      vault,
      jobs,
      log,
      threads: {
        workerFile: resolve("server/src/features/archive/search.worker.ts"),
        execArgv: ["--conditions=source", "--import", "tsx"],
        databaseUrl: open.url(),
      },
    });
    const store = createMessageStore({
      database,
      vault,
      events: createLiveEvents(database, log),
      isMember: () => Promise.resolve(true),
      inspect: () => Promise.resolve(() => Promise.resolve()),
      keepMedia: () => Promise.resolve(),
      noteStored: (tx, seqs) => search.noteStored(tx, seqs),
    });
    const opened = texts.map(([seq, content]) => {
      const json = JSON.stringify({
        msgid: `m${seq}`,
        action: "send",
        from: "chenli",
        tolist: ["wmA"],
        msgtime: clock.now(),
        msgtype: "text",
        text: { content },
      });
      const message = readArchiveMessage(json)!;
      const sealed = { encryptedRandomKey: "", encryptedMessage: "" };
      const item = { seq, msgId: `m${seq}`, keyVersion: 1, ...sealed };
      return { item, message, json, receivedAtMs: clock.now() };
    });
    const done = () => Promise.resolve();
    if (opened.length > 0) await store.store({ opened, claim: done, account: done });
    search.registerJobs();
    search.start();
    if (setting !== "off") await database.write((tx) => jobs.enqueue(tx, FOLLOW, {}));
    jobs.start();
    await jobs.idle();
    await jobs.stop();
    const status = await search.status();
    await eventually(countRests, (rests) => setting !== "off" || rests === 0);
    await search.close();
    return status;
  }

  async function countRests(): Promise<number> {
    const files = readdirSync(dataDir, { recursive: true }).filter((name) =>
      String(name).endsWith(".db"),
    );
    const rows = await database.read.query<{ n: string | number }[]>(
      `SELECT (SELECT COUNT(*) FROM search_posting) + (SELECT COUNT(*) FROM search_cursor)
         + (SELECT COUNT(*) FROM search_late) + (SELECT COUNT(*) FROM search_month) AS n`,
    );
    return files.length + Number(rows[0]!.n);
  }

  it("builds one of all there is, follows, and leaves nothing when it is switched off", async () => {
    expect(await live("off", [[10, "早先说的话"]])).toBeNull();
    expect(await live("database", [[20, "后来说的话"]])).toEqual({ indexed: 2, total: 2 });
    expect(await live("database", [[15, "迟到的话"]])).toEqual({ indexed: 3, total: 3 });
    const late = "SELECT seq FROM search_late";
    expect(await database.read.query(late)).toEqual([]);
    expect(await countRests()).toBeGreaterThan(1);
    expect(await live("off", [[30, "关掉以后的话"]])).toBeNull();
    expect(await countRests()).toBe(0);
    expect(await live("database", [])).toEqual({ indexed: 4, total: 4 });
  });
});
