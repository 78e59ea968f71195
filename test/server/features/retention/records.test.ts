import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import type { PreviewView } from "#shared/contract/retention";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import {
  Emergency,
  emergencyPlace,
} from "../../../../server/src/features/emergency/emergency.entity.ts";
import {
  extensionPlace,
  ReadingExtension,
} from "../../../../server/src/features/reading/extension.entity.ts";
import {
  readingPlace,
  ReadingRow,
  ReadingSubject,
} from "../../../../server/src/features/reading/reading.entity.ts";
import {
  RuleScanRow,
  RuleScanSample,
} from "../../../../server/src/features/rule-scans/rule-scan.entity.ts";
import { emptyTally } from "../../../../server/src/features/rule-scans/tally.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import type { Place } from "../../../../server/src/platform/vault/vault.ts";
import { admin } from "../../../support/test-api.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";
import { createTestKeys, createTestSource, openTestPool } from "../archive/archive-world.ts";
import type { TestSource } from "../archive/archive-world.ts";
import {
  arrive,
  DAY_MS,
  entities,
  openRetentionWorld,
  placeHold,
  setDays,
  shortDays,
  START_MS,
} from "./retention-world.ts";
import type { RetentionWorld } from "./retention-world.ts";

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

/** What is kept of people's acts beside messages: who was allowed to read what, and trials of rules. */
forEachDatabase("records of acts", (open) => {
  let database: Database;
  let source: TestSource;
  let world: RetentionWorld;

  beforeAll(async () => {
    database = await open(entities);
  });
  beforeEach(async () => {
    await emptyTables(database);
    source = createTestSource(keys);
    world = openRetentionWorld({ database, source, pool, time: { nowMs: START_MS }, stepSize: 2 });
    await setDays(world, {});
  });

  const SAID = "王总说的话";
  const idOf = (daysAgo: number): string => uuidv7({ msecs: START_MS - daysAgo * DAY_MS });

  async function add(
    insert: (tx: EntityManager, seal: (place: Place) => Buffer) => Promise<unknown>,
  ) {
    await database.write(async (tx) => {
      const sealer = await world.vault.sealerFor(tx, ["corp"]);
      await insert(tx, (place) => sealer.seal("corp", place, SAID));
    });
  }

  async function addReading(daysAgo: number, conversationId = "s:chenli:wmA"): Promise<string> {
    const id = idOf(daysAgo);
    const startedAtMs = START_MS - daysAgo * DAY_MS;
    await add(async (tx, seal) => {
      const purpose = seal(readingPlace(id, "purpose"));
      const row = { id, kind: "conversation", readerId: "zhangwei", conversationId } as const;
      await tx.insert(ReadingRow, { ...row, purpose, search: null, startedAtMs });
      await tx.insert(ReadingSubject, { memberId: "chenli", startedAtMs, readingId: id });
    });
    return id;
  }

  async function addExtension(
    daysAgo: number,
    change: Partial<ReadingExtension> = {},
  ): Promise<string> {
    const id = idOf(daysAgo);
    await add((tx, seal) =>
      tx.insert(ReadingExtension, {
        id,
        state: "ended",
        readerId: "zhangwei",
        conversationId: "s:chenli:wmA",
        fromMs: 0,
        toMs: 1,
        days: 1,
        purpose: seal(extensionPlace(id)),
        requestedAtMs: START_MS - daysAgo * DAY_MS,
        ...change,
      }),
    );
    return id;
  }

  async function addEmergency(daysAgo: number, change: Partial<Emergency> = {}): Promise<string> {
    const id = idOf(daysAgo);
    await add((tx, seal) =>
      tx.insert(Emergency, {
        id,
        state: "ended",
        cause: "incident",
        reason: seal(emergencyPlace(id, "reason")),
        memberIds: ["lizhi", "chenli"],
        hours: 2,
        requestedBy: "heping",
        requestedAtMs: START_MS - daysAgo * DAY_MS,
        verdict: "justified",
        note: seal(emergencyPlace(id, "note")),
        ...change,
      }),
    );
    return id;
  }

  async function addScan(daysAgo: number, change: Partial<RuleScanRow> = {}): Promise<string> {
    const id = idOf(daysAgo);
    const endedAtMs = START_MS - daysAgo * DAY_MS;
    await database.write(async (tx) => {
      await tx.insert("rule_scan", {
        ...{ id, kind: "back_test", slot: null, state: "done", problem: null, hash: "h", base: 1 },
        ...{ fromMs: 0, toMs: 1, lastSeq: 1, total: 1, seen: 1, step: 1, attempts: 0, place: null },
        tally: {
          ...emptyTally(),
          hits: [1, 2, 3],
          people: { lizhi: [1, 0, 2], chenli: [0, 2, 1] },
          alerts: { lizhi: { 1: [1, 1] }, zhangwei: { 1: [2, 2] } },
        },
        ...{ requestedBy: "zhoumin", startedAtMs: endedAtMs, endedAtMs },
        ...change,
      });
      await tx.insert("rule_scan_sample", {
        ...{ id, scanId: id, position: 0, messageSeq: 1, ruleId: "r", label: "correct" },
        ...{ labelledBy: "lizhi", labelledAtMs: 1 },
      });
    });
    return id;
  }

  const idsIn = async (table: string): Promise<string[]> =>
    (await database.read.query<{ id: string }[]>(`SELECT id FROM ${table} ORDER BY id`)).map(
      ({ id }) => id,
    );

  async function preview(): Promise<Record<string, [destroyed: number, held: number]>> {
    const path = "/api/admin/retention/preview";
    const { body } = await world.api.send(admin, "post", path, { days: shortDays });
    return Object.fromEntries(
      (body as PreviewView).classes.map(({ id, destroyed, held }) => [id, [destroyed, held]]),
    );
  }

  it("go after their own days, to the day, and not before they are over", async () => {
    await addReading(184);
    await addExtension(185);
    await addExtension(184, { state: "refused" });
    await addEmergency(185);
    await addEmergency(184, { state: "refused", verdict: null, note: null });
    const kept = {
      reading: [await addReading(183)],
      reading_extension: [await addExtension(190, { state: "active" }), await addExtension(183)],
      emergency: [
        await addEmergency(191, { state: "open", verdict: null, note: null }),
        // Nobody has reviewed it.
        await addEmergency(190, { verdict: null, note: null }),
        await addEmergency(183),
      ],
      rule_scan: [await addScan(40, { state: "running", slot: "s", endedAtMs: null })],
    };
    for (const daysAgo of [33, 32, 31]) await addScan(daysAgo, { kind: "look_back" });
    kept.rule_scan.push(await addScan(30, { state: "failed" }));

    // The next night is tomorrow's.
    expect(await preview()).toMatchObject({ reading: [8, 0], rule_scan: [4, 0] });
    expect(await world.retention.expiry.run()).toBe("done");
    for (const [table, ids] of Object.entries(kept)) expect(await idsIn(table)).toEqual(ids);
    expect(await idsIn("rule_scan_sample")).toEqual(kept.rule_scan);
    expect((await world.retention.reports.findLast())?.results).toEqual([
      expect.objectContaining({ id: "reading", destroyed: 5, held: 0 }),
      expect.objectContaining({ id: "rule_scan", destroyed: 3, held: 0 }),
    ]);
  });

  it("stay for whom is under a hold", async () => {
    const extension = await addExtension(200);
    const emergency = await addEmergency(200);
    const scan = await addScan(200);
    await addExtension(200, { conversationId: "s:wuhao:wmB" });
    await addEmergency(200, { memberIds: ["wuhao"] });
    await addScan(200, { tally: emptyTally() });
    await arrive(world, source, 1, [{ from: "ChenLi", to: "wmA" }]);
    await placeHold(world, "conversation", "s:chenli:wmA");
    await placeHold(world, "person", "chenli");
    expect(await preview()).toMatchObject({ reading: [2, 2], rule_scan: [1, 1] });
    await world.retention.expiry.run();
    expect(await idsIn("reading_extension")).toEqual([extension]);
    expect(await idsIn("emergency")).toEqual([emergency]);
    expect(await idsIn("rule_scan")).toEqual([scan]);
  });

  it("of a version that knew no trials are kept as long as by default", async () => {
    await database.write((tx) =>
      tx.query(`UPDATE retention_policy SET days = ?`, [
        JSON.stringify({ ...shortDays, rule_scan: undefined }),
      ]),
    );
    await addScan(366);
    const kept = await addScan(365);
    await world.retention.expiry.run();
    expect(await idsIn("rule_scan")).toEqual([kept]);
    const { body } = await world.api.get(admin, "/api/admin/retention");
    expect(body).toMatchObject({ history: [{ days: { rule_scan: 365 } }] });
  });

  /** Asks, and the second person says yes. */
  async function destroyPerson(personId: string): Promise<void> {
    const reason = "本人要求删除个人信息";
    const path = "/api/admin/retention/people";
    await world.api.send(admin, "post", path, { personId, reason });
    const { kind, objectId, payload, requestedBy } = world.requested.at(-1)!;
    const by = { requestedBy, decidedBy: "zhaoxia", atMs: START_MS };
    await database.write((tx) =>
      world.approvals.get(kind)!.onApproved(tx, { id: "a", objectId, payload, ...by }),
    );
    world.jobs.start();
    await world.jobs.idle();
    await world.jobs.stop();
  }

  const wordsOf = async () => {
    const { vault } = world;
    const words: Record<string, string> = {};
    for (const { id, purpose } of await database.read.find(ReadingRow)) {
      words[id] = await vault.openText(readingPlace(id, "purpose"), purpose);
    }
    for (const { id, purpose } of await database.read.find(ReadingExtension)) {
      words[id] = await vault.openText(extensionPlace(id), purpose);
    }
    for (const { id, reason, note } of await database.read.find(Emergency)) {
      const review = note && (await vault.openText(emergencyPlace(id, "note"), note));
      words[id] = `${await vault.openText(emergencyPlace(id, "reason"), reason)}${review ?? ""}`;
    }
    return words;
  };
  const GONE = "（已随此人的数据销毁）";

  it("say no more of a destroyed customer than whose chat it was", async () => {
    await arrive(world, source, 1, [{ from: "ChenLi", to: "wm_A" }]);
    const theirs = "s:chenli:wm_A";
    const readings = [3, 2, 1].map((daysAgo) => addReading(daysAgo, theirs));
    const extension = addExtension(1, { conversationId: theirs });
    // "_" must not stand for any letter.
    const others = [
      addReading(1, "s:chenli:wmXA"),
      addExtension(1, { conversationId: "g:wr_A" }),
      addEmergency(1),
    ];
    const gone = await Promise.all([...readings, extension]);
    const [reading, group, emergency] = (await Promise.all(others)) as [string, string, string];
    await destroyPerson("wm_A");
    expect(await wordsOf()).toEqual({
      ...Object.fromEntries(gone.map((id) => [id, GONE])),
      [reading]: SAID,
      [group]: SAID,
      [emergency]: SAID + SAID,
    });
  });

  it("name a destroyed member in no tally and no judgement, and say no more why they were read", async () => {
    const internal = [await addReading(1, "i:chenli:lizhi"), await addReading(1, "i:lizhi:wuhao")];
    const withCustomer = await addReading(1, "s:lizhi:wmA");
    const emergency = await addEmergency(1);
    const unreviewed = await addEmergency(1, { verdict: null, note: null });
    const scans = [await addScan(3), await addScan(2), await addScan(1)];
    await destroyPerson("LiZhi");
    expect(await wordsOf()).toEqual({
      [internal[0]!]: GONE,
      [internal[1]!]: GONE,
      [withCustomer]: SAID,
      [emergency]: GONE + GONE,
      [unreviewed]: SAID,
    });
    const rows = await database.read.find(RuleScanRow, { order: { id: "ASC" } });
    expect(rows.map(({ id }) => id)).toEqual(scans);
    for (const { tally } of rows) {
      expect(JSON.stringify(tally)).not.toContain("lizhi");
      expect(tally.hits).toEqual([1, 2, 3]);
      expect(tally.people).toEqual({ "": [1, 0, 2], chenli: [0, 2, 1] });
      expect(tally.alerts).toEqual({ zhangwei: { 1: [2, 2] } });
    }
    const samples = await database.read.find(RuleScanSample);
    expect(samples).toHaveLength(3);
    for (const { label, labelledBy } of samples) {
      expect({ label, labelledBy }).toEqual({ label: "correct", labelledBy: null });
    }
  });
});
