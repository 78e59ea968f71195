import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pino } from "pino";
import { entities } from "../../../../../server/src/entities.ts";
import { createMessageSearch } from "../../../../../server/src/features/archive/message-search.ts";
import type { MessageSearch } from "../../../../../server/src/features/archive/message-search.ts";
import { placeOfBody } from "../../../../../server/src/features/archive/sealed-places.ts";
import { createFileIndex } from "../../../../../server/src/features/archive/search-index/file-index.ts";
import { createIndexFollower } from "../../../../../server/src/features/archive/search-index/index-follower.ts";
import type { IndexFollower } from "../../../../../server/src/features/archive/search-index/index-follower.ts";
import {
  findCursor,
  noteLate,
} from "../../../../../server/src/features/archive/search-index/index-state.ts";
import { createIndexedSearch } from "../../../../../server/src/features/archive/search-index/indexed-search.ts";
import { createOpenSearchIndex } from "../../../../../server/src/features/archive/search-index/opensearch-index.ts";
import type { SearchIndex } from "../../../../../server/src/features/archive/search-index/search-index.ts";
import { createTableIndex } from "../../../../../server/src/features/archive/search-index/table-index.ts";
import { createSearchThreads } from "../../../../../server/src/features/archive/search-threads.ts";
import type { SearchThreads } from "../../../../../server/src/features/archive/search-threads.ts";
import type { Database } from "../../../../../server/src/platform/database/database.ts";
import { insertNew } from "../../../../../server/src/platform/database/insert-new.ts";
import { createJobs } from "../../../../../server/src/platform/jobs/jobs.ts";
import type { Jobs } from "../../../../../server/src/platform/jobs/jobs.ts";
import { Secret } from "../../../../../server/src/platform/secret.ts";
import { createVault } from "../../../../../server/src/platform/vault/vault.ts";
import type { Vault } from "../../../../../server/src/platform/vault/vault.ts";
import { emptyTables, forEachDatabase } from "../../../../support/test-database.ts";
import { startFakeOpenSearch } from "./fake-opensearch.ts";
import type { FakeOpenSearch } from "./fake-opensearch.ts";

/** Few, so that any two stand together somewhere; with halves, escapes and both widths among them. */
const LETTERS = Array.from('保本收益加ＡAa１1微信，, %_\\"😀🏳️é\t');
const CONVERSATIONS = ["s:chenli:wmA", "s:chenli:wmB", "g:wrG", "s:wuhao:wmC"];
const MONTHS = [Date.UTC(2026, 8, 3), Date.UTC(2026, 9, 3), Date.UTC(2026, 10, 3)];
const SAID = 2400;
const CANARY = "金丝雀在唱歌";

interface Said {
  seq: number;
  conversationId: string;
  text: string;
}

/** Repeatable "random" numbers below `bound`. */
function createDice(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

forEachDatabase("the search index", (open) => {
  describe.each(["with the database", "on OpenSearch"])("%s", (place) => {
    let backend: SearchIndex["backend"];
    let folder: string;
    let database: Database;
    let vault: Vault;
    let jobs: Jobs;
    let threads: SearchThreads;
    let server: FakeOpenSearch | undefined;
    let index: SearchIndex;
    let follower: IndexFollower;
    let scan: MessageSearch;
    let indexed: MessageSearch;
    let scans: number;
    let lost: number;
    let said: Said[];
    const dice = createDice(20_261_123);
    const word = (length: number): string =>
      Array.from({ length }, () => LETTERS[dice(LETTERS.length)]).join("");

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "search-index-"));
      if (place === "on OpenSearch") server = await startFakeOpenSearch();
    });
    afterAll(async () => {
      await server?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    beforeEach(async () => {
      database = await open(entities);
      const local = database.dialect === "sqlite" ? "files" : "table";
      backend = server ? "opensearch" : local;
      await emptyTables(database);
      const clock = { now: () => Date.now() };
      vault = createVault(database, { id: "kek", key: randomBytes(32) }, clock);
      const log = pino({ level: "silent" });
      jobs = createJobs(database, log);
      threads = createSearchThreads({
        workerFile: resolve("server/src/features/archive/search.worker.ts"),
        execArgv: ["--conditions=source", "--import", "tsx"],
        databaseUrl: open.url(),
        vault,
        threads: 1,
      });
      const password = new Secret("secret");
      index = {
        files: () => createFileIndex({ folder, threads }),
        table: () => createTableIndex(database),
        opensearch: () =>
          createOpenSearchIndex({ url: server!.url, user: "wecom", password }, "wwCorp"),
      }[backend]();
      follower = createIndexFollower({ database, vault, jobs, log, index, threads });
      follower.registerJobs();
      [scans, lost] = [0, 0];
      const inner = createMessageSearch({ database, threads });
      scan = {
        search: (...wish) => {
          scans += 1;
          return inner.search(...wish);
        },
      };
      const onLost = () => void (lost += 1);
      indexed = createIndexedSearch({ database, vault, threads, index, scan, onLost });
      said = [];
      await say(
        Array.from({ length: SAID }, (_, at) => ({ seq: 10 * (at + 1), text: word(1 + dice(12)) })),
      );
    });
    afterEach(async () => {
      await threads.close();
    });

    async function say(messages: readonly { seq: number; text: string }[]): Promise<void> {
      const before = said.length;
      const all = messages.map(({ seq, text }, at) => {
        const turn = before + at;
        const conversationId = CONVERSATIONS[turn % CONVERSATIONS.length]!;
        // Months follow one another, but for some that were told late.
        const month = turn % 50 === 0 ? dice(3) : Math.floor((turn / (SAID + 200)) * 3);
        return { seq, text, conversationId, sent_at_ms: MONTHS[month]! + turn };
      });
      said.push(...all);
      await database.write(async (tx) => {
        const sealer = await vault.sealerFor(tx, CONVERSATIONS);
        const rows = all.map(({ seq, text, conversationId, sent_at_ms }) => {
          const json = JSON.stringify({ msgtype: "text", text: { content: text } });
          return {
            seq,
            msg_id: `m${seq}`,
            conversation_id: conversationId,
            sender_id: "chenli",
            sender_kind: "member",
            member_id: "chenli",
            customer_id: null,
            room_id: null,
            action: "send",
            kind: "text",
            sent_at_ms,
            received_at_ms: sent_at_ms,
            recalled_at_ms: null,
            key_version: 1,
            body: sealer.seal(conversationId, placeOfBody(seq), json),
          };
        });
        await insertNew(tx, "message", "msg_id", rows);
        await noteLate(
          tx,
          all.map(({ seq }) => seq),
        );
      });
    }

    async function find(by: MessageSearch, text: string, filter = {}, ids = CONVERSATIONS) {
      const conversations = ids.map((id) => ({ id, messageCount: 900 }));
      const outcome = { seqs: [] as number[], scanned: 0, erased: 0 };
      for await (const step of by.search(conversations, filter, text)) {
        outcome.seqs.push(...step.found.map(({ seq }) => seq));
        outcome.scanned += step.scanned;
        outcome.erased += step.erased;
      }
      outcome.seqs.sort((a, b) => a - b);
      return outcome;
    }

    async function expectExact(rounds = 25): Promise<void> {
      for (let round = 0; round < rounds; round += 1) {
        const from = said[dice(said.length)]!.text;
        const start = dice(Math.max(1, from.length - 1));
        // A piece of something, of any UTF-16 units, or something that may be nowhere.
        const piece = from.slice(start, start + 2 + dice(4));
        const wanted = dice(3) > 0 && piece.length > 1 ? piece : word(2 + dice(2));
        const brute = said.filter(({ text }) => text.includes(wanted)).map(({ seq }) => seq);
        const sorted = brute.sort((a, b) => a - b);
        expect({ wanted, seqs: (await find(indexed, wanted)).seqs }).toEqual({
          wanted,
          seqs: sorted,
        });
        if (round < 5) expect((await find(scan, wanted)).seqs).toEqual(sorted);
      }
    }

    const follow = async (): Promise<void> => {
      while (!(await follower.follow(100))) continue;
    };

    it("finds what a naive search finds: built, half built, and with what came late", async () => {
      await follower.follow(2);
      await expectExact(8);
      await follow();
      scans = 0;
      await expectExact(30);
      expect(scans).toBe(5);
      await say(Array.from({ length: 60 }, (_, at) => ({ seq: 10 * at + 5, text: word(6) })));
      await say(Array.from({ length: 60 }, (_, at) => ({ seq: 90_000 + at, text: word(6) })));
      scans = 0;
      await expectExact(10);
      expect(scans).toBe(5);
      await follow();
      await expectExact(10);
    });

    it("keeps within conversations, kinds and times, and says how much it went through", async () => {
      await follow();
      scans = 0;
      const ids = CONVERSATIONS.slice(0, 3);
      const { seqs, scanned } = await find(indexed, "保本", { fromMs: MONTHS[1] }, ids);
      const told = await find(scan, "保本", { fromMs: MONTHS[1] }, ids);
      expect(seqs).toEqual(told.seqs);
      expect(seqs.length).toBeGreaterThan(0);
      expect(scanned).toBe(2700);
      expect(scans).toBe(1);
      expect((await find(indexed, "保本", { messageKind: "file" })).seqs).toEqual([]);
    });

    it("counts what was erased, as the scan does", async () => {
      await follow();
      const rows = await database.read.query<{ body: Buffer }[]>(
        "SELECT body FROM message WHERE conversation_id = ? LIMIT 1",
        [CONVERSATIONS[0]],
      );
      const keyId = rows[0]!.body.toString("hex", 1, 9);
      await database.write((tx) => vault.destroyKeys(tx, [keyId]));
      expect(await find(indexed, "保本")).toMatchObject({ erased: SAID / CONVERSATIONS.length });
      expect((await find(indexed, "保本")).seqs).toEqual((await find(scan, "保本")).seqs);
    });

    it("is rebuilt when somebody has taken a part of it away", async () => {
      if (backend === "table") return;
      await follow();
      const before = await findCursor(database.read);
      takeAway();
      await expectExact(3);
      expect(lost).toBeGreaterThan(0);
      await follower.rebuild();
      await follow();
      expect((await findCursor(database.read))?.generation).not.toBe(before?.generation);
      [scans, lost] = [0, 0];
      await expectExact(6);
      expect({ scans, lost }).toEqual({ scans: 5, lost: 0 });
    });

    it("notices that while it is being built", async () => {
      if (backend === "table") return;
      await follower.follow(2);
      takeAway();
      await follow();
      [scans, lost] = [0, 0];
      await expectExact(10);
      expect({ scans, lost }).toEqual({ scans: 5, lost: 0 });
    });

    function takeAway(): void {
      if (server) {
        server.indices.delete([...server.indices.keys()].at(0)!);
        return;
      }
      const [file] = readdirSync(folder);
      // One way to lose it is as good as another.
      if (dice(2) === 0) rmSync(join(folder, file!));
      else writeFileSync(join(folder, file!), "no database");
    }

    it("forgets messages that are deleted, and with the last of a month the month", async () => {
      await follow();
      const first = said.filter(({ seq }) => seq <= 10 * 200).map(({ seq }) => seq);
      const ofMonth = await database.read.query<{ seq: string | number }[]>(
        "SELECT seq FROM message WHERE sent_at_ms < ?",
        [MONTHS[1]],
      );
      const gone = new Set([...first, ...ofMonth.map(({ seq }) => Number(seq))]);
      await database.write(async (tx) => {
        await follower.forgetMessages(tx, [...gone]);
        for (const seq of gone) await tx.query("DELETE FROM message WHERE seq = ?", [seq]);
      });
      jobs.start();
      await jobs.idle();
      await jobs.stop();
      said = said.filter(({ seq }) => !gone.has(seq));
      await expectExact(6);
      expect(lost).toBe(0);
      if (backend === "files") expect(existsSync(join(folder, "202609.db"))).toBe(false);
      if (backend === "files") expect(existsSync(join(folder, "202610.db"))).toBe(true);
      if (backend === "table") {
        const [row] = await database.read.query<{ n: string | number }[]>(
          `SELECT COUNT(*) AS n FROM search_posting WHERE month = 202609 OR seq <= 2000`,
        );
        expect(Number(row!.n)).toBe(0);
      }
      if (server) expect([...server.indices.keys()].join()).not.toContain("202609");
    });

    it("holds no word of what was said, and other tokens in each generation", async () => {
      await say([{ seq: 95_000, text: CANARY }]);
      await follow();
      const first = await dump();
      await follower.rebuild();
      await follow();
      const second = await dump();
      for (const bytes of [first, second]) {
        expect(bytes.length).toBeGreaterThan(10_000);
        for (const pair of ["金丝", "雀在", CANARY, "wmA"]) {
          expect(bytes.includes(Buffer.from(pair, "utf8"))).toBe(false);
          expect(bytes.includes(Buffer.from(pair, "utf16le"))).toBe(false);
        }
      }
      expect(first.equals(second)).toBe(false);
      if (server) {
        expect(server.bodies.join()).not.toMatch(/金丝|雀在|wmA/);
        expect([...server.authorizations]).toEqual([`Basic ${btoa("wecom:secret")}`]);
      }
    });

    async function dump(): Promise<Buffer> {
      if (server) return Buffer.from(JSON.stringify([...server.indices].map(([, d]) => [...d])));
      if (backend === "files") {
        return Buffer.concat(readdirSync(folder).map((name) => readFileSync(join(folder, name))));
      }
      const rows = await database.read.query("SELECT month, token, seq FROM search_posting");
      return Buffer.from(JSON.stringify(rows));
    }
  });
});
