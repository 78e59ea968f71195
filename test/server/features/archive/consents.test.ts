import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import { ConsentEvent } from "../../../../server/src/features/archive/consent.entity.ts";
import { Message } from "../../../../server/src/features/archive/archive.entity.ts";
import { readSaidConsents } from "../../../../server/src/features/archive/consents.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";
import {
  createTestKeys,
  createTestSource,
  entities,
  openArchiveWorld,
  openTestPool,
  textMessage,
} from "./archive-world.ts";
import type { ArchiveWorld, TestSource } from "./archive-world.ts";

const keys = createTestKeys(1);
let pool: DecryptPool;

beforeAll(() => {
  keys.deliver(1);
  pool = openTestPool(keys);
});

afterAll(async () => {
  await pool.close();
  keys.remove();
});

forEachDatabase("what the archive says beside words", (open) => {
  let database: Database;
  let source: TestSource;

  beforeAll(async () => {
    database = await open(entities);
  });

  beforeEach(async () => {
    await emptyTables(database);
    await database.write((tx) => tx.query("DELETE FROM hit"));
    source = createTestSource(keys);
  });

  const world = (): ArchiveWorld => openArchiveWorld(database, source, pool);

  /** A customer's answer to WeCom's question whether the chat may be archived. */
  const answer = (
    msgid: string,
    kind: "agree" | "disagree",
    body: object,
    room?: string,
  ): Record<string, unknown> => ({
    ...textMessage(msgid, "", {
      from: "wmCustomer1",
      to: ["ChenLi"],
      ...(room === undefined ? {} : { room }),
    }),
    text: undefined,
    msgtype: kind,
    [kind]: body,
  });

  it("links consent to customer, member and group, once", async () => {
    const agreed = source.say(
      answer("a_external", "agree", { userid: "wmCustomer1", agree_time: 1_760_000_001_000 }),
    );
    const refused = source.say(
      answer("b_external", "disagree", { userid: "wmCustomer1", disagree_time: 1_760_000_002 }),
    );
    const inGroup = source.say(answer("c_external", "disagree", {}, "wrRoom"));
    await world().pulls.pull();
    await database.write((tx) => tx.query("UPDATE archive_cursor SET seq = 0"));
    await world().pulls.pull();
    const customerId = "wmCustomer1";
    expect(await database.read.find(ConsentEvent, { order: { seq: "ASC" } })).toEqual([
      {
        seq: agreed,
        customerId,
        memberId: "chenli",
        roomId: null,
        state: "agreed",
        atMs: 1_760_000_001_000,
      },
      {
        seq: refused,
        customerId,
        memberId: "chenli",
        roomId: null,
        state: "refused",
        atMs: 1_760_000_002_000,
      },
      {
        seq: inGroup,
        customerId,
        memberId: null,
        roomId: "wrRoom",
        state: "refused",
        atMs: 1_760_000_000_000,
      },
    ]);
    expect(await readSaidConsents(database, customerId)).toEqual(
      new Map([["chenli", { state: "refused", atMs: 1_760_000_002_000 }]]),
    );
  });

  it("links a change of corps to the member who made it", async () => {
    const seq = source.say({
      msgid: "s",
      action: "switch",
      time: 1_760_000_003_000,
      user: "ChenLi",
    });
    await world().pulls.pull();
    expect(await database.read.findOneByOrFail(Message, { seq })).toMatchObject({
      action: "switch",
      kind: "switch",
      memberId: "chenli",
      customerId: null,
      sentAtMs: 1_760_000_003_000,
    });
  });
});
