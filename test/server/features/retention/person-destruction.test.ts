import type { PersonDestructionList } from "#shared/contract/person-destruction";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import { placeOfBody } from "../../../../server/src/features/archive/sealed-places.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { createVault, DestroyedKeyError } from "../../../../server/src/platform/vault/vault.ts";
import { eventually } from "../../../support/eventually.ts";
import { admin, manager } from "../../../support/test-api.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";
import { createTestKeys, createTestSource, kek, openTestPool } from "../archive/archive-world.ts";
import type { TestSource } from "../archive/archive-world.ts";
import {
  addCase,
  arrive,
  entities,
  openRetentionWorld,
  placeHold,
  seqsIn,
  START_MS,
} from "./retention-world.ts";
import type { RetentionWorld } from "./retention-world.ts";

const path = "/api/admin/retention/people";
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

forEachDatabase("destroying a person's data", (open) => {
  let database: Database;
  let source: TestSource;
  let world: RetentionWorld;

  beforeAll(async () => {
    database = await open(entities);
  });
  beforeEach(async () => {
    await emptyTables(database);
    source = createTestSource(keys);
    const time = { nowMs: START_MS };
    world = openRetentionWorld({ database, source, pool, time, stepSize: 2 });
  });

  /** Over two months: a customer's chats, both sides, with a colleague's and another customer's beside them. */
  async function chats() {
    const old = await arrive(world, source, 40, [
      { from: "ChenLi", to: "wmA" },
      { from: "wmA", to: "ChenLi" },
    ]);
    const fresh = await arrive(world, source, 1, [
      { from: "wmA", to: "ChenLi" },
      { from: "wmA", room: "wrG" },
      { from: "wmB", room: "wrG" },
      { from: "wmB", to: "ChenLi" },
      { from: "LiZhi", to: "ChenLi" },
      { from: "LiZhi", to: "wmB" },
    ]);
    return { ofA: [...old, ...fresh.slice(0, 2)], others: fresh.slice(2) };
  }

  const ask = async (personId: string) =>
    await world.api.send(admin, "post", path, { personId, reason: "客户要求删除个人信息" });

  /** The second person says yes, or no. */
  async function decide(decision: "approved" | "refused"): Promise<void> {
    const request = world.requested.at(-1)!;
    const kind = world.approvals.get(request.kind)!;
    const payload = kind.payload.parse(request.payload);
    await database.write(async (tx) => {
      if (decision === "refused") await kind.onEnded?.(tx, { id: "a", payload });
      else {
        const { objectId, requestedBy } = request;
        const by = { requestedBy, decidedBy: "zhaoxia", atMs: START_MS };
        await kind.onApproved(tx, { id: "a", objectId, payload, ...by });
      }
    });
  }

  async function carryOut(): Promise<void> {
    world.jobs.start();
    await world.jobs.idle();
    await world.jobs.stop();
  }

  const bodies = () =>
    database.read.query<{ seq: string | number; body: Buffer }[]>("SELECT seq, body FROM message");

  const list = async () =>
    ((await world.api.get(admin, path)).body as PersonDestructionList).people;

  it("shows first, asks a second person, destroys rows and keys, and certifies it", async () => {
    const { ofA, others } = await chats();
    await addCase(database, ofA[1]!, "open");
    const [kept] = await database.read.query<{ body: Buffer }[]>(
      "SELECT body FROM message WHERE seq = ?",
      [ofA[0]],
    );

    const preview = await world.api.send(admin, "post", `${path}/preview`, { personId: "wmA" });
    expect(preview.body).toMatchObject({ kind: "customer", messages: 4, held: 0, cases: 1 });
    expect((preview.body as { keys: number }).keys).toBeGreaterThanOrEqual(2);
    expect(await seqsIn(database, "message")).toEqual([...ofA, ...others].sort((a, b) => a - b));

    expect((await ask("wmA")).status).toBe(201);
    expect((await world.jobs.countWaiting()).ready).toBe(0);
    expect(await seqsIn(database, "message")).toHaveLength(ofA.length + others.length);
    expect(
      (await world.api.get(admin, `${path}/${(await list())[0]!.id}/certificate`)).status,
    ).toBe(404);

    await decide("approved");
    await carryOut();
    expect(await seqsIn(database, "message")).toEqual(others);
    expect(await seqsIn(database, "supervision_case")).toEqual([]);
    expect(world.forgotten.sort((a, b) => a - b)).toEqual(ofA);
    const [done] = await list();
    expect(done).toMatchObject({ state: "done", messages: 4, cases: 1, held: 0 });
    expect(done!.keys).toBeGreaterThanOrEqual(2);
    // What somebody has kept of the database opens nothing, and what is the others' still does.
    const vault = createVault(database, kek, { now: () => world.time.nowMs });
    await expect(vault.open(placeOfBody(ofA[0]!), kept!.body)).rejects.toThrow(DestroyedKeyError);
    for (const seq of others) {
      const [row] = await database.read.query<{ body: Buffer }[]>(
        "SELECT body FROM message WHERE seq = ?",
        [seq],
      );
      expect(await vault.openText(placeOfBody(seq), row!.body)).toContain("说");
    }

    const certificate = await world.api.get(admin, `${path}/${done!.id}/certificate`);
    expect(certificate.body).toMatchObject({
      backupsUntilMs: START_MS + 30 * 24 * 3600_000,
      destruction: { personId: "wmA", requestedBy: "刘洋", approvedBy: "zhaoxia" },
    });
    const page = await world.api.get(admin, `${path}/${done!.id}/certificate.html`);
    expect(page.text).toContain("个人数据销毁证明");
    expect(page.text).toContain("2026-12-23");
    expect(page.text).not.toContain("<script");
    const entries = await database.read.query<{ kind: string }[]>(
      "SELECT kind FROM ledger_entry WHERE kind LIKE 'person.%' ORDER BY position",
    );
    expect(entries.map(({ kind }) => kind)).toEqual([
      "person.destruction_requested",
      "person.destroyed",
    ]);
  });

  it("of a member who has left takes what was said elsewhere than to customers", async () => {
    const { ofA, others } = await chats();
    await ask("LiZhi");
    await decide("approved");
    await carryOut();
    const internal = others[2]!;
    const expected = [...ofA, ...others.filter((seq) => seq !== internal)];
    expect(await seqsIn(database, "message")).toEqual(expected.sort((a, b) => a - b));
    expect(await list()).toMatchObject([{ personId: "lizhi", kind: "member", messages: 1 }]);
  });

  it("refuses who works here, who is unknown, who is under a hold, and who may not ask", async () => {
    await chats();
    for (const [personId, words] of [
      ["chenli", "还在职"],
      ["nobody", "没有这个成员或客户"],
    ] as const) {
      const answer = await ask(personId);
      expect(answer.status).toBe(400);
      expect(answer.text).toContain(words);
    }
    await placeHold(world, "person", "wmA");
    expect((await ask("wmA")).text).toContain("在留存中");
    const byManager = await world.api.send(manager, "post", path, {
      personId: "wmB",
      reason: "客户要求删除",
    });
    expect(byManager.status).toBe(403);
  });

  it("leaves what a hold keeps that was placed meanwhile, and its keys", async () => {
    const { ofA, others } = await chats();
    await ask("wmA");
    await placeHold(world, "conversation", "g:wrG");
    await decide("approved");
    await carryOut();
    expect(await seqsIn(database, "message")).toEqual([ofA[3], ...others]);
    const [partly] = await list();
    expect(partly).toMatchObject({ state: "partly", messages: 3, held: 1, keys: 0 });
    const [row] = await database.read.query<{ body: Buffer }[]>(
      "SELECT body FROM message WHERE seq = ?",
      [ofA[3]],
    );
    expect(await world.vault.openText(placeOfBody(ofA[3]!), row!.body)).toContain("说");
    const page = await world.api.get(admin, `${path}/${partly!.id}/certificate.html`);
    expect(page.text).toContain("部分销毁证明");
  });

  it("destroys nothing when it is refused", async () => {
    const { ofA, others } = await chats();
    await ask("wmA");
    await decide("refused");
    await carryOut();
    expect(await seqsIn(database, "message")).toHaveLength(ofA.length + others.length);
    expect(await list()).toMatchObject([{ state: "refused" }]);
  });

  it("takes what came in the last moment along with the keys", async () => {
    let begin!: () => void;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    let calls = 0;
    const forget = () => {
      calls += 1;
      // The last of the slices that were there.
      if (calls === 2) begin();
      return Promise.resolve();
    };
    const time = { nowMs: START_MS };
    world = openRetentionWorld({ database, source, pool, time, stepSize: 2, forget });
    const { others } = await chats();
    await ask("wmA");
    await decide("approved");
    const late = begun.then(() => arrive(world, source, 0, [{ from: "wmA", to: "ChenLi" }]));
    await carryOut();
    const [seq] = await late;
    const left = await seqsIn(database, "message");
    expect(left.filter((one) => one !== seq)).toEqual(others);
    // It came before the keys went, and is gone, or after, and can be read.
    for (const { seq: own, body } of await bodies()) {
      expect(await world.vault.openText(placeOfBody(Number(own)), body)).toContain("说");
    }
  });

  it("goes on where it was interrupted, and counts each message once", async () => {
    let calls = 0;
    const forget = () => {
      calls += 1;
      return calls === 2 ? Promise.reject(new Error("cut off")) : Promise.resolve();
    };
    const time = { nowMs: START_MS };
    world = openRetentionWorld({ database, source, pool, time, stepSize: 2, forget });
    const { others } = await chats();
    await ask("wmA");
    await decide("approved");
    world.jobs.start();
    await world.jobs.idle();
    expect(await list()).toMatchObject([{ state: "running", messages: 2 }]);
    // Its next try, without the wait before it.
    const hurry = async () => {
      await database.write((tx) => tx.query("UPDATE job SET run_at_ms = 0 WHERE state = 'ready'"));
      return await list();
    };
    await eventually(hurry, (people) => people[0]?.state === "done");
    await world.jobs.stop();
    expect(await seqsIn(database, "message")).toEqual(others);
    expect(await list()).toMatchObject([{ state: "done", messages: 4 }]);
  });
});
