import { z } from "zod";
import type { MyReview } from "#shared/contract/access-review";
import type { GrantableRole } from "#shared/contract/access";
import { composeAccessReview } from "../../../../server/src/compose/access-review.ts";
import { AccessReview } from "../../../../server/src/features/access-review/access-review.entity.ts";
import type { AccessReviews } from "../../../../server/src/features/access-review/access-review.service.ts";
import { AccessGrant } from "../../../../server/src/features/access/grant.entity.ts";
import { entities } from "../../../../server/src/entities.ts";
import { failStatement } from "../../../support/fail-statement.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { startPeopleWorld } from "../sign-in/people-world.ts";
import type { Browser, PeopleWorld } from "../sign-in/people-world.ts";

/** What the findings ask of others; they have a test of their own. */
const unused = {
  approvals: { permissionOf: () => undefined },
  conflicts: () => Promise.resolve([]),
};

const DAY_MS = 24 * 3600_000;

interface Card {
  toMemberIds: readonly string[];
  title: string;
  description: string;
}

forEachDatabase("access reviews", (open) => {
  let world: PeopleWorld;
  let reviews: AccessReviews;
  let security: Browser;
  let lead: Browser;
  let auditor: Browser;
  const cards: Card[] = [];
  /** The ledger of the tests before is not taken away. */
  let before: number | null = null;

  beforeEach(async () => {
    cards.splice(0);
    world = await startPeopleWorld(open, {
      adminMemberIds: ["liuyang"],
      addRoutes(routes, parts) {
        const part = composeAccessReview(parts, {
          ...parts,
          ...unused,
          messages: {
            pushTextCard(card) {
              cards.push(card);
              return Promise.resolve({ messageId: null, responseCode: null, invalidMemberIds: [] });
            },
          },
        });
        reviews = part.reviews;
        part.addRoutes(routes);
        part.registerJobs();
        parts.jobs.register({
          kind: "access.tell",
          payload: z.object({ memberId: z.string() }),
          run({ memberId }) {
            cards.push({ toMemberIds: [memberId], title: "权限有变化", description: "" });
            return Promise.resolve();
          },
        });
      },
    });
    await world.sync();
    [{ position: before } = { position: -1 }] = await world.database.read.query<
      { position: number | null }[]
    >("SELECT MAX(position) AS position FROM ledger_entry");
    // 张伟 leads 陈丽 and 吴昊; nobody leads 刘洋 and 周敏.
    await give("chenli-legal", "chenli", "legal");
    await give("wuhao-compliance", "wuhao", "compliance", [31]);
    await give("liuyang-security", "liuyang", "security_admin");
    await give("zhoumin-auditor", "zhoumin", "auditor");
    world.jobs.start();
    security = await world.signedIn("liuyang");
    lead = await world.signedIn("zhangwei");
    auditor = await world.signedIn("zhoumin");
  });
  afterEach(async () => {
    await world.jobs.stop();
    await world.stop();
  });

  async function give(
    id: string,
    memberId: string,
    role: GrantableRole,
    departmentIds: number[] | null = null,
  ): Promise<void> {
    await world.database.write((tx) =>
      tx.insert(AccessGrant, {
        id,
        memberId,
        role,
        departmentIds,
        state: "active",
        grantedBy: "liuyang",
        grantedAtMs: world.time.nowMs,
        endedAtMs: null,
        acceptedRisk: false,
        flaggedAtMs: null,
      }),
    );
  }

  const start = () => security.post("/api/admin/access-reviews");
  const mineOf = async (browser: Browser): Promise<MyReview> =>
    (await browser.get("/api/access-review")).body as MyReview;
  const itemOf = async (browser: Browser, grantId: string) =>
    (await mineOf(browser)).items.find((item) => item.grantId === grantId);
  const decide = async (browser: Browser, grantId: string, decision: object) =>
    browser.post(`/api/access-review/items/${(await itemIdOf(grantId))!}/decision`, decision);
  const itemIdOf = async (grantId: string) =>
    (
      await world.database.read.query<{ id: string }[]>(
        "SELECT id FROM access_review_item WHERE grant_id = ? ORDER BY id DESC LIMIT 1",
        [grantId],
      )
    )[0]?.id;
  const stateOf = async (grantId: string) =>
    (await world.database.read.findOneByOrFail(AccessGrant, { id: grantId })).state;
  const newest = async () => (await reviews.list()).reviews[0]!;
  /** The database's clock cannot be turned: the campaign is moved into the past instead. */
  async function passDays(days: number): Promise<void> {
    await world.jobs.idle();
    await world.database.write((tx) =>
      tx.query(
        "UPDATE access_review SET started_at_ms = started_at_ms - ?, due_at_ms = due_at_ms - ? WHERE open_slot = 'open'",
        [days * DAY_MS, days * DAY_MS],
      ),
    );
    await world.database.write((tx) => world.jobs.enqueue(tx, "access-review.look", {}));
    await world.jobs.idle();
  }
  const entriesOf = async (kind: string) =>
    await world.database.read.query<{ actor_id: string; object_id: string; details: string }[]>(
      "SELECT actor_id, object_id, details FROM ledger_entry WHERE kind = ? AND position > ? ORDER BY position",
      [kind, before ?? -1],
    );

  it("put every right before the person's manager, else the security administrators, never oneself", async () => {
    expect((await start()).status).toBe(201);
    const idsOf = async (browser: Browser) =>
      (await mineOf(browser)).items.map(({ grantId }) => grantId).sort();
    expect(await idsOf(lead)).toEqual(
      ["chenli-legal", "liuyang-security", "wuhao-compliance"]
        .slice(0, 1)
        .concat("wuhao-compliance"),
    );
    expect(await idsOf(security)).toEqual(["zhoumin-auditor"]);
    expect(await idsOf(await world.signedIn("chenli"))).toEqual([]);
    const { items } = await reviews.get((await newest()).id);
    expect(items.find(({ grantId }) => grantId === "liuyang-security")!.reviewerNames).toEqual([]);
    await world.jobs.idle();
    expect(cards.map(({ toMemberIds, title }) => [toMemberIds, title])).toEqual(
      expect.arrayContaining([
        [["zhangwei"], "有 2 项权限等你复核"],
        [["liuyang"], "有 1 项权限等你复核"],
      ]),
    );
    expect(cards).toHaveLength(2);
  });

  it("keep and end rights on record, with a reason, and close with a report", async () => {
    await start();
    expect((await decide(lead, "chenli-legal", { decision: "kept" })).status).toBe(200);
    const unsaid = await decide(lead, "wuhao-compliance", { decision: "ended" });
    expect(unsaid.body).toMatchObject({ code: "invalid_request" });
    const holder = await world.signedIn("wuhao");
    const ended = await decide(lead, "wuhao-compliance", {
      decision: "ended",
      reason: "=已经换了岗位",
    });
    expect((ended.body as MyReview).items).toEqual([]);
    expect(await stateOf("wuhao-compliance")).toBe("revoked");
    expect((await holder.get("/api/session")).status).toBe(401);
    expect((await decide(lead, "wuhao-compliance", { decision: "kept" })).body).toMatchObject({
      code: "already_decided",
    });
    await decide(security, "zhoumin-auditor", { decision: "kept", reason: "还在做" });
    expect((await newest()).closedAtMs).toBeNull();
    await world.database.write((tx) =>
      tx.update(AccessGrant, { id: "liuyang-security" }, { state: "revoked" }),
    );
    await passDays(0);
    const { id, counts, closedAtMs } = await newest();
    expect(closedAtMs).not.toBeNull();
    expect(counts).toEqual({ waiting: 0, kept: 2, ended: 1, suspended: 0, gone: 1 });
    const report = await auditor.get(`/api/admin/access-reviews/${id}/report.csv`);
    expect(report.headers["content-type"]).toContain("text/csv");
    expect(report.text).toContain('"\'=已经换了岗位"');
    const [entry] = await entriesOf("access_review.ended");
    expect(entry).toMatchObject({ actor_id: "zhangwei" });
    expect(JSON.parse(entry!.details)).toMatchObject({ grant: "wuhao-compliance", late: false });
    expect(JSON.parse((await entriesOf("access.revoked"))[0]!.details)).toMatchObject({
      because: "review",
    });
    expect(await entriesOf("access_review.closed")).toHaveLength(1);
    expect(cards.some(({ title }) => title === "权限复核已结束")).toBe(true);
  });

  it("show nobody else's, and decide nobody else's", async () => {
    await start();
    expect((await decide(security, "chenli-legal", { decision: "kept" })).status).toBe(404);
    const holder = await world.signedIn("chenli");
    expect((await decide(holder, "chenli-legal", { decision: "kept" })).status).toBe(404);
    expect((await holder.get("/api/admin/access-reviews")).status).toBe(403);
    expect((await holder.post("/api/admin/access-reviews")).status).toBe(403);
    world.time.nowMs += 6 * 60_000;
    expect((await decide(lead, "chenli-legal", { decision: "kept" })).body).toMatchObject({
      code: "step_up_needed",
    });
  });

  it("are one at a time, also when two servers begin", async () => {
    const other = await open(entities);
    const again = composeAccessReview(
      { ...world, database: other },
      {
        ...world,
        ...unused,
        messages: { pushTextCard: () => Promise.reject(new Error("unused")) },
      },
    );
    const both = await Promise.allSettled([
      reviews.start("quarterly", "system"),
      again.reviews.start("quarterly", "system"),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await start()).body).toMatchObject({ code: "review_under_way" });
    expect(await world.database.read.countBy(AccessReview, {})).toBe(1);
  });

  it("begin by themselves each quarter, and not while another runs or nothing is held", async () => {
    const begin = async () => {
      await world.database.write((tx) => world.jobs.enqueue(tx, "access-review.start", {}));
      await world.jobs.idle();
    };
    await begin();
    expect(await newest()).toMatchObject({ kind: "quarterly", startedByName: null });
    await begin();
    expect((await reviews.list()).reviews).toHaveLength(1);
    await passDays(14);
    await world.database.write((tx) => tx.query("UPDATE access_grant SET state = 'revoked'"));
    await begin();
    expect((await reviews.list()).reviews).toHaveLength(1);
    expect(await world.jobs.listDead()).toEqual([]);
  });

  it("remind those who have not answered, fewer times the longer it is", async () => {
    await start();
    await world.jobs.idle();
    cards.splice(0);
    await passDays(6);
    expect(cards).toEqual([]);
    await passDays(1);
    expect(cards.map(({ toMemberIds }) => toMemberIds[0]).sort()).toEqual(["liuyang", "zhangwei"]);
    await passDays(0);
    expect(cards).toHaveLength(2);
    await decide(security, "zhoumin-auditor", { decision: "kept" });
    cards.splice(0);
    await passDays(4);
    expect(cards.map(({ toMemberIds }) => toMemberIds[0])).toEqual(["zhangwei"]);
    expect(cards[0]!.description).toContain("3 天内");
  });

  it("suspend after 14 days what nobody answered, and tell the person and the administrators", async () => {
    await start();
    await decide(lead, "chenli-legal", { decision: "kept" });
    const holder = await world.signedIn("wuhao");
    await passDays(13);
    expect(await stateOf("wuhao-compliance")).toBe("active");
    cards.splice(0);
    await passDays(1);
    expect(await stateOf("chenli-legal")).toBe("active");
    expect(await stateOf("wuhao-compliance")).toBe("suspended");
    expect((await holder.get("/api/session")).status).toBe(401);
    expect((await world.access.standingOf("wuhao")).permissions.has("conversation.read")).toBe(
      false,
    );
    expect(cards).toContainEqual(
      expect.objectContaining({ toMemberIds: ["wuhao"], title: "你的合规专员权限已暂停" }),
    );
    // Nobody is locked out: the administrators of the settings hold what nobody holds any more.
    expect(cards.find(({ title }) => title === "权限复核已结束")!.toMemberIds).toEqual(["liuyang"]);
    expect(await entriesOf("access.suspended")).toHaveLength(3);
    const counts = (await newest()).counts;
    expect(counts).toEqual({ waiting: 0, kept: 1, ended: 0, suspended: 3, gone: 0 });
  });

  it("give a suspended right back with a late answer that says why, unless it must not be held any more", async () => {
    await start();
    await passDays(14);
    const late = await itemOf(lead, "wuhao-compliance");
    expect(late).toMatchObject({ state: "suspended" });
    const silent = await decide(lead, "wuhao-compliance", { decision: "kept" });
    expect(silent.body).toMatchObject({ fields: { reason: expect.stringContaining("为什么") } });
    const reason = "休假，回来还要用";
    const given = await decide(lead, "wuhao-compliance", { decision: "kept", reason });
    expect(given.status).toBe(200);
    expect(await stateOf("wuhao-compliance")).toBe("active");
    expect(await entriesOf("access.restored")).toHaveLength(1);
    // 陈丽 audits now: what she held before does not go with it.
    await give("chenli-auditor", "chenli", "auditor");
    const refused = await decide(lead, "chenli-legal", { decision: "kept", reason });
    expect(refused.body).toMatchObject({
      fields: { decision: "审计员不能再有会改动数据的角色" },
    });
    expect((await decide(lead, "chenli-legal", { decision: "ended", reason })).status).toBe(200);
    expect(await stateOf("chenli-legal")).toBe("revoked");
  });

  it("give back one of two rights that go ill together, also at the same moment", async () => {
    await give("chenli-auditor", "chenli", "auditor");
    await start();
    await passDays(14);
    const wish = { decision: "kept", reason: "休假，回来还要用" };
    const answers = await Promise.all([
      decide(lead, "chenli-legal", wish),
      decide(lead, "chenli-auditor", wish),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  it("do not give back what was given anew meanwhile", async () => {
    await start();
    await passDays(14);
    await give("chenli-again", "chenli", "legal");
    const again = await decide(lead, "chenli-legal", {
      decision: "kept",
      reason: "休假，回来还要用",
    });
    expect(again.body).toMatchObject({ fields: { decision: "已经重新授予过这个角色" } });
  });

  it("put those who have moved first, and ask why they keep it", async () => {
    world.company.members.find(({ userid }) => userid === "wuhao")!.department = [31, 3];
    await world.sync();
    await start();
    const { items } = await mineOf(lead);
    expect(items.map(({ grantId }) => grantId)).toEqual(["wuhao-compliance", "chenli-legal"]);
    expect((await decide(lead, "wuhao-compliance", { decision: "kept" })).status).toBe(400);
    await decide(lead, "wuhao-compliance", { decision: "kept", reason: "新岗位也要用" });
    const grant = await world.database.read.findOneByOrFail(AccessGrant, {
      id: "wuhao-compliance",
    });
    expect(grant.flaggedAtMs).toBeNull();
  });

  it("go on with the new manager, and without who has left", async () => {
    await start();
    world.company.members.find(({ userid }) => userid === "zhangwei")!.is_leader_in_dept = [0];
    world.company.members = world.company.members.filter(({ userid }) => userid !== "ChenLi");
    world.time.nowMs += 1000;
    await world.sync();
    world.time.nowMs += 5000;
    expect((await mineOf(lead)).items).toEqual([]);
    const ids = (await mineOf(auditor)).items.map(({ grantId }) => grantId);
    expect(ids).toEqual(["wuhao-compliance"]);
    expect((await newest()).counts).toMatchObject({ gone: 1 });
  });

  it("let one of two decisions through", async () => {
    await start();
    const answers = await Promise.all([
      decide(lead, "chenli-legal", { decision: "kept" }),
      decide(lead, "chenli-legal", { decision: "ended", reason: "不再需要了" }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const state = await stateOf("chenli-legal");
    const [entries] = [
      await entriesOf(state === "active" ? "access_review.kept" : "access_review.ended"),
    ];
    expect(entries).toHaveLength(1);
  });

  it("are closed whole or not at all, whichever statement fails", async () => {
    await start();
    await world.jobs.idle();
    const { id } = await newest();
    for (let n = 1; ; n += 1) {
      const failing = failStatement(world.database, n).database;
      const failed = await failing
        .write((tx) => reviews.close(tx, id))
        .then(
          () => false,
          () => true,
        );
      if (!failed) break;
      expect((await newest()).counts).toMatchObject({ waiting: 4, suspended: 0 });
    }
    expect((await newest()).counts).toMatchObject({ waiting: 0, suspended: 4 });
    await world.database.write((tx) => reviews.close(tx, id));
    expect(await entriesOf("access_review.closed")).toHaveLength(1);
  });
});
