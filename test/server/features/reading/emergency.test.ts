import type { EmergencyList, EmergencyView, OwnEmergency } from "#shared/contract/emergency";
import type { ConversationList, MessagePage, OwnReadings } from "#shared/contract/reading";
import { dayAfterWorkingDays, defaultPlan, openCalendar } from "#shared/working-calendar";
import { AccessGrant } from "../../../../server/src/features/access/grant.entity.ts";
import { emergencyCheck } from "../../../../server/src/features/health/emergency-check.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { signIn } from "../sign-in/people-world.ts";
import type { Browser } from "../sign-in/people-world.ts";
import {
  MINUTE_MS,
  openResults,
  PURPOSE,
  readOutcome,
  startReading,
  startReadingWorld,
  startSearch,
} from "./reading-world.ts";
import type { ReadingWorld, Said } from "./reading-world.ts";

const HOUR_MS = 60 * MINUTE_MS;
const A = "s:chenli:wmA";
const B = "s:wuhao:wmB";
const REASON = "有人正在冒充客户套取报价，需要立即核对聊天内容";

describe("two working days", () => {
  const days = openCalendar(defaultPlan);
  it.each([
    ["2026-11-23T10:00:00+08:00", "2026-11-26T00:00:00+08:00"],
    ["2026-11-26T23:59:59+08:00", "2026-12-01T00:00:00+08:00"],
    ["2026-11-28T10:00:00+08:00", "2026-12-02T00:00:00+08:00"],
    // The seven days of 国庆, and the Saturday after on which people work.
    ["2026-09-30T10:00:00+08:00", "2026-10-10T00:00:00+08:00"],
  ])("after %s are over at %s", (from, to) => {
    expect(new Date(dayAfterWorkingDays(Date.parse(from), 2, days)).toISOString()).toBe(
      new Date(to).toISOString(),
    );
  });
});

forEachDatabase("reading in an emergency", (open) => {
  let world: ReadingWorld;
  /** 何平 is 法务 and leads nobody; 林晓燕 protects personal information; 徐杰 is 合规 of another department. */
  let legal: Browser;
  let officer: Browser;
  let compliance: Browser;

  beforeEach(async () => {
    world = await startReadingWorld(open);
    world.jobs.start();
    const grants = { heping: "legal", linxiaoyan: "data_protection_officer", xujie: "compliance" };
    await world.database.write(async (tx) => {
      for (const [memberId, role] of Object.entries(grants))
        await tx.insert(AccessGrant, {
          id: memberId,
          memberId,
          role: role as AccessGrant["role"],
          departmentIds: role === "compliance" ? [4] : null,
          state: "active",
          grantedBy: "test",
          grantedAtMs: world.time.nowMs,
          endedAtMs: null,
          acceptedRisk: false,
          flaggedAtMs: null,
        });
    });
    const atMs = world.time.nowMs - 24 * HOUR_MS;
    await world.archive([
      ...Array.from({ length: 60 }, (_, index): Said => ({
        from: "ChenLi",
        to: "wmA",
        text: `第${index}句，关于合同`,
        atMs: atMs + index,
      })),
      { from: "wuhao", to: "wmB", text: "关于合同", atMs },
    ]);
    [legal, officer, compliance] = (await Promise.all(
      ["heping", "linxiaoyan", "xujie"].map(async (id) => world.signedIn(id)),
    )) as [Browser, Browser, Browser];
  });
  afterEach(async () => {
    await world.jobs.stop();
    await world.stop();
  });

  const ask = (more: object = {}, browser = legal) =>
    browser.post("/api/emergencies", {
      cause: "incident",
      memberIds: ["chenli"],
      hours: 2,
      reason: REASON,
      ...more,
    });
  const begin = async (more: object = {}): Promise<EmergencyView> => {
    const answer = await ask(more);
    expect(answer.status).toBe(201);
    return answer.body as EmergencyView;
  };
  const review = (id: string, browser: Browser, verdict = "justified") =>
    browser.post(`/api/emergencies/${id}/review`, { verdict, note: "事后核对过，属实" });
  const conversationsOf = (browser: Browser) => browser.get("/api/manager/conversations");
  const acts = async (): Promise<string[]> =>
    (
      await world.database.read.query<{ kind: string }[]>(
        "SELECT kind FROM ledger_entry WHERE kind LIKE 'emergency.%' ORDER BY position",
      )
    ).map(({ kind }) => kind);

  it("opens the named members' chats at once, whole, and nobody else's", async () => {
    expect((await conversationsOf(legal)).status).toBe(403);
    const opened = await begin();
    expect(opened).toMatchObject({
      state: "open",
      memberNames: ["陈丽"],
      approvedByName: null,
      endsAtMs: world.time.nowMs + 2 * HOUR_MS,
      mayEnd: true,
      mayReview: false,
    });
    const list = (await conversationsOf(legal)).body as ConversationList;
    expect(list.conversations.map(({ id }) => id)).toEqual([A]);
    const reading = await startReading(legal, A);
    const page = await legal.get(`/api/manager/readings/${reading.id}/messages`);
    expect((page.body as MessagePage).messages).toHaveLength(50);
    const other = await legal.post("/api/manager/readings", {
      conversationId: B,
      purpose: PURPOSE,
    });
    expect(other.status).toBe(404);
    const own = (await legal.get("/api/session/emergency")).body as OwnEmergency;
    expect(own.emergency).toMatchObject({ readerName: "何平", memberNames: ["陈丽"] });
    expect((await officer.get("/api/session/emergency")).body).toEqual({ emergency: null });
    expect((await ask()).body).toMatchObject({ code: "already_asked" });
    world.time.nowMs += 2 * HOUR_MS - 1;
    await signIn(world.company, legal, "heping");
    expect((await conversationsOf(legal)).status).toBe(200);
    world.time.nowMs += 1;
    expect((await conversationsOf(legal)).status).toBe(403);
    expect((await legal.get(`/api/manager/readings/${reading.id}/messages`)).status).toBe(403);
    await world.database.write((tx) => world.emergencies.expire(tx));
    expect((await acts()).slice(-2)).toEqual(["emergency.opened", "emergency.ended"]);
  });

  it("is told at once to managers and those who review, and to the member", async () => {
    await begin();
    await world.jobs.idle();
    const told = new Set(world.cards.flatMap(({ toMemberIds }) => toMemberIds));
    expect([...told].sort()).toEqual(["linxiaoyan", "liuyang", "xujie", "zhangwei"]);
    expect(world.cards[0]).toMatchObject({ title: "何平开启了紧急访问" });
    expect(world.cards[0]!.description).toContain("陈丽");
    expect(JSON.stringify(world.cards)).not.toContain(REASON);
    await startReading(legal, A);
    const own = (await (await world.signedIn("chenli")).get("/api/session/readings"))
      .body as OwnReadings;
    expect(own.readings.map(({ kind, purpose }) => [kind, purpose])).toEqual(
      expect.arrayContaining([
        ["emergency", REASON],
        ["conversation", PURPOSE],
      ]),
    );
  });

  it("waits for a second person where nothing is happening just now", async () => {
    const asked = await begin({ cause: "complaint" });
    expect(asked).toMatchObject({ state: "waiting", endsAtMs: null });
    expect((await conversationsOf(legal)).status).toBe(403);
    const { body } = await officer.get("/api/approvals");
    const [approval] = (body as { approvals: { id: string; title: string }[] }).approvals;
    expect(approval!.title).toContain("陈丽");
    const path = `/api/approvals/${approval!.id}/decision`;
    expect((await legal.post(path, { decision: "approved" })).body).toMatchObject({
      code: "own_request",
    });
    world.time.nowMs += HOUR_MS / 12;
    await signIn(world.company, officer, "linxiaoyan");
    expect((await officer.post(path, { decision: "approved" })).status).toBe(200);
    expect((await conversationsOf(legal)).status).toBe(200);
    // Who said yes is not another person any more.
    expect((await review(asked.id, officer)).status).toBe(403);
    expect((await review(asked.id, compliance)).status).toBe(200);
  });

  it("ends with the button, in the middle of a search, for good", async () => {
    const { id } = await begin();
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    world.watch.onStep = () => gate;
    const { id: searchId } = await startSearch(legal, "找不到的话");
    const { answer } = await openResults(world, legal, searchId);
    expect((await legal.post(`/api/emergencies/${id}/end`)).status).toBe(200);
    let all = "";
    for await (const chunk of answer) all += String(chunk);
    release();
    expect(readOutcome(all).done).toBeUndefined();
    expect((await conversationsOf(legal)).status).toBe(403);
    expect((await legal.post(`/api/emergencies/${id}/end`)).status).toBe(409);
  });

  it("ends by the clock in the middle of a search", async () => {
    await begin();
    const { id } = await startSearch(legal, "合同");
    world.watch.onStep = () => {
      world.time.nowMs += 2 * HOUR_MS;
    };
    const { answer } = await openResults(world, legal, id);
    let all = "";
    for await (const chunk of answer) all += String(chunk);
    expect(readOutcome(all)).toMatchObject({ found: [], done: undefined });
  });

  it("ends with a change of rights", async () => {
    await begin();
    await world.database.write((tx) => world.emergencies.endAllOf(tx, ["heping"]));
    expect((await conversationsOf(legal)).status).toBe(403);
  });

  it("is reviewed once, by another; late is an alarm; wrong ends it", async () => {
    const { id, reviewDueAtMs } = await begin();
    expect((await review(id, legal)).body).toMatchObject({ code: "own_request" });
    expect((await review(id, await world.signedIn("zhangwei"))).status).toBe(403);
    const check = emergencyCheck(world.emergencies);
    expect(await check.look(0)).toMatchObject({ status: "attention" });
    world.time.nowMs = reviewDueAtMs!;
    expect(await check.look(0)).toMatchObject({ status: "broken" });
    await world.database.write((tx) => world.jobs.enqueue(tx, "emergency.remind", {}));
    await world.jobs.idle();
    expect(world.cards.at(-1)).toMatchObject({ title: "有 1 次紧急访问超期没有复核" });
    await signIn(world.company, compliance, "xujie");
    const { emergencies } = (await compliance.get("/api/emergencies")).body as EmergencyList;
    expect(emergencies).toMatchObject([{ id, reason: REASON, isOverdue: true, mayReview: true }]);
    expect((await review(id, compliance)).body).toMatchObject({
      verdict: "justified",
      reviewedByName: "徐杰",
    });
    expect((await review(id, compliance)).body).toMatchObject({ code: "already_decided" });
    expect(await check.look(0)).toMatchObject({ status: "ok" });
    await world.jobs.idle();
    expect(world.cards.at(-1)).toMatchObject({ toMemberIds: ["heping"] });
  });

  it("is closed by a review that finds it wrong", async () => {
    const { id } = await begin();
    expect((await review(id, compliance, "unjustified")).body).toMatchObject({ state: "ended" });
    expect((await conversationsOf(legal)).status).toBe(403);
    const expected = ["emergency.opened", "emergency.ended", "emergency.reviewed"];
    // The record of the tests before stays.
    expect((await acts()).slice(-3)).toEqual(expected);
  });

  it("is refused without a real reason, for oneself, for too long, and to who may not", async () => {
    expect((await ask({ reason: "看看" })).status).toBe(400);
    expect((await ask({ hours: 5 })).status).toBe(400);
    expect((await ask({ memberIds: [] })).status).toBe(400);
    expect((await ask({ memberIds: ["heping"] })).status).toBe(400);
    expect((await ask({ memberIds: ["nobody"] })).status).toBe(400);
    expect((await ask({}, await world.signedIn("zhangwei"))).status).toBe(403);
    world.time.nowMs += 6 * MINUTE_MS;
    expect((await ask()).body).toMatchObject({ code: "step_up_needed" });
    await signIn(world.company, legal, "heping");
    await world.database.write((tx) =>
      tx.update(AccessGrant, { id: "xujie" }, { state: "revoked" }),
    );
    await world.database.write((tx) =>
      tx.update(AccessGrant, { id: "linxiaoyan" }, { state: "revoked" }),
    );
    expect((await ask()).body).toMatchObject({ code: "no_reading_approver" });
    expect((await (await world.signedIn("wuhao")).get("/api/emergencies")).body).toMatchObject({
      emergencies: [],
    });
  });
});
