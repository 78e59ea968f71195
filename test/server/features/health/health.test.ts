import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { HealthView } from "#shared/contract/health";
import type { ReconciledDay } from "#shared/contract/reconciliation";
import type { WaitingItems } from "../../../../server/src/features/archive/undecodable.service.ts";
import type { ArchiveStatus } from "../../../../server/src/features/archive/reader.service.ts";
import {
  archiveCheck,
  archiveKeysCheck,
  undecodableCheck,
} from "../../../../server/src/features/health/archive-checks.ts";
import { archiveFlowCheck } from "../../../../server/src/features/health/archive-flow-check.ts";
import { archiveSeatsCheck } from "../../../../server/src/features/health/archive-seats-check.ts";
import { booksCheck } from "../../../../server/src/features/health/books-check.ts";
import { clockCheck } from "../../../../server/src/features/health/clock-check.ts";
import { ok } from "../../../../server/src/features/health/health-line.ts";
import type { HealthCheck } from "../../../../server/src/features/health/health-line.ts";
import {
  addHealthRoutes,
  createProbeRouter,
} from "../../../../server/src/features/health/health.routes.ts";
import { createHealth } from "../../../../server/src/features/health/health.service.ts";
import {
  databaseCheck,
  diskCheck,
  jobsCheck,
} from "../../../../server/src/features/health/platform-checks.ts";
import { vaultCheck } from "../../../../server/src/features/health/vault-check.ts";
import { sayAgo, sayDuration } from "../../../../server/src/features/health/spoken-time.ts";
import {
  callbacksCheck,
  directoryCheck,
  wecomCheck,
} from "../../../../server/src/features/health/wecom-checks.ts";
import { Job } from "../../../../server/src/platform/jobs/job.entity.ts";
import { VaultSealedError } from "../../../../server/src/platform/vault/keyring.ts";
import { Secret } from "../../../../server/src/platform/secret.ts";
import type { ArchiveAccess } from "../../../../server/src/wecom/archive-access.ts";
import { WecomError, WecomUnreachableError } from "../../../../server/src/wecom/wecom-error.ts";
import type { WecomHealth } from "../../../../server/src/wecom/wecom-client.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { startPeopleWorld } from "../sign-in/people-world.ts";
import type { PeopleWorld } from "../sign-in/people-world.ts";

const nowMs = Date.parse("2026-11-23T10:00:00+08:00");
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** A ring with every key, or with none that a database may name. */
const keyring = (hasKeys: boolean) => ({
  whySealed: () => null,
  get: (id: string) =>
    hasKeys
      ? Promise.resolve({ id, key: Buffer.alloc(32) })
      : Promise.reject(new VaultSealedError("foreign")),
});
const noneHeld = { count: () => Promise.resolve(0) };

describe("spoken times", () => {
  it.each([
    [0, "0 秒"],
    [59_400, "59 秒"],
    [MINUTE_MS, "1 分钟"],
    [90 * MINUTE_MS, "2 小时"],
    [47 * HOUR_MS, "47 小时"],
    [72 * HOUR_MS, "3 天"],
  ])("%d ms is %s", (ms, expected) => expect(sayDuration(ms)).toBe(expected));

  it("are never in the future", () => {
    expect(sayAgo(nowMs + 5000, nowMs)).toBe("刚刚");
    expect(sayAgo(nowMs - 5000, nowMs)).toBe("5 秒前");
  });
});

describe("WeCom", () => {
  const look = (health: WecomHealth) => wecomCheck({ health: () => health }).look(nowMs);
  const failure = (errcode: number | "unreachable", agoMs = 1000) => ({
    atMs: nowMs - agoMs,
    api: "/user/list",
    errcode,
  });

  it.each<[string, WecomHealth, string, RegExp | null]>([
    ["nothing yet", { lastSuccessAtMs: null, lastFailure: null }, "ok", null],
    ["all well", { lastSuccessAtMs: nowMs, lastFailure: null }, "ok", null],
    ["a failure that is over", { lastSuccessAtMs: nowMs, lastFailure: failure(45009) }, "ok", null],
    [
      "never a success, a foreign address",
      { lastSuccessAtMs: null, lastFailure: failure(60020) },
      "broken",
      /企业可信 IP/,
    ],
    [
      "never a success, a wrong secret",
      { lastSuccessAtMs: null, lastFailure: failure(40001) },
      "broken",
      /Secret/,
    ],
    [
      "no answer since the last success",
      { lastSuccessAtMs: nowMs - 5000, lastFailure: failure("unreachable") },
      "attention",
      /WECOM_API_URL/,
    ],
    [
      "a code without a remedy of its own",
      { lastSuccessAtMs: null, lastFailure: failure(99999) },
      "broken",
      /99999/,
    ],
  ])("%s", async (_what, health, status, remedy) => {
    const finding = await look(health);
    expect(finding.status).toBe(status);
    if (remedy) expect(finding.remedy).toMatch(remedy);
    else expect(finding.remedy).toBeNull();
  });
});

describe("callbacks", () => {
  const receiver = { token: new Secret("t"), encodingAesKey: new Secret("k") };
  const look = (last: Partial<Record<"app" | "archive", number>>) =>
    callbacksCheck(
      {
        status: () =>
          Promise.resolve(
            (Object.keys(last) as ("app" | "archive")[]).map((name) => ({
              receiver: name,
              lastReceivedAtMs: last[name] ?? 0,
            })),
          ),
      },
      { app: receiver, archive: receiver },
      "https://wecom.example.com",
    ).look(nowMs);

  it("says when each receiver heard last", async () => {
    expect(await look({ app: nowMs - 5 * MINUTE_MS })).toEqual({
      status: "ok",
      detail: "应用：5 分钟前；会话存档：还没有收到过。",
      remedy: null,
    });
  });

  it.each([{}, { app: nowMs - 80 * HOUR_MS }])("asks to check the address: %j", async (last) => {
    const finding = await look(last);
    expect(finding.status).toBe("attention");
    expect(finding.remedy).toMatch(/EncodingAESKey/);
    expect(finding.remedy).toContain("会话存档填 https://wecom.example.com/callbacks/archive");
  });
});

describe("the server's clock", () => {
  it.each([
    [null, "ok", "还没有和企业微信对过时间。"],
    [-9_000, "ok", "和企业微信一致。"],
    [11_000, "attention", "比企业微信快 11 秒。"],
    [-5 * MINUTE_MS, "broken", "比企业微信慢 5 分钟。"],
  ])("off by %s ms", async (skewMs, status, detail) => {
    const finding = await clockCheck({ clockSkewMs: () => skewMs }).look(nowMs);
    expect(finding).toMatchObject({ status, detail });
    if (status !== "ok") expect(finding.remedy).toMatch(/NTP/);
  });
});

describe("the archive's seats", () => {
  const never = new WecomUnreachableError("/msgaudit/get_permit_user_list", "timeout");

  it.each<[string, () => Promise<string[]>, string, RegExp | null]>([
    ["some", () => Promise.resolve(["a", "b"]), "ok", null],
    ["none", () => Promise.resolve([]), "broken", /设置开启范围/],
    [
      "not opened",
      () => Promise.reject(new WecomError(301053, "/msgaudit/get_permit_user_list")),
      "attention",
      /没有开启/,
    ],
    ["not reached", () => Promise.reject(never), "attention", /防火墙/],
  ])("%s", async (_what, list, status, remedy) => {
    const finding = await archiveSeatsCheck(list, null).look(nowMs);
    expect(finding.status).toBe(status);
    if (remedy) expect(finding.remedy).toMatch(remedy);
  });

  it("are asked for once in ten minutes, after trouble once a minute", async () => {
    let asked = 0;
    let seats: string[] = [];
    const check = archiveSeatsCheck(() => {
      asked += 1;
      return Promise.resolve(seats);
    }, null);
    const look = async (atMs: number) => (await check.look(nowMs + atMs)).status;
    await Promise.all([look(0), look(1)]);
    expect([await look(59_000), asked]).toEqual(["broken", 1]);
    seats = ["a"];
    expect([await look(60_000), asked]).toEqual(["ok", 2]);
    expect([await look(10 * MINUTE_MS), asked]).toEqual(["ok", 2]);
    expect([await look(11 * MINUTE_MS), asked]).toEqual(["ok", 3]);
  });

  it("are nobody's matter without an archive", async () => {
    const check = archiveSeatsCheck(
      () => Promise.reject(new Error("asked")),
      "WECOM_ARCHIVE_SECRET",
    );
    expect(await check.look(nowMs)).toMatchObject({ status: "ok" });
  });
});

describe("WeCom's word of news", () => {
  const at = (minutesAgo: number) => nowMs - minutesAgo * MINUTE_MS;
  const quiet = {
    messageCount: 1,
    seq: 34,
    pulledAtMs: nowMs,
    newestSentAtMs: at(600),
    lagMs: 1_000,
    lastPageAtMs: at(600),
    failure: null,
  };
  const look = (
    status: Partial<ArchiveStatus>,
    toldAtMs: number | null,
    url: string | null = "https://x/callbacks/archive",
  ) =>
    archiveFlowCheck({
      reader: { status: () => Promise.resolve({ ...quiet, ...status }) },
      inbox: {
        status: () =>
          Promise.resolve(
            toldAtMs === null ? [] : [{ receiver: "archive" as const, lastReceivedAtMs: toldAtMs }],
          ),
      },
      callbackUrl: url,
      missing: null,
    }).look(nowMs);

  it.each<[string, Partial<ArchiveStatus>, number | null, string, RegExp]>([
    ["told and pulled", {}, at(600), "ok", /10 小时前/],
    ["told a moment ago", {}, at(1), "ok", /1 分钟前/],
    [
      "nothing yet",
      { newestSentAtMs: null, lagMs: null, lastPageAtMs: null },
      null,
      "ok",
      /还没有/,
    ],
    ["an old history and nobody has chatted yet", { lagMs: 99 * HOUR_MS }, null, "ok", /还没有/],
    ["pulled a moment ago", { newestSentAtMs: at(1), lastPageAtMs: at(1) }, null, "ok", /还没有/],
    [
      "never told",
      { newestSentAtMs: at(5), lastPageAtMs: at(5) },
      null,
      "attention",
      /从没有收到过通知/,
    ],
    [
      "told no more",
      { newestSentAtMs: at(5), lastPageAtMs: at(5) },
      at(90),
      "attention",
      /上次通知在2 小时前/,
    ],
    ["told and nothing comes", {}, at(5), "attention", /序号 34 之后什么也没有拉到/],
  ])("%s", async (_what, status, toldAtMs, expected, detail) => {
    const finding = await look(status, toldAtMs);
    expect(finding).toMatchObject({ status: expected, detail: expect.stringMatching(detail) });
    if (/never|no more/.test(_what))
      expect(finding.remedy).toContain("https://x/callbacks/archive");
  });

  it("needs a receiver", async () => {
    expect(await look({}, null, null)).toMatchObject({
      status: "attention",
      remedy: expect.stringContaining("WECOM_ARCHIVE_CALLBACK_TOKEN"),
    });
  });
});

describe("the archive's books", () => {
  const day = (text: string, holds: boolean) => ({ day: text, holds }) as ReconciledDay;

  it.each([
    [[], "ok"],
    [[day("2026-11-23", true)], "ok"],
    [[day("2026-11-23", true), day("2026-11-22", false)], "broken"],
  ])("%j", async (days, status) => {
    const finding = await booksCheck({ checkRecent: () => Promise.resolve(days) }).look(nowMs);
    expect(finding.status).toBe(status);
    if (status === "broken") expect(finding.detail).toContain("2026-11-22");
  });
});

describe("the directory", () => {
  it.each([
    [null, "broken"],
    [nowMs - HOUR_MS, "ok"],
    [nowMs - 27 * HOUR_MS, "attention"],
  ])("synced at %s is %s", async (syncedAtMs, status) => {
    const check = directoryCheck({ lastSyncedAtMs: () => Promise.resolve(syncedAtMs) });
    expect((await check.look(nowMs)).status).toBe(status);
  });
});

describe("the archive", () => {
  const good: ArchiveStatus = {
    messageCount: 12,
    seq: 34,
    pulledAtMs: nowMs - 15_000,
    newestSentAtMs: nowMs - 60_000,
    lagMs: 2_000,
    lastPageAtMs: nowMs - 58_000,
    failure: null,
  };
  const look = (change: Partial<ArchiveStatus>, missing: ArchiveAccess["missing"] = null) =>
    archiveCheck({ status: () => Promise.resolve({ ...good, ...change }) }, missing).look(nowMs);
  const atMs = nowMs - 1000;

  it.each<[string, Partial<ArchiveStatus>, string, RegExp | null]>([
    ["well", {}, "ok", null],
    ["never pulled", { pulledAtMs: null, lagMs: null }, "attention", /日志/],
    ["slow", { pulledAtMs: nowMs - 3 * MINUTE_MS }, "attention", /五天/],
    ["stopped", { pulledAtMs: nowMs - HOUR_MS }, "broken", /五天/],
    [
      "a foreign address",
      { failure: { kind: "wecom", errcode: 301042, callerIp: "203.0.113.7", atMs } },
      "attention",
      /可信 IP：203\.0\.113\.7。$/,
    ],
    [
      "a wrong kind of secret, from the start",
      { pulledAtMs: null, failure: { kind: "wecom", errcode: 48002, atMs } },
      "broken",
      /会话存档的 Secret.*WECOM_ARCHIVE_SECRET/,
    ],
    ["no licence", { failure: { kind: "wecom", errcode: 301052, atMs } }, "attention", /续费/],
    [
      "no network",
      { failure: { kind: "unreachable", reason: "timeout", atMs } },
      "attention",
      /防火墙/,
    ],
    [
      "a missing setting",
      { failure: { kind: "not_configured", setting: "WECOM_ARCHIVE_SECRET", atMs } },
      "attention",
      /WECOM_ARCHIVE_SECRET/,
    ],
    [
      "our own fault",
      { failure: { kind: "internal", name: "QueryFailedError", atMs } },
      "attention",
      /日志/,
    ],
  ])("%s", async (_what, change, status, remedy) => {
    const finding = await look(change);
    expect(finding.status).toBe(status);
    if (remedy) expect(finding.remedy).toMatch(remedy);
    else expect(finding.remedy).toBeNull();
  });

  it("that is not configured says so without asking", async () => {
    expect(await look({}, "WECOM_ARCHIVE_SECRET")).toMatchObject({ status: "attention" });
  });

  it.each([
    [[2, 1], [], "ok", "可用版本 1、2。"],
    [[], [], "broken", "没有可用的私钥。"],
    [[1], [{ file: "2.pem", problem: "x" }], "attention", "可用版本 1；不能使用：2.pem。"],
  ])("with keys %j and problems %j", async (versions, problems, status, detail) => {
    const check = archiveKeysCheck({ versions: () => [...versions], problems: () => problems });
    expect(await check.look(nowMs)).toMatchObject({ status, detail });
  });

  it.each<[WaitingItems[], number, string, string, RegExp | null]>([
    [[], 0, "ok", "没有。", null],
    [
      [
        { reason: "bad_ciphertext", keyVersion: 1, count: 1 },
        { reason: "bad_ciphertext", keyVersion: 2, count: 4 },
        { reason: "unknown_key_version", keyVersion: 3, count: 12 },
      ],
      20 * HOUR_MS,
      "attention",
      "缺少第 3 版私钥，12 条在等；内容解不开 5 条。原文都已保留，最早的一条在 4 天内还能向企业微信重新拉取。",
      /3\.pem/,
    ],
    [
      [{ reason: "bad_random_key", keyVersion: 1, count: 2 }],
      121 * HOUR_MS,
      "attention",
      "密钥解不开 2 条。原文都已保留，最早的一条企业微信已不再保留。",
      /配对.*排除/,
    ],
    [
      [{ reason: "unknown_key_version", keyVersion: 0, count: 1 }],
      0,
      "attention",
      "没有写明私钥版本，1 条在等。原文都已保留，最早的一条在 5 天内还能向企业微信重新拉取。",
      /配对/,
    ],
  ])("with undecodable messages %j, %d ms old", async (waiting, ageMs, status, detail, remedy) => {
    const atMs = nowMs - ageMs;
    const check = undecodableCheck({
      listWaiting: () => Promise.resolve(waiting),
      findOldest: () =>
        Promise.resolve(waiting.length ? { seq: 1, receivedAtMs: atMs, sentAtMs: atMs } : null),
    });
    const finding = await check.look(nowMs);
    expect(finding).toMatchObject({ status, detail });
    if (remedy) expect(finding.remedy).toMatch(remedy);
  });
});

describe("the disk", () => {
  it("tells what is left", async () => {
    const dir = mkdtempSync(join(tmpdir(), "health-"));
    const { bavail, bsize } = statfsSync(dir);
    const finding = await diskCheck(dir).look(nowMs);
    expect(finding.detail).toContain(String(Math.floor((bavail * bsize) / 1024 ** 3)).slice(0, 1));
    rmSync(dir, { recursive: true });
  });
});

forEachDatabase("health", (open) => {
  let world: PeopleWorld;
  let extra: HealthCheck[] = [];
  beforeEach(async () => {
    extra = [];
    world = await startPeopleWorld(open, {
      addRoutes: (routes, parts) => {
        const { database, clock, vault, jobs } = parts;
        const checks = [
          databaseCheck(database, clock),
          vaultCheck({ database, vault, keyring: keyring(true), held: noneHeld }),
          jobsCheck(jobs, database),
        ];
        const health = createHealth({
          ...parts,
          timeoutMs: 500,
          get checks() {
            return [...checks, ...extra];
          },
        });
        addHealthRoutes(routes, health);
        routes.router.use(createProbeRouter(health).routes());
      },
    });
    await world.sync();
  });
  afterEach(() => world.stop());

  const view = async (): Promise<HealthView> =>
    (await (await world.signedIn("liuyang")).get("/api/admin/health")).body as HealthView;
  const line = async (id: string) => (await view()).lines.find((one) => one.id === id);

  /** A job that fails its only try. */
  async function makeDeadJob(): Promise<string> {
    world.jobs.register({
      kind: "test.fail",
      payload: z.object({}),
      maxAttempts: 1,
      run: () => Promise.reject(new TypeError("a message that quotes 客户")),
    });
    await world.database.write((tx) => world.jobs.enqueue(tx, "test.fail", {}));
    world.jobs.start();
    await world.jobs.idle();
    await world.jobs.stop();
    const { id } = await world.database.read.findOneByOrFail(Job, { state: "dead" });
    return id;
  }

  it("shows every line to an administrator", async () => {
    // The world's clock stands since it was made, and the database's does not.
    world.time.nowMs = Date.now();
    const { lines, checkedAtMs } = await view();
    expect(checkedAtMs).toBe(world.time.nowMs);
    expect(lines.map(({ id, status }) => `${id} ${status}`)).toEqual([
      "database ok",
      "vault ok",
      "jobs ok",
    ]);
  });

  it.each([
    ["GET", "/api/admin/health"],
    ["GET", "/api/admin/jobs/dead"],
    ["POST", "/api/admin/jobs/x/retry"],
  ])("is for administrators alone: %s %s", async (method, path) => {
    const ask = (browser: ReturnType<PeopleWorld["browser"]>) =>
      method === "GET" ? browser.get(path) : browser.post(path);
    expect((await ask(world.browser())).status).toBe(401);
    expect((await ask(await world.signedIn("chenli"))).status).toBe(403);
    expect((await ask(await world.signedIn("zhangwei"))).status).toBe(403);
  });

  it("shows the other lines when one check throws or hangs", async () => {
    extra = [
      { id: "throws", title: "t", look: () => Promise.reject(new Error("canary")) },
      { id: "throws-at-once", title: "t", look: () => JSON.parse("{") as never },
      { id: "hangs", title: "t", look: () => new Promise(() => undefined) },
      { id: "well", title: "t", look: () => ok("好。") },
    ];
    const { lines } = await view();
    expect(lines.slice(3).map(({ id, status }) => `${id} ${status}`)).toEqual([
      "throws broken",
      "throws-at-once broken",
      "hangs broken",
      "well ok",
    ]);
    expect(JSON.stringify(lines)).not.toContain("canary");
  });

  it.each([
    [3_000, "attention"],
    [-40_000, "broken"],
  ])("notices a clock that is %d ms off", async (offMs, status) => {
    world.time.nowMs = Date.now() + offMs;
    expect(await line("database")).toMatchObject({ status });
  });

  it("notices a vault key that is not the database's", async () => {
    const other = await startPeopleWorld(open, { company: world.company });
    const finding = await vaultCheck({
      database: other.database,
      vault: other.vault,
      keyring: keyring(false),
      held: noneHeld,
    }).look(world.time.nowMs);
    await other.stop();
    expect(finding).toMatchObject({ status: "broken", remedy: expect.stringMatching(/VAULT_KEY/) });
  });

  it("lists dead jobs and gives them another try, once", async () => {
    const id = await makeDeadJob();
    expect(await line("jobs")).toMatchObject({ status: "attention" });
    const browser = await world.signedIn("liuyang");
    const list = await browser.get("/api/admin/jobs/dead");
    expect(list.body).toMatchObject({
      jobs: [{ id, kind: "test.fail", attempts: 1, lastError: "TypeError" }],
    });
    expect((await browser.post(`/api/admin/jobs/${id}/retry`)).status).toBe(204);
    expect((await browser.post(`/api/admin/jobs/${id}/retry`)).status).toBe(404);
    expect((await browser.post("/api/admin/jobs/unknown/retry")).status).toBe(404);
    expect((await browser.get("/api/admin/jobs/dead")).body).toEqual({ jobs: [] });
  });

  it("refuses a retry that no page of ours asked for", async () => {
    const id = await makeDeadJob();
    const browser = await world.signedIn("liuyang");
    const answer = await fetch(`${world.address}/api/admin/jobs/${id}/retry`, {
      method: "POST",
      headers: { cookie: browser.cookieHeader(), origin: "https://evil.example" },
    });
    expect(answer.status).toBe(403);
    expect(await world.database.read.countBy(Job, { state: "dead" })).toBe(1);
  });

  it("notices jobs that nobody does", async () => {
    await world.database.write(async (tx) => {
      const runAtMs = (await world.database.nowMs(tx)) - 20 * MINUTE_MS;
      await world.jobs.enqueue(tx, "test.waits", {}, { runAtMs });
    });
    expect(await line("jobs")).toMatchObject({ status: "broken" });
  });

  it("answers machines without a session and without details", async () => {
    const browser = world.browser();
    expect(await browser.get("/healthz")).toMatchObject({ status: 200, text: "ok" });
    expect(await browser.get("/readyz")).toMatchObject({ status: 200, text: "ready" });
    const query = jest.spyOn(world.database.read, "query").mockRejectedValue(new Error("down"));
    expect(await browser.get("/readyz")).toMatchObject({ status: 503, text: "not ready" });
    query.mockReturnValue(new Promise(() => undefined));
    expect((await browser.get("/readyz")).status).toBe(503);
    expect((await browser.get("/healthz")).status).toBe(200);
    query.mockRestore();
  });
});
