import { Reconciliation1764200000000 } from "../../../../migrations/1764200000000-reconciliation.ts";
import { Retention1764500000000 } from "../../../../migrations/1764500000000-retention.ts";
import { ConsentEvent } from "../../../../server/src/features/archive/consent.entity.ts";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import {
  createTestKeys,
  createTestSource,
  entities,
  openArchiveWorld,
  openTestPool,
  textMessage,
} from "./archive-world.ts";
import { expectBalanced, readBooks, sumOf } from "./books.ts";

const keys = createTestKeys(2);
let pool: DecryptPool;

beforeAll(() => {
  keys.deliver(1);
  pool = openTestPool(keys);
});

afterAll(async () => {
  await pool.close();
  keys.remove();
});

forEachDatabase("books that begin in the middle", (open) => {
  let database: Database;
  let nowMs = Date.parse("2026-11-23T23:59:00+08:00");

  beforeAll(async () => {
    database = await open(entities);
  });

  const migrate = (direction: "up" | "down"): Promise<void> =>
    database.write(async (tx) => {
      const both = [new Reconciliation1764200000000(), new Retention1764500000000()];
      if (direction === "down") both.reverse();
      for (const one of both) await one[direction](tx.queryRunner!);
    });

  it("open with what was pulled before, each item delivered once", async () => {
    const source = createTestSource(keys);
    const pull = () =>
      openArchiveWorld(database, source, pool, { clock: { now: () => nowMs } }).pulls.pull();
    source.say(textMessage("a"));
    source.say(textMessage("b", "b", { room: "wrRoom" }));
    source.say(textMessage("locked"), { keyVersion: 2 });
    const agree = { userid: "wmCustomer1", agree_time: 1_760_000_000_000 };
    source.say({
      ...textMessage("c", "", { from: "wmCustomer1", to: ["ChenLi"] }),
      msgtype: "agree",
      agree,
    });
    await pull();
    nowMs += 2 * 60_000;
    source.say(textMessage("next day"));
    await pull();
    const [books, consents] = [await readBooks(database), await database.read.find(ConsentEvent)];

    await migrate("down");
    await migrate("up");
    expect(await readBooks(database)).toEqual(books);
    expect(sumOf(books)).toMatchObject({ pulled: 5, stored: 4, undecodable: 1 });
    expect(consents).toHaveLength(1);
    expect(await database.read.find(ConsentEvent)).toEqual(consents);
    await expectBalanced(database);
    const days = await database.read.query<{ first: string; last: string }[]>(
      "SELECT first_seq AS first, last_seq AS last FROM archive_day ORDER BY day",
    );
    const seqs = source.items.map(({ seq }) => seq);
    expect(days.map(({ first, last }) => [Number(first), Number(last)])).toEqual([
      [seqs[0], seqs[3]],
      [seqs[4], seqs[4]],
    ]);

    // And go on from there.
    source.say(textMessage("later"));
    await pull();
    await expectBalanced(database);
    expect(sumOf(await readBooks(database))).toMatchObject({ pulled: 6, stored: 5 });
  });
});
