import type { ReconciliationView, RepullView } from "#shared/contract/reconciliation";
import { stepOf } from "../../../../server/src/features/reconciliation/alarms.ts";
import { AlarmRow } from "../../../../server/src/features/reconciliation/alarm.entity.ts";
import { nameMasked } from "../../../../server/src/features/reconciliation/masked-conversation.ts";
import type { Trouble } from "../../../../server/src/features/reconciliation/troubles.ts";
import type { DecryptPool } from "../../../../server/src/features/archive/decrypt-pool.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { createJobs } from "../../../../server/src/platform/jobs/jobs.ts";
import {
  formatShanghaiDay,
  parseShanghaiDay,
  shanghaiDay,
  startOfShanghaiDay,
} from "../../../../server/src/platform/shanghai-day.ts";
import { WecomError } from "../../../../server/src/wecom/wecom-error.ts";
import { pino } from "pino";
import { recordEndedDay } from "../../../../server/src/features/reconciliation/reconciliation.jobs.ts";
import { admin, manager, sales } from "../../../support/test-api.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";
import {
  createTestKeys,
  createTestSource,
  entities,
  openArchiveWorld,
  openTestPool,
  textMessage,
} from "../archive/archive-world.ts";
import type { ArchiveWorld, TestSource } from "../archive/archive-world.ts";
import { openReconciliation } from "./reconciliation-world.ts";
import type { ReconciliationWorld } from "./reconciliation-world.ts";

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
const path = "/api/admin/archive/reconciliation";

describe("days in Shanghai", () => {
  it.each([
    ["2026-11-22T15:59:59.999Z", "2026-11-22"],
    ["2026-11-22T16:00:00Z", "2026-11-23"],
    ["1969-12-31T15:59:59Z", "1969-12-31"],
  ])("%s is of %s", (time, day) => {
    const atMs = Date.parse(time);
    expect(formatShanghaiDay(shanghaiDay(atMs))).toBe(day);
    expect(parseShanghaiDay(day)).toBe(shanghaiDay(atMs));
    const start = startOfShanghaiDay(shanghaiDay(atMs));
    expect(start <= atMs && atMs < start + DAY_MS).toBe(true);
  });

  it.each(["2026-02-30", "2026-13-01", "soon"])("%s is none", (text) =>
    expect(parseShanghaiDay(text)).toBeNaN(),
  );
});

describe("a conversation's masked name", () => {
  it.each([
    ["s:chenli:wmCustomer1", { kind: "single", label: "ch***li · wm***r1" }],
    ["g:wrRoom0001", { kind: "group", label: "wr***01" }],
    ["i:li:wang", { kind: "internal", label: "l*** · w***" }],
    ["unknown", { kind: "unknown", label: "" }],
  ])("%s", (id, expected) => expect(nameMasked(id)).toEqual(expected));
});

describe("the escalation", () => {
  const trouble = (kind: Trouble["kind"]): Trouble => ({
    kind,
    sinceMs: 0,
    count: 1,
    cause: "",
    remedy: "",
    forgottenAtMs: 5 * DAY_MS,
  });

  it.each<[Trouble["kind"], number, number]>([
    ["not_pulled", 1.9, 0],
    ["not_pulled", 2, 1],
    ["not_pulled", 13.9, 1],
    ["not_pulled", 14, 2],
    ["not_pulled", 26, 3],
    ["not_pulled", 1000, 84],
    ["undecodable", 23.9, 0],
    ["undecodable", 24, 1],
    ["undecodable", 36, 2],
    ["undecodable", 120, 9],
    // WeCom has forgotten it; what is kept waits without another word.
    ["undecodable", 1000, 9],
  ])("%s after %d hours is at step %d", (kind, hours, step) =>
    expect(stepOf(trouble(kind), hours * HOUR_MS)).toBe(step),
  );
});

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

forEachDatabase("reconciliation", (open) => {
  let database: Database;
  let source: TestSource;
  let nowMs: number;
  const clock = { now: () => nowMs };
  let archive: ArchiveWorld;
  let world: ReconciliationWorld;

  beforeAll(async () => {
    database = await open([...entities, AlarmRow]);
  });

  beforeEach(async () => {
    await emptyTables(database);
    await database.write((tx) => tx.query("DELETE FROM hit"));
    await database.write((tx) => tx.query("DELETE FROM ledger_entry"));
    source = createTestSource(keys);
    nowMs = Date.parse("2026-11-23T10:00:00+08:00");
    archive = openArchiveWorld(database, source, pool, { clock });
    world = openReconciliation(database, archive, clock);
  });

  /** Who did what to what, as the ledger has it. */
  async function entriesOf(kind: string): Promise<[string, string, unknown][]> {
    const rows = await database.read.query<Record<string, string>[]>(
      "SELECT actor_id, object_id, details FROM ledger_entry WHERE kind = ? ORDER BY position",
      [kind],
    );
    return rows.map((row) => [
      row["actor_id"] ?? "",
      row["object_id"] ?? "",
      JSON.parse(row["details"] ?? ""),
    ]);
  }

  const view = async (query = ""): Promise<ReconciliationView> => {
    const answer = await world.api.get(admin, `${path}${query}`);
    expect(answer.status).toBe(200);
    return answer.body as ReconciliationView;
  };

  it("shows each day with what came, where it went and what lies there", async () => {
    source.say(textMessage("a"), { seq: 100 });
    source.say(textMessage("a"), { seq: 101 });
    source.say(textMessage("b"), { seq: 104 });
    source.say(textMessage("locked"), { seq: 105, keyVersion: 2 });
    await archive.pulls.pull();
    nowMs += DAY_MS;
    source.say(textMessage("next day"), { seq: 110 });
    await archive.pulls.pull();
    const { days, cursor, missing, checkedAtMs } = await view();
    expect(days).toEqual([
      {
        day: "2026-11-24",
        pulled: 1,
        stored: 1,
        duplicated: 0,
        undecodable: 0,
        excluded: 0,
        expired: 0,
        storedFound: 1,
        undecodableFound: 0,
        excludedFound: 0,
        holds: true,
        passed: { firstSeq: 110, lastSeq: 110, gaps: 1, skipped: 4, widestGap: 4 },
      },
      {
        day: "2026-11-23",
        pulled: 4,
        stored: 2,
        duplicated: 1,
        undecodable: 1,
        excluded: 0,
        expired: 0,
        storedFound: 2,
        undecodableFound: 1,
        excludedFound: 0,
        holds: true,
        passed: { firstSeq: 100, lastSeq: 105, gaps: 1, skipped: 2, widestGap: 2 },
      },
    ]);
    expect(cursor).toMatchObject({ seq: 110, pulledAtMs: nowMs });
    expect({ missing, checkedAtMs }).toEqual({ missing: null, checkedAtMs: nowMs });
    expect((await view("?from=2026-11-23&to=2026-11-23")).days).toHaveLength(1);
    expect((await view("?to=2026-11-22")).days).toEqual([]);
  });

  it("puts a day's books on record when the day has ended", async () => {
    source.say(textMessage("a"));
    source.say(textMessage("locked"), { keyVersion: 2 });
    await archive.pulls.pull();
    nowMs += DAY_MS;
    await database.write(await recordEndedDay({ clock, ...world }));
    nowMs += DAY_MS;
    await database.write(await recordEndedDay({ clock, ...world }));
    const nothing = { stored: 0, duplicated: 0, excluded: 0, expired: 0, holds: true };
    expect(await entriesOf("reconciliation.counted")).toEqual([
      ["system", "2026-11-23", { ...nothing, pulled: 2, stored: 1, undecodable: 1 }],
      ["system", "2026-11-24", { ...nothing, pulled: 0, undecodable: 0 }],
    ]);
  });

  it("goes into a day's conversations, with masked ids and what is wrong first", async () => {
    source.say(textMessage("a"));
    source.say(textMessage("b"));
    source.say(textMessage("c", "c", { to: ["wmCustomer2"] }));
    source.say(textMessage("d", "d", { room: "wrRoom0001" }));
    source.say(textMessage("locked"), { keyVersion: 2 });
    await archive.pulls.pull();
    await database.write((tx) => tx.query("DELETE FROM message WHERE msg_id = 'c'"));
    const answer = await world.api.get(admin, `${path}/days/2026-11-23`);
    expect(answer.body).toMatchObject({
      day: "2026-11-23",
      total: 4,
      conversations: [
        { kind: "single", label: "ch***li · wm***r2", stored: 1, storedFound: 0, holds: false },
        { kind: "unknown", label: "", undecodable: 1, undecodableFound: 1, holds: true },
        { kind: "single", label: "ch***li · wm***r1", stored: 2, storedFound: 2, holds: true },
        { kind: "group", label: "wr***01", stored: 1, holds: true },
      ],
    });
    expect(JSON.stringify(answer.body)).not.toContain("wmCustomer");
  });

  it.each([
    ["a message that is gone", "DELETE FROM message WHERE msg_id = 'b'"],
    ["an item that is gone", "DELETE FROM undecodable"],
    ["a message too many", "UPDATE message SET received_at_ms = received_at_ms + 86400000"],
    ["a counter that was changed", "UPDATE archive_books SET duplicated = 7"],
    ["a loss that another place covers up", "UPDATE archive_books SET pulled = pulled + 1"],
  ])("does not hold with %s", async (_what, statement) => {
    source.say(textMessage("a"));
    source.say(textMessage("b"));
    source.say(textMessage("locked"), { keyVersion: 2 });
    await archive.pulls.pull();
    expect((await view()).days.every(({ holds }) => holds)).toBe(true);
    await database.write((tx) => tx.query(statement));
    expect((await view("?to=2026-11-25")).days.some(({ holds }) => !holds)).toBe(true);
    expect((await world.reconciliation.checkRecent(nowMs)).some(({ holds }) => !holds)).toBe(true);
  });

  it("says what has waited longest and until when WeCom can be asked for it", async () => {
    expect((await view()).oldestProblem).toMatchObject({
      kind: "not_pulled",
      cause: "还没有拉取过",
    });
    const sentAtMs = nowMs - HOUR_MS;
    source.say(textMessage(`7_${sentAtMs}_external`), { keyVersion: 2 });
    source.say(textMessage("second"), { keyVersion: 2 });
    await archive.pulls.pull();
    expect((await view()).oldestProblem).toMatchObject({
      kind: "undecodable",
      sinceMs: nowMs,
      count: 2,
      cause: "缺少第 2 版私钥，2 条在等",
      remedy: expect.stringContaining("2.pem"),
      forgottenAtMs: sentAtMs + 5 * DAY_MS,
    });
    // Given up, it is no problem any more.
    const { items } = await archive.undecodable.list();
    const seqs = items.map(({ seq }) => seq);
    const answer = await world.api.send(admin, "post", "/api/admin/archive/undecodable/exclude", {
      seqs,
    });
    expect([answer.status, answer.body]).toEqual([200, { excluded: 2 }]);
    expect(await entriesOf("archive.excluded")).toEqual([
      ["liuyang", "undecodable", { seqs: seqs.sort((left, right) => left - right) }],
    ]);
    expect((await view()).oldestProblem).toBeNull();
    expect((await view()).days[0]).toMatchObject({ excluded: 2, excludedFound: 2, holds: true });

    const pulledAtMs = nowMs;
    nowMs += 31 * 60_000;
    expect((await view()).oldestProblem).toMatchObject({
      kind: "not_pulled",
      sinceMs: pulledAtMs,
      count: null,
      forgottenAtMs: pulledAtMs + 5 * DAY_MS,
    });
  });

  it("names the setting that is missing, and no problem beside it", async () => {
    const { api } = openReconciliation(database, archive, clock, "WECOM_ARCHIVE_SECRET");
    expect((await api.get(admin, path)).body).toMatchObject({
      missing: "WECOM_ARCHIVE_SECRET",
      days: [],
      oldestProblem: null,
    });
  });

  it.each([
    ["?from=2026-02-30", "from"],
    ["?from=yesterday", "from"],
    ["?from=2026-11-24&to=2026-11-23", "from"],
    ["?from=2026-01-01&to=2026-11-23", "from"],
    ["/days/2026-02-30", "day"],
  ])("refuses %s", async (query, field) => {
    const answer = await world.api.get(admin, `${path}${query}`);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ fields: { [field]: expect.any(String) } });
  });

  it("is for administrators alone", async () => {
    for (const get of [path, `${path}/days/2026-11-23`, "/api/admin/archive/repulls"]) {
      expect((await world.api.get(null, get)).status).toBe(401);
      for (const actor of [sales, manager]) {
        expect((await world.api.get(actor, get)).status).toBe(403);
      }
    }
    for (const post of ["/api/admin/archive/repulls", "/api/admin/archive/undecodable/exclude"]) {
      expect((await world.api.send(null, "post", post)).status).toBe(401);
      for (const actor of [sales, manager]) {
        expect((await world.api.send(actor, "post", post)).status).toBe(403);
      }
    }
  });

  describe("a range pulled again over HTTP", () => {
    const repulls = "/api/admin/archive/repulls";
    const ask = (body: object) => world.api.send(admin, "post", repulls, body);

    it("is shown with its progress and its outcome", async () => {
      const [first] = ["a", "b"].map((id) => source.say(textMessage(id)));
      await archive.pulls.pull();
      const toSeq = source.items.at(-1)!.seq;
      const asked = await ask({ fromSeq: first, toSeq });
      expect(asked.status).toBe(201);
      expect(asked.body).toMatchObject({ fromSeq: first, toSeq, state: "waiting", trouble: null });
      expect(asked.body).not.toHaveProperty("requestedBy");
      const { id } = asked.body as RepullView;
      source.onPull = () => {
        throw new WecomError(301052, "/message/getchatdata");
      };
      await expect(archive.repulls.run(id)).rejects.toThrow();
      expect((await world.api.get(admin, repulls)).body).toMatchObject({
        repulls: [{ id, state: "waiting", trouble: "企业微信返回错误码 301052" }],
      });
      source.onPull = null;
      await archive.repulls.run(id);
      expect((await world.api.get(admin, repulls)).body).toMatchObject({
        repulls: [{ id, state: "done", pulled: 2, duplicated: 2, finishedAtMs: nowMs }],
      });
    });

    it.each([
      [{ fromSeq: 0, toSeq: 3 }, "fromSeq"],
      [{ fromSeq: 1.5, toSeq: 3 }, "fromSeq"],
      [{ fromSeq: 3, toSeq: 2 }, "toSeq"],
      [{ fromSeq: 1, toSeq: 99 }, "toSeq"],
      [{ fromSeq: 1 }, "toSeq"],
    ])("refuses %j", async (body, field) => {
      const answer = await ask(body);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({
        fields: { [field]: expect.stringMatching(/\p{Script=Han}/u) },
      });
    });
  });

  describe("the alarm", () => {
    const pass = async (ms: number): Promise<string[]> => {
      const told = world.cards.length;
      // As the clock looks: every ten minutes, here every half hour for the sake of time.
      for (let left = ms; left > 0; left -= HOUR_MS / 2) {
        nowMs += Math.min(left, HOUR_MS / 2);
        await database.write(await openLook());
      }
      await world.watch();
      return world.cards.slice(told).map(({ title }) => title);
    };
    const openLook = () => world.openAlarms(createJobs(database, pino({ level: "silent" }))).look();

    it("comes when nothing has been pulled for two hours, then every twelve, once each", async () => {
      await archive.pulls.pull();
      expect(await pass(1.5 * HOUR_MS)).toEqual([]);
      source.onPull = () => {
        throw new WecomError(301052, "/message/getchatdata");
      };
      await archive.pulls.pull();
      expect(await pass(0.5 * HOUR_MS)).toEqual(["会话存档已停 2 小时"]);
      expect(world.cards[0]).toMatchObject({
        toMemberIds: ["liuyang", "zhouning"],
        description:
          "原因：企业微信返回错误码 301052。企业微信只保留 5 天，最早的还剩 5 天。会话存档的服务已过期：请在管理后台续费，过期期间的消息不会保存。",
        url: "https://wecom.example.com/admin/reconciliation",
      });
      expect((await view()).alarmedAtMs).toBe(nowMs);
      expect(await pass(11.5 * HOUR_MS)).toEqual([]);
      expect(await pass(0.5 * HOUR_MS)).toEqual(["会话存档已停 14 小时"]);
      expect(await pass(12 * HOUR_MS)).toEqual(["会话存档已停 26 小时"]);

      source.onPull = null;
      await archive.pulls.pull();
      expect(await pass(HOUR_MS / 2 - 1)).toEqual([]);
      expect((await view()).alarmedAtMs).toBeNull();
      // The next standstill begins anew.
      expect(await pass(1.5 * HOUR_MS + 1)).toEqual(["会话存档已停 2 小时"]);
    });

    it("comes also when nothing has ever been pulled", async () => {
      await world.watch();
      expect(await pass(2 * HOUR_MS)).toEqual(["会话存档已停 2 小时"]);
    });

    it("comes when items cannot be opened for a day, and ends when they are", async () => {
      source.say(textMessage("locked"), { keyVersion: 2 });
      await archive.pulls.pull();
      const keepPulling = async (hours: number): Promise<string[]> => {
        const told = world.cards.length;
        for (let hour = 0; hour < hours; hour += 1) {
          nowMs += HOUR_MS;
          await database.write((tx) =>
            tx.query("UPDATE archive_cursor SET pulled_at_ms = ?", [nowMs]),
          );
          await database.write(await openLook());
        }
        await world.watch();
        return world.cards.slice(told).map(({ title }) => title);
      };
      expect(await keepPulling(23)).toEqual([]);
      expect(await keepPulling(1)).toEqual(["1 条存档消息一直打不开"]);
      expect(world.cards[0]!.description).toMatch(/^原因：缺少第 2 版私钥，1 条在等。.*2\.pem/);
      expect(await keepPulling(11)).toEqual([]);
      expect(await keepPulling(1)).toEqual(["1 条存档消息一直打不开"]);
      const [item] = (await archive.undecodable.list()).items;
      await archive.undecodable.exclude([item!.seq], "liuyang");
      expect(await keepPulling(13)).toEqual([]);
    });

    it("is one when two processes look at the same moment", async () => {
      await archive.pulls.pull();
      nowMs += 3 * HOUR_MS;
      const other = await open([...entities, AlarmRow]);
      const looks = await Promise.all([
        openLook(),
        openReconciliation(other, archive, clock)
          .openAlarms(createJobs(other, pino({ level: "silent" })))
          .look(),
      ]);
      await Promise.all([database.write(looks[0]), other.write(looks[1])]);
      await world.watch();
      expect(world.cards).toHaveLength(1);
    });

    it("keeps silent about what was mended before the card went out", async () => {
      await archive.pulls.pull();
      nowMs += 3 * HOUR_MS;
      await database.write(await openLook());
      await archive.pulls.pull();
      await world.watch();
      expect(world.cards).toEqual([]);
    });
  });
});
