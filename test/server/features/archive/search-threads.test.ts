import { resolve } from "node:path";
import { randomBytes } from "node:crypto";
import { entities } from "../../../../server/src/entities.ts";
import { createMessageSearch } from "../../../../server/src/features/archive/message-search.ts";
import { placeOfBody } from "../../../../server/src/features/archive/sealed-places.ts";
import { createSearchThreads } from "../../../../server/src/features/archive/search-threads.ts";
import type { SearchThreads } from "../../../../server/src/features/archive/search-threads.ts";
import { insertNew } from "../../../../server/src/platform/database/insert-new.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { createVault } from "../../../../server/src/platform/vault/vault.ts";
import type { Vault } from "../../../../server/src/platform/vault/vault.ts";
import { eventually } from "../../../support/eventually.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";

const CONVERSATIONS = 40;
const EACH = 250;

forEachDatabase("search threads", (open) => {
  let database: Database;
  let vault: Vault;
  let threads: SearchThreads;
  /** Ids of the keys that each portion asked for. */
  let asked: string[][];
  let answerKeys: Vault["bundleFor"];
  const conversations = Array.from({ length: CONVERSATIONS }, (_, index) => ({
    id: `s:chenli:wm${index}`,
    messageCount: EACH,
  }));

  beforeAll(async () => {
    database = await open(entities);
    await emptyTables(database);
    vault = createVault(database, { id: "kek", key: randomBytes(32) }, { now: () => Date.now() });
    for (const [index, { id }] of conversations.entries()) await talk(id, index);
    threads = createSearchThreads({
      workerFile: resolve("server/src/features/archive/search.worker.ts"),
      execArgv: ["--conditions=source", "--import", "tsx"],
      databaseUrl: open.url(),
      vault: {
        bundleFor: (ids) => {
          asked.push([...ids]);
          return answerKeys(ids);
        },
      },
      threads: 1,
    });
  });
  beforeEach(() => {
    asked = [];
    answerKeys = (ids) => vault.bundleFor(ids);
  });
  afterAll(() => threads.close());

  /** `EACH` messages of one customer. */
  async function talk(conversationId: string, index: number): Promise<void> {
    const customer = `wm${index}`;
    await database.write(async (tx) => {
      const sealer = await vault.sealerFor(tx, [customer]);
      const rows = Array.from({ length: EACH }, (_, turn) => {
        const seq = index * EACH + turn + 1;
        const content = `第${turn}句，您好`;
        const json = JSON.stringify({ msgid: `m${seq}`, msgtype: "text", text: { content } });
        return {
          seq,
          msg_id: `m${seq}`,
          conversation_id: conversationId,
          sender_id: customer,
          sender_kind: "customer",
          member_id: "chenli",
          customer_id: customer,
          room_id: null,
          action: "send",
          kind: "text",
          sent_at_ms: seq,
          received_at_ms: seq,
          recalled_at_ms: null,
          key_version: 1,
          body: sealer.seal(customer, placeOfBody(seq), json),
        };
      });
      await insertNew(tx, "message", "msg_id", rows);
    });
  }

  const search = () => createMessageSearch({ database, threads });

  it("get the keys of what they are looking through, and no others", async () => {
    const wanted = conversations.slice(3, 5);
    const found: number[] = [];
    for await (const step of search().search(wanted, {}, "第7句")) {
      found.push(...step.found.map(({ seq }) => seq));
    }
    expect(found.sort((a, b) => a - b)).toEqual([3 * EACH + 8, 4 * EACH + 8]);
    const rows = await database.read.query<{ body: Buffer }[]>(
      "SELECT body FROM message WHERE conversation_id IN (?, ?)",
      wanted.map(({ id }) => id),
    );
    const keyIds = new Set(rows.map(({ body }) => body.toString("hex", 1, 9)));
    expect(asked.flat().sort()).toEqual([...keyIds].sort());
    expect(keyIds.size).toBe(2);
  });

  it("stop soon after nobody asks any more", async () => {
    for await (const step of search().search(conversations, {}, "没有")) {
      expect(step.scanned).toBeGreaterThan(0);
      break;
    }
    // What was under way comes to its end; a search of one step more shows that nothing else was queued before it.
    const before = await eventually(
      () => asked.length,
      (count) => count >= threads.portions,
    );
    for await (const step of search().search(conversations.slice(0, 1), {}, "没有")) {
      expect(step.scanned).toBe(EACH);
    }
    expect(before).toBe(threads.portions);
    expect(asked).toHaveLength(threads.portions + 1);
  });

  it("leave the server's loop free", async () => {
    const shares: number[] = [];
    // The best of some: other work on the machine makes the loop look busier than it is, never less busy.
    for (let turn = 0; turn < 5 && !shares.some((share) => share < 0.5); turn += 1) {
      const before = performance.eventLoopUtilization();
      let scanned = 0;
      for await (const step of search().search(conversations, {}, "没有")) scanned += step.scanned;
      expect(scanned).toBe(CONVERSATIONS * EACH);
      shares.push(performance.eventLoopUtilization(before).utilization);
    }
    expect(Math.min(...shares)).toBeLessThan(0.5);
  });

  it("say why when the keys cannot be had", async () => {
    answerKeys = () => Promise.reject(new Error("the database is away"));
    const steps = search().search(conversations, {}, "没有");
    await expect(steps.next()).rejects.toThrow("the database is away");
  });
});
