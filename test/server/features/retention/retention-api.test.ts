import type {
  HoldView,
  PreviewView,
  RetentionDays,
  RetentionView,
  RunView,
} from "#shared/contract/retention";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import { classes, defaultDays } from "../../../../server/src/features/retention/classes.ts";
import { toCsv } from "../../../../server/src/platform/csv.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { admin, manager, sales } from "../../../support/test-api.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";
import { createTestKeys, createTestSource, openTestPool } from "../archive/archive-world.ts";
import type { TestSource } from "../archive/archive-world.ts";
import {
  addCase,
  arrive,
  DAY_MS,
  entities,
  openRetentionWorld,
  placeHold,
  seqsIn,
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

const PATH = "/api/admin/retention";

describe("a CSV file", () => {
  it.each([
    ["=1+1", `"'=1+1"`],
    ["+86", `"'+86"`],
    ["-5", `"'-5"`],
    ["@cmd", `"'@cmd"`],
    ["\t=1", `"'\t=1"`],
    ["＝1", `"'＝1"`],
    ['他说"好"', '"他说""好"""'],
    ["a\r\nb,c", '"a\r\nb,c"'],
    ["2026-11-23", '"2026-11-23"'],
  ])("holds %j as text", (value, expected) => {
    expect(toCsv([[value]])).toBe(`\uFEFF${expected}\r\n`);
  });
});

forEachDatabase("the API of retention", (open) => {
  let database: Database;
  let source: TestSource;
  let world: RetentionWorld;

  beforeAll(async () => {
    database = await open(entities);
  });

  beforeEach(async () => {
    await emptyTables(database);
    source = createTestSource(keys);
    world = openRetentionWorld({ database, source, pool, time: { nowMs: START_MS } });
  });

  const get = async <T>(path = ""): Promise<T> =>
    (await world.api.get(admin, `${PATH}${path}`)).body as T;
  const post = (path: string, body: object) =>
    world.api.send(admin, "post", `${PATH}${path}`, body);
  const fieldsOf = (answer: { body: unknown }): Record<string, string> =>
    (answer.body as { fields: Record<string, string> }).fields;
  const single = { from: "ChenLi", to: "wmA", text: "绝不能出现的内容" };

  it.each([
    ["get", ""],
    ["post", "/preview"],
    ["post", "/policy"],
    ["get", "/holds"],
    ["post", "/holds"],
    ["post", "/holds/x/release"],
    ["get", "/runs"],
    ["get", "/runs.csv"],
  ] as const)("%s %s is for administrators alone", async (method, path) => {
    for (const [actor, status] of [
      [null, 401],
      [sales, 403],
      [manager, 403],
    ] as const) {
      const answer =
        method === "get"
          ? await world.api.get(actor, `${PATH}${path}`)
          : await world.api.send(actor, "post", `${PATH}${path}`);
      expect(answer.status).toBe(status);
    }
  });

  describe("the policy", () => {
    it("has sensible days that nobody has changed, each with its reason", async () => {
      const view = await get<RetentionView>();
      expect(view).toMatchObject({ version: 0, history: [] });
      expect(view.classes.map(({ days }) => days)).toEqual([730, 730, 365, 1095, 730, 1095, 365]);
      for (const { minDays, days, maxDays, basis } of view.classes) {
        expect(minDays).toBeLessThanOrEqual(days);
        expect(days).toBeLessThanOrEqual(maxDays);
        expect(basis).not.toBe("");
      }
      expect(view.nextRunAtMs).toBe(Date.parse("2026-11-24T02:10:00+08:00"));
    });

    it("changes in versions that say who, when and why; the reason is sealed", async () => {
      const days = { ...defaultDays, single: 400 };
      const answer = await post("/policy", { version: 0, days, reason: "业务缩减，不再需要两年" });
      expect(answer.status).toBe(200);
      const { version, history } = await get<RetentionView>();
      expect(version).toBe(1);
      expect(history).toEqual([
        {
          version: 1,
          days,
          reason: "业务缩减，不再需要两年",
          changedBy: "刘洋",
          changedAtMs: START_MS,
        },
      ]);
      const rows = await database.read.query<{ reason: Buffer }[]>(
        "SELECT * FROM retention_policy",
      );
      expect(rows[0]!.reason.includes("业务")).toBe(false);
    });

    it("is changed by one of two who saw the same version", async () => {
      const change = (single: number) =>
        post("/policy", { version: 0, days: { ...defaultDays, single }, reason: "两个人同时改" });
      const answers = [await change(400), await change(500)];
      expect(answers.map(({ status }) => status)).toEqual([200, 409]);
      expect((await get<RetentionView>()).classes[0]!.days).toBe(400);
    });

    it.each<[string, Partial<RetentionDays>, Record<string, string>]>([
      ["shorter than the law wants", { reading: 182 }, { "days.reading": "不能短于 183 天" }],
      ["shorter than a complaint takes", { single: 29 }, { "days.single": "不能短于 30 天" }],
      ["longer than anything", { case: 3651 }, { "days.case": "不能长于 3650 天" }],
    ])("refuses days %s", async (_, days, fields) => {
      const body = { version: 0, days: { ...defaultDays, ...days }, reason: "试一试" };
      for (const [path, request] of [
        ["/policy", { ...body, reason: "试一试能不能改" }],
        ["/preview", { days: body.days }],
      ] as const) {
        const answer = await post(path, request);
        expect(answer.status).toBe(400);
        expect(fieldsOf(answer)).toEqual(fields);
      }
    });

    it.each([
      [{ version: 0, days: defaultDays, reason: "短" }],
      [{ version: 0, days: { ...defaultDays, single: 99.5 }, reason: "不是整数天" }],
      [{ version: 0, days: { single: 100 }, reason: "缺了其他类别" }],
      [{ version: 0, days: { ...defaultDays, all: 1 }, reason: "多了一个类别" }],
    ])("refuses %j", async (body) => {
      expect((await post("/policy", body)).status).toBe(400);
    });

    it("names every class once", () => {
      expect(new Set(classes.map(({ id }) => id)).size).toBe(classes.length);
    });
  });

  describe("the preview", () => {
    it("says what the next night will destroy, and the night does exactly that", async () => {
      const [seq = 0] = await arrive(world, source, 150, [
        single,
        { from: "ChenLi", room: "wrG" },
        { from: "ChenLi", to: "wmB" },
      ]);
      // Not over today, but tomorrow when the run begins.
      await arrive(world, source, 100, [single]);
      await arrive(world, source, 99, [single]);
      await addCase(database, seq, "false_alarm");
      await placeHold(world, "person", "wmB");
      const before = await seqsIn(database, "message");
      const answer = await post("/preview", { days: shortDays });
      expect(answer.text).not.toContain("绝不能出现");
      const { classes: counts, isPartial } = answer.body as PreviewView;
      expect(isPartial).toBe(false);
      expect(counts.slice(0, 4)).toEqual([
        { id: "single", destroyed: 2, held: 1, fromDay: "2026-06-26", toDay: "2026-08-15" },
        { id: "group", destroyed: 1, held: 0, fromDay: "2026-06-26", toDay: "2026-06-26" },
        { id: "internal", destroyed: 0, held: 0, fromDay: null, toDay: null },
        { id: "case", destroyed: 1, held: 0, fromDay: "2026-06-26", toDay: "2026-06-26" },
      ]);
      expect(await seqsIn(database, "message")).toEqual(before);
      await setDays(world, {});
      world.time.nowMs = Date.parse("2026-11-24T02:10:00+08:00");
      await world.retention.expiry.run();
      const { runs } = await get<{ runs: RunView[] }>("/runs");
      expect(runs[0]!.results).toEqual([
        expect.objectContaining(counts[0]),
        expect.objectContaining(counts[1]),
        expect.objectContaining(counts[3]),
      ]);
    });
  });

  describe("holds", () => {
    it("say on what, who, since when and why, and by whom they were released", async () => {
      await arrive(world, source, 1, [single]);
      const person = await placeHold(world, "person", "ChenLi");
      world.time.nowMs += DAY_MS;
      const conversation = await placeHold(world, "conversation", "s:chenli:wmA");
      const released = await post(`/holds/${person}/release`, { reason: "仲裁已经结束" });
      expect(released.body).toMatchObject({ releasedBy: "刘洋", releaseReason: "仲裁已经结束" });
      const { holds } = await get<{ holds: HoldView[] }>("/holds");
      expect(holds).toEqual([
        {
          id: conversation,
          kind: "conversation",
          targetId: "s:chenli:wmA",
          targetName: null,
          reason: "客户投诉，等待仲裁",
          placedBy: "刘洋",
          placedAtMs: START_MS + DAY_MS,
          releaseReason: null,
          releasedBy: null,
          releasedAtMs: null,
        },
        expect.objectContaining({
          id: person,
          targetId: "chenli",
          targetName: "陈丽",
          placedAtMs: START_MS,
          releasedAtMs: START_MS + DAY_MS,
        }),
      ]);
      const [row] = await database.read.query<{ reason: Buffer }[]>("SELECT * FROM legal_hold");
      expect(row!.reason.includes("投诉")).toBe(false);
    });

    it("are released once, and not when there is none", async () => {
      await arrive(world, source, 1, [single]);
      const id = await placeHold(world, "person", "wmA");
      const reason = "仲裁已经结束";
      expect((await post(`/holds/${id}/release`, { reason })).status).toBe(200);
      expect((await post(`/holds/${id}/release`, { reason })).status).toBe(409);
      expect((await post("/holds/nothing/release", { reason })).status).toBe(404);
      expect((await post(`/holds/${id}/release`, { reason: "短" })).status).toBe(400);
    });

    it.each([
      ["person", "wmNobody", "没有这个成员或客户，请核对账号"],
      ["conversation", "s:chenli:wmNobody", "没有存下过这个会话，请核对"],
      ["case", "nothing", "没有这个事项，请核对编号"],
    ])("on a %s who does not exist are refused", async (kind, targetId, message) => {
      const answer = await post("/holds", { kind, targetId, reason: "客户投诉，等待仲裁" });
      expect(answer.status).toBe(400);
      expect(fieldsOf(answer)).toEqual({ targetId: message });
    });
  });

  it("puts changes, holds and runs on record, without the reasons", async () => {
    await database.write((tx) => tx.query("DELETE FROM ledger_entry"));
    await setDays(world, {});
    await arrive(world, source, 150, [single]);
    const id = await placeHold(world, "person", "ChenLi");
    await post(`/holds/${id}/release`, { reason: "仲裁已经结束" });
    await world.retention.expiry.run();
    const rows = await database.read.query<Record<string, string>[]>(
      "SELECT kind, actor_id, details FROM ledger_entry ORDER BY position",
    );
    const kinds = rows.map(({ kind, actor_id: actor }) => `${kind} ${actor}`);
    expect(kinds).toEqual([
      "retention.changed liuyang",
      "hold.placed liuyang",
      "hold.released liuyang",
      "retention.ran system",
    ]);
    expect(JSON.parse(rows[3]!["details"]!)).toEqual({ single: 1 });
    expect(JSON.stringify(rows)).not.toMatch(/仲裁|期限/);
  });

  it("gives the reports as a file, with the word about backups", async () => {
    await setDays(world, {});
    await arrive(world, source, 150, [single]);
    await world.retention.expiry.run();
    world.time.nowMs += DAY_MS;
    await world.retention.expiry.run();
    const answer = await world.api.get(admin, `${PATH}/runs.csv`);
    expect(answer.headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(answer.headers["content-disposition"]).toMatch(/^attachment; filename="/);
    const lines = answer.text.split("\r\n");
    expect(lines[0]!.startsWith('\uFEFF"开始时间（北京时间）","结束时间')).toBe(true);
    expect(lines[1]).toContain('"（没有到期的）","0"');
    expect(lines[2]).toBe(
      '"2026-11-23 12:00:00","2026-11-23 12:00:00","完成","1","与客户的单聊","1","2026-06-26","2026-06-26","0","1"',
    );
    expect(lines[3]).toContain("备份里可能还有");
  });
});
