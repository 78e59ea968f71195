import { pino } from "pino";
import { z } from "zod";
import type { ApprovalList, ApprovalSummary, ApprovalView } from "#shared/contract/approval";
import { entities } from "../../../../server/src/entities.ts";
import {
  enqueueTellDeciders,
  enqueueTellRequester,
  registerApprovalJobs,
} from "../../../../server/src/features/approvals/approvals.jobs.ts";
import { addApprovalRoutes } from "../../../../server/src/features/approvals/approvals.routes.ts";
import { createApprovals } from "../../../../server/src/features/approvals/approvals.service.ts";
import type {
  Approved,
  Approvals,
} from "../../../../server/src/features/approvals/approvals.service.ts";
import type { Actor } from "../../../../server/src/features/sign-in/actor.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { AppError } from "../../../../server/src/platform/http/app-error.ts";
import { createJobs } from "../../../../server/src/platform/jobs/jobs.ts";
import type { Jobs } from "../../../../server/src/platform/jobs/jobs.ts";
import { createVault } from "../../../../server/src/platform/vault/vault.ts";
import { createTestApi, person, sales } from "../../../support/test-api.ts";
import type { TestApi } from "../../../support/test-api.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";
import { kek } from "../archive/archive-world.ts";

interface Card {
  toMemberIds: readonly string[];
  title: string;
  description: string;
}

interface Payload {
  revision: number;
  benefits?: string | undefined;
}

const DAY_MS = 24 * 3600_000;
const asker = person("linxia", "林夏", ["compliance"]);
const decider = person("hejun", "何军", ["security_admin"]);
const second = person("tangyu", "唐宇", ["security_admin"]);

forEachDatabase("approvals", (open) => {
  let database: Database;
  let jobs: Jobs;
  let approvals: Approvals;
  let api: TestApi;
  const time = { nowMs: 0 };
  const cards: Card[] = [];
  const carriedOut: Approved<Payload>[] = [];
  const ended: Payload[] = [];
  let failure: Error | null = null;

  beforeAll(async () => {
    database = await open(entities);
    const clock = { now: () => time.nowMs };
    jobs = createJobs(database, pino({ level: "silent" }));
    const members = {
      namesOf: () =>
        Promise.resolve(new Map([asker, decider, second].map((one) => [one.memberId, one.name]))),
    };
    approvals = createApprovals({
      database,
      vault: createVault(database, kek, clock),
      clock,
      access: {
        holdersOf: () => Promise.resolve([asker, decider, second].map((one) => one.memberId)),
      },
      members,
      onRequested: (tx, id) => enqueueTellDeciders(jobs, tx, id),
      onEnded: (tx, id) => enqueueTellRequester(jobs, tx, id),
    });
    approvals.register<Payload>({
      kind: "test.publish",
      permission: "rule.publish",
      payload: z.strictObject({ revision: z.number(), benefits: z.string().optional() }),
      validMs: DAY_MS,
      describe: ({ payload }) =>
        Promise.resolve({ title: `发布第 ${payload.revision} 版`, path: "/admin/rules" }),
      excludes: ({ payload }) => (payload.benefits === undefined ? [] : [payload.benefits]),
      async onApproved(tx, approved) {
        await tx.query(
          "INSERT INTO live_event (id, topic, payload, created_at_ms) VALUES (?, 't', '{}', 0)",
          [approved.id],
        );
        if (failure) throw failure;
        carriedOut.push(approved);
      },
      onEnded: (_tx, { payload }) => {
        ended.push(payload);
        return Promise.resolve();
      },
    });
    registerApprovalJobs({
      jobs,
      approvals,
      members,
      messages: {
        pushTextCard: (card) => {
          cards.push(card);
          return Promise.resolve({ messageId: null, responseCode: null, invalidMemberIds: [] });
        },
      },
      publicUrl: "https://wecom.example.com",
    });
    api = createTestApi((routes) => addApprovalRoutes(routes, approvals));
    jobs.start();
  });
  afterAll(() => jobs.stop());

  beforeEach(async () => {
    await emptyTables(database);
    time.nowMs = Date.parse("2026-11-23T12:00:00+08:00");
    failure = null;
    for (const list of [cards, carriedOut, ended]) list.splice(0);
  });

  const ask = (payload: Payload = { revision: 7 }, requestedBy = asker.memberId): Promise<string> =>
    database.write((tx) =>
      approvals.request(tx, {
        kind: "test.publish",
        objectId: "rules",
        payload,
        reason: "新的广告法要求",
        requestedBy,
      }),
    );
  const decide = (actor: Actor, id: string, decision = "approved", note = "") =>
    api.send(actor, "post", `/api/approvals/${id}/decision`, { decision, note });
  const list = async (actor: Actor, query = ""): Promise<ApprovalList> =>
    (await api.get(actor, `/api/approvals${query}`)).body as ApprovalList;
  const entries = (id: string) =>
    database.read.query<{ kind: string; actor_id: string; object_id: string }[]>(
      "SELECT kind, actor_id, object_id FROM ledger_entry WHERE object_id = ? ORDER BY position",
      [id],
    );
  const effects = async (): Promise<number> =>
    (await database.read.query<unknown[]>("SELECT id FROM live_event")).length;

  it("carries out once what a second person approves, and tells everybody", async () => {
    const id = await ask();
    await jobs.idle();
    expect(cards).toEqual([
      expect.objectContaining({
        toMemberIds: [decider.memberId, second.memberId],
        description: "林夏申请：发布第 7 版",
      }),
    ]);
    const answer = await decide(decider, id, "approved", "看过了");
    expect(answer.body).toMatchObject({
      state: "approved",
      title: "发布第 7 版",
      reason: "新的广告法要求",
      note: "看过了",
      decidedByName: "何军",
      mayDecide: false,
    } satisfies Partial<ApprovalView>);
    expect((await decide(second, id)).body).toMatchObject({ code: "already_decided" });
    expect(carriedOut).toEqual([
      expect.objectContaining({
        id,
        requestedBy: "linxia",
        decidedBy: "hejun",
        payload: { revision: 7 },
      }),
    ]);
    await jobs.idle();
    expect(cards.at(-1)).toMatchObject({ toMemberIds: ["linxia"], title: "你的申请已同意" });
    expect(await entries(id)).toEqual([
      { kind: "approval.requested", actor_id: "linxia", object_id: id },
      { kind: "approval.approved", actor_id: "hejun", object_id: id },
    ]);
  });

  it("lets one of two who decide at the same time through", async () => {
    const id = await ask();
    const answers = await Promise.all([decide(decider, id), decide(second, id, "refused", "不行")]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(carriedOut.length + ended.length).toBe(1);
    expect((await entries(id)).length).toBe(2);
  });

  it("lets nobody decide what they asked for, nor what benefits them", async () => {
    const own = await ask({ revision: 1 }, decider.memberId);
    expect((await decide(decider, own)).body).toMatchObject({ code: "own_request" });
    const id = await ask({ revision: 2, benefits: decider.memberId });
    expect((await decide(decider, id)).status).toBe(404);
    expect((await list(decider)).approvals.map((one) => one.id)).toEqual([own]);
    expect(await list(decider)).toMatchObject({ toDecide: 0 });
    expect(await list(second)).toMatchObject({ toDecide: 2 });
    await jobs.idle();
    expect(cards.map(({ toMemberIds }) => toMemberIds)).toEqual(
      expect.arrayContaining([["linxia", "tangyu"], ["tangyu"]]),
    );
  });

  it("shows it to nobody else, and does not say whether there is one", async () => {
    const id = await ask();
    for (const path of [`/api/approvals/${id}`, "/api/approvals/unknown"])
      expect((await api.get(sales, path)).status).toBe(404);
    expect((await decide(sales, id)).status).toBe(404);
    expect(await list(sales)).toEqual({ approvals: [], nextCursor: null, toDecide: 0 });
    expect((await api.get(null, "/api/approvals")).status).toBe(401);
  });

  it("runs out, even before the clock has passed by", async () => {
    const id = await ask();
    time.nowMs += DAY_MS;
    expect((await api.get(asker, `/api/approvals/${id}`)).body).toMatchObject({ state: "expired" });
    expect((await decide(decider, id)).body).toMatchObject({ code: "already_decided" });
    expect((await list(decider)).approvals).toEqual([]);
    expect((await list(decider, "?state=ended")).approvals).toHaveLength(1);
    await database.write((tx) => approvals.expire(tx));
    await jobs.idle();
    expect(ended).toEqual([{ revision: 7 }]);
    expect(cards.at(-1)).toMatchObject({ title: "你的申请已过期，没有人处理" });
    expect((await entries(id)).at(-1)).toMatchObject({
      kind: "approval.expired",
      actor_id: "system",
    });
  });

  it("is withdrawn by the one who asked alone", async () => {
    const id = await ask();
    const withdraw = (actor: Actor) => api.send(actor, "post", `/api/approvals/${id}/withdraw`);
    expect((await withdraw(decider)).body).toMatchObject({ code: "not_allowed" });
    expect((await withdraw(asker)).body).toMatchObject({ state: "withdrawn" });
    expect((await withdraw(asker)).status).toBe(409);
    expect((await decide(decider, id)).status).toBe(409);
    expect(carriedOut).toEqual([]);
  });

  it("asks for a reason to refuse", async () => {
    const id = await ask();
    const answer = await decide(decider, id, "refused");
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ fields: { note: "请写明为什么不同意" } });
    expect((await decide(decider, id, "refused", "还没有试过")).body).toMatchObject({
      state: "refused",
      note: "还没有试过",
    });
    expect(carriedOut).toEqual([]);
    expect(ended).toEqual([{ revision: 7 }]);
  });

  it("goes on waiting when it cannot be carried out, and nothing of it stays", async () => {
    const id = await ask();
    failure = new AppError("edited_meanwhile");
    expect((await decide(decider, id)).body).toMatchObject({ code: "edited_meanwhile" });
    expect((await api.get(decider, `/api/approvals/${id}`)).body).toMatchObject({
      mayDecide: true,
    });
    expect(await effects()).toBe(0);
    expect((await entries(id)).length).toBe(1);
    failure = null;
    expect((await decide(decider, id)).status).toBe(200);
    expect(await effects()).toBe(1);
  });

  it("takes no payload that the kind does not know, nor a kind that nobody carries out", async () => {
    await expect(ask({ revision: "7" } as never)).rejects.toThrow();
    await expect(
      database.write((tx) =>
        approvals.request(tx, {
          kind: "test.unknown",
          objectId: "x",
          payload: {},
          reason: "随便看看",
          requestedBy: "linxia",
        }),
      ),
    ).rejects.toThrow("nobody carries out");
    expect(await list(decider)).toMatchObject({ approvals: [], toDecide: 0 });
  });

  it("pages through everything once, newest first, and counts what is on no page too", async () => {
    for (let n = 0; n < 45; n += 1) {
      time.nowMs += n % 3 === 0 ? 1000 : 0;
      await ask({ revision: n });
    }
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: ApprovalList = await list(decider, cursor && `?cursor=${cursor}`);
      expect(page.toDecide).toBe(45);
      seen.push(...page.approvals.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen.length).toBe(45);
    expect(new Set(seen).size).toBe(45);
    expect((await api.get(decider, "/api/approvals?cursor=x")).status).toBe(400);
  });

  it("tells the navigation who is concerned", async () => {
    const summaryOf = async (actor: Actor): Promise<ApprovalSummary> =>
      (await api.get(actor, "/api/approvals/summary")).body as ApprovalSummary;
    expect(await summaryOf(sales)).toEqual({ isConcerned: false, toDecide: 0 });
    await ask({ revision: 1 }, sales.memberId);
    expect(await summaryOf(sales)).toEqual({ isConcerned: true, toDecide: 0 });
    expect(await summaryOf(decider)).toEqual({ isConcerned: true, toDecide: 1 });
  });

  it("keeps what people wrote sealed", async () => {
    const id = await ask();
    await decide(decider, id, "refused", "还没有试过");
    const rows = await database.read.query("SELECT * FROM approval");
    const text = JSON.stringify(rows, (_key, value: unknown) =>
      Buffer.isBuffer(value) ? value.toString("utf8") : value,
    );
    expect(text).not.toContain("广告法");
    expect(text).not.toContain("试过");
  });
});
