import { v7 as uuidv7 } from "uuid";
import type { PersonPreview } from "#shared/contract/person-destruction";
import type { PreviewView } from "#shared/contract/retention";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import { insertAll } from "../../../../server/src/platform/database/insert-new.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { opaqueTokens } from "../../../../server/src/platform/opaque-tokens.ts";
import { admin } from "../../../support/test-api.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";
import { createTestKeys, createTestSource, openTestPool } from "../archive/archive-world.ts";
import {
  DAY_MS,
  entities,
  openRetentionWorld,
  placeHold,
  setDays,
  shortDays,
  START_MS,
} from "./retention-world.ts";
import type { RetentionWorld } from "./retention-world.ts";

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

interface Act {
  customerId?: string;
  daysAgo: number;
  state: "open" | "handled" | "false_alarm";
}

forEachDatabase("cases of what was done without a message", (open) => {
  let database: Database;
  let world: RetentionWorld;

  beforeAll(async () => {
    database = await open(entities);
  });
  beforeEach(async () => {
    await emptyTables(database);
    const source = createTestSource(keys);
    world = openRetentionWorld({ database, source, pool, time: { nowMs: START_MS }, stepSize: 1 });
  });

  /** 陈丽 deletes a customer: a case with a sealed hit and a card. */
  async function remove({ customerId = "wmA", daysAgo, state }: Act): Promise<string> {
    const [id, hitId] = [uuidv7(), uuidv7()];
    const event_id = opaqueTokens.hash(id);
    const atMs = START_MS - daysAgo * DAY_MS;
    const conversation_id = `s:chenli:${customerId}`;
    const common = { event_id, message_seq: null, conversation_id, level: "caution" };
    await database.write(async (tx) => {
      const sealer = await world.vault.sealerFor(tx, [customerId]);
      const place = { table: "hit", column: "spans", rowId: hitId };
      const spans = sealer.seal(customerId, place, '{"places":[]}');
      await insertAll(tx, "hit", [
        { ...common, id: hitId, rule_id: "r", rule_revision: 1, spans, sent_at_ms: atMs },
      ]);
      await insertAll(tx, "supervision_case", [
        {
          ...common,
          id,
          member_id: "chenli",
          customer_id: customerId,
          speaker: "member",
          state,
          sent_at_ms: atMs,
          created_at_ms: atMs,
        },
      ]);
      await insertAll(tx, "case_card", [
        { id: uuidv7(), case_id: id, manager_id: "zhangwei", state: "updated" },
      ]);
    });
    return id;
  }

  async function leftOver(): Promise<string[]> {
    const rows = await database.read.query<{ id: string }[]>(
      "SELECT id FROM supervision_case ORDER BY id",
    );
    const count = async (table: string): Promise<number> => {
      const [row] = await database.read.query<{ n: number | string }[]>(
        `SELECT COUNT(*) AS n FROM ${table}`,
      );
      return Number(row?.n);
    };
    // Hits and cards go with their case.
    expect([await count("hit"), await count("case_card")]).toEqual([rows.length, rows.length]);
    return rows.map(({ id }) => id);
  }

  async function night(): Promise<void> {
    expect(await world.retention.expiry.run()).toBe("done");
  }

  it("go when their own time is over: a false alarm, a handled one later, an open one never", async () => {
    await setDays(world, { single: 100, case: 365 });
    const kept = [
      await remove({ daysAgo: 2000, state: "open" }),
      await remove({ daysAgo: 200, state: "handled" }),
      await remove({ daysAgo: 99, state: "false_alarm" }),
    ];
    await remove({ daysAgo: 101, state: "false_alarm" });
    await remove({ daysAgo: 367, state: "handled" });
    const { body } = await world.api.send(admin, "post", "/api/admin/retention/preview", {
      days: shortDays,
    });
    const ofCases = (body as PreviewView).classes.find((one) => one.id === "case");
    expect(ofCases).toMatchObject({ destroyed: 2, held: 0 });
    await night();
    expect(await leftOver()).toEqual([...kept].sort());
  });

  it.each([
    ["customer", "person", "wmA"],
    ["member", "person", "chenli"],
  ] as const)("stay while a hold is on the %s", async (_, kind, targetId) => {
    await setDays(world, { single: 100, case: 365 });
    const id = await remove({ daysAgo: 400, state: "handled" });
    await placeHold(world, kind, targetId);
    await night();
    expect(await leftOver()).toEqual([id]);
  });

  it("stay while a hold is on the case itself", async () => {
    await setDays(world, { single: 100, case: 365 });
    const id = await remove({ daysAgo: 400, state: "handled" });
    const other = await remove({ customerId: "wmB", daysAgo: 400, state: "handled" });
    await placeHold(world, "case", id);
    expect(await leftOver()).toEqual([id, other].sort());
    await night();
    expect(await leftOver()).toEqual([id]);
  });

  it("go with the customer, of whom nothing else may be kept", async () => {
    await remove({ daysAgo: 1, state: "open" });
    const other = await remove({ customerId: "wmB", daysAgo: 1, state: "open" });
    const path = "/api/admin/retention/people";
    const preview = await world.api.send(admin, "post", `${path}/preview`, { personId: "wmA" });
    expect(preview.body as PersonPreview).toMatchObject({ messages: 0, cases: 1, held: 0 });
    const asked = await world.api.send(admin, "post", path, {
      personId: "wmA",
      reason: "客户要求删除个人信息",
    });
    expect(asked.status).toBe(201);
    const request = world.requested.at(-1)!;
    const kind = world.approvals.get(request.kind)!;
    await database.write((tx) =>
      kind.onApproved(tx, {
        id: "a",
        objectId: request.objectId,
        payload: kind.payload.parse(request.payload),
        requestedBy: request.requestedBy,
        decidedBy: "zhaoxia",
        atMs: START_MS,
      }),
    );
    world.jobs.start();
    await world.jobs.idle();
    await world.jobs.stop();
    expect(await leftOver()).toEqual([other]);
    const listed = (await world.api.get(admin, path)).body as { people: unknown[] };
    expect(listed.people).toMatchObject([{ state: "done", cases: 1, messages: 0 }]);
  });
});
