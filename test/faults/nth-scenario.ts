import { randomBytes } from "node:crypto";
import { pino } from "pino";
import type { DecryptPool } from "../../server/src/features/archive/decrypt-pool.ts";
import { registerCallbackJobs } from "../../server/src/features/callbacks/callbacks.jobs.ts";
import { createInbox } from "../../server/src/features/callbacks/inbox.service.ts";
import type { Database } from "../../server/src/platform/database/database.ts";
import { createVault } from "../../server/src/platform/vault/vault.ts";
import {
  createTestSource,
  kek,
  openArchiveWorld,
  readStored,
  recallOf,
  textMessage,
} from "../server/features/archive/archive-world.ts";
import type {
  ArchiveWorld,
  TestKeys,
  TestSource,
} from "../server/features/archive/archive-world.ts";
import { buttonEvent } from "../server/features/callbacks/callback-world.ts";

/**
 * A few callbacks and a short archive through the real services, over a database of which one call fails. Played
 * twice: the second time, with nothing failing, is what a retry of WeCom's and a restart of ours do.
 */
export interface Scenario {
  play(database: Database): Promise<void>;
  /** What is wrong after the second time. */
  check(database: Database): Promise<string[]>;
}

const CALLBACKS = 3;
const PAGE_SIZE = 3;
const clock = { now: () => Date.now() };
const log = pino({ level: "silent" });

export function createScenario(keys: TestKeys, pool: DecryptPool): Scenario {
  const source = createArchive(keys);
  const acknowledged = new Set<string>();
  const names = Array.from({ length: CALLBACKS }, (_, index) => `effect-${index}`);

  async function receive(database: Database, { jobs }: ArchiveWorld): Promise<void> {
    const vault = createVault(database, kek, clock);
    const inbox = createInbox({ database, vault, jobs, clock });
    registerCallbackJobs({
      inbox,
      held: { release: () => Promise.resolve(0) },
      jobs,
      log,
      handlers: {
        // Not insertNew: an effect that happens twice shall fail here.
        card_button: ({ taskId }) =>
          Promise.resolve(async (tx) => {
            await tx.query("INSERT INTO lease VALUES (?, '', 0, 0)", [taskId]);
          }),
      },
    });
    const waiting = names.filter((name) => !acknowledged.has(name));
    await Promise.allSettled(
      waiting.map(async (name) => {
        await inbox.receive("app", buttonEvent(name));
        acknowledged.add(name);
      }),
    );
  }

  return {
    async play(database) {
      const world = openArchiveWorld(database, source, pool, { pageSize: PAGE_SIZE });
      await receive(database, world);
      // What it throws it would throw into a job, which is tried again.
      await world.pulls.pull().catch(() => undefined);
      await world.runJobs();
    },

    async check(database) {
      const { seqs, hits, undecodable, cursor } = await readStored(database);
      const served = source.items.map(({ seq }) => seq);
      const effects = await column(
        database,
        "SELECT name AS v FROM lease WHERE name LIKE 'effect-%'",
      );
      const inbox = await column(database, "SELECT dedupe AS v FROM inbox");
      const processed = await column(
        database,
        "SELECT dedupe AS v FROM inbox WHERE processed_at_ms IS NOT NULL",
      );
      const unbalanced = await column(
        database,
        `SELECT conversation_id AS v FROM archive_books
         WHERE pulled <> stored + duplicated + undecodable + excluded`,
      );
      const booked = await column(database, "SELECT SUM(stored) AS v FROM archive_books");
      const { reader } = openArchiveWorld(database, source, pool);
      const opened = await reader.openMessages(seqs).catch((error: unknown) => String(error));
      const facts: [string, unknown, unknown][] = [
        ["kept", served, [...seqs, ...undecodable].sort((left, right) => left - right)],
        ["undecodable", 1, undecodable.length],
        ["hits", seqs, hits],
        ["cursor", served.at(-1), cursor],
        ["opened", seqs.length, opened.length],
        ["acknowledged", names, [...acknowledged].sort()],
        ["inbox", CALLBACKS, inbox.length],
        ["processed", CALLBACKS, processed.length],
        ["effects", names, effects.map(String).sort()],
        ["unbalanced books", [], unbalanced],
        ["booked", seqs.length, Number(booked[0])],
      ];
      return facts
        .filter(([, expected, found]) => JSON.stringify(expected) !== JSON.stringify(found))
        .map(([what, ...both]) => `${what}: ${both.map((one) => JSON.stringify(one)).join(" ≠ ")}`);
    },
  };
}

/** Lets the time of leases and back-offs pass. */
export async function letTimePass(database: Database): Promise<void> {
  await database.write(async (tx) => {
    await tx.query("UPDATE lease SET until_ms = 0");
    await tx.query("UPDATE job SET lease_until_ms = 0, run_at_ms = 0 WHERE state <> 'done'");
  });
}

function createArchive(keys: TestKeys): TestSource {
  const source = createTestSource(keys);
  source.say(textMessage("a_external"));
  source.say(textMessage("b_external"));
  source.items.push({
    seq: source.items.at(-1)!.seq + 1,
    msgId: "garbage",
    keyVersion: 1,
    encryptedRandomKey: randomBytes(256).toString("base64"),
    encryptedMessage: "garbage",
  });
  source.say(recallOf("c_external", "a_external"));
  return source;
}

async function column(database: Database, sql: string): Promise<unknown[]> {
  return (await database.read.query<{ v: unknown }[]>(sql)).map(({ v }) => v);
}
