import { randomBytes } from "node:crypto";
import { pino } from "pino";
import type { ApprovalList } from "#shared/contract/approval";
import type { RuleDraft, RuleView } from "#shared/contract/rule";
import type { RuleChanges, VersionList } from "#shared/contract/rule-set";
import { entities } from "../../../../server/src/entities.ts";
import { addApprovalRoutes } from "../../../../server/src/features/approvals/approvals.routes.ts";
import { createApprovals } from "../../../../server/src/features/approvals/approvals.service.ts";
import { createRuleProposals } from "../../../../server/src/features/rules/rule-proposals.ts";
import { addRuleRoutes } from "../../../../server/src/features/rules/rules.routes.ts";
import { createRules } from "../../../../server/src/features/rules/rules.service.ts";
import type { Rules } from "../../../../server/src/features/rules/rules.service.ts";
import { systemClock } from "../../../../server/src/platform/clock.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { createLiveEvents } from "../../../../server/src/platform/events/live-events.ts";
import { createVault } from "../../../../server/src/platform/vault/vault.ts";
import type { Actor } from "../../../../server/src/features/sign-in/actor.ts";
import { admin, createTestApi, sales } from "../../../support/test-api.ts";
import type { TestApi } from "../../../support/test-api.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";

const draft: RuleDraft = {
  title: "承诺收益",
  category: "理财",
  level: "forbidden",
  speaker: "member",
  words: ["保本保息"],
  exceptions: [],
  clause: "《广告法》第二十五条",
  reason: "不得对收益作保证性承诺。",
  suggestion: "历史业绩不代表未来收益。",
  isConfidential: false,
};
const second: Actor = { ...admin, memberId: "shenxin", name: "沈欣" };
const reason = "补上漏掉的说法";

forEachDatabase("publishing rules", (open) => {
  let database: Database;
  let rules: Rules;
  let api: TestApi;
  const told: number[] = [];
  beforeAll(async () => {
    database = await open(entities);
  });
  beforeEach(async () => {
    await emptyTables(database);
    told.length = 0;
    const log = pino({ level: "silent" });
    const names = new Map([
      ["liuyang", "刘洋"],
      ["shenxin", "沈欣"],
    ]);
    const ground = {
      database,
      log,
      clock: systemClock,
      events: createLiveEvents(database, log),
      vault: createVault(database, { id: "test", key: randomBytes(32) }, systemClock),
      members: { namesOf: () => Promise.resolve(names) },
    };
    const done = () => Promise.resolve();
    rules = createRules({ ...ground, onRuleFailed: done, onPublished: done });
    const access = { holdersOf: () => Promise.resolve([]) };
    const approvals = createApprovals({ ...ground, access, onRequested: done, onEnded: done });
    const proposals = createRuleProposals({
      ...ground,
      ...rules,
      approvals,
      onRestored: (_tx, version) => Promise.resolve(void told.push(version)),
    });
    api = createTestApi((routes) => {
      addRuleRoutes(routes, { ...rules, proposals });
      addApprovalRoutes(routes, approvals);
    });
  });

  const levelOf = async (text: string) => (await rules.check(text, "member")).level;
  const write = async (over: Partial<RuleDraft> = {}): Promise<RuleView> => {
    const created = await api.send(admin, "post", "/api/admin/rules", { ...draft, ...over });
    return created.body as RuleView;
  };
  const changes = async (): Promise<RuleChanges> =>
    (await api.get(admin, "/api/admin/rules/changes").expect(200)).body as RuleChanges;
  const propose = (hash: string) =>
    api.send(admin, "post", "/api/admin/rules/proposals", { hash, reason });
  const waiting = async (by: Actor): Promise<ApprovalList["approvals"]> =>
    ((await api.get(by, "/api/approvals").expect(200)).body as ApprovalList).approvals;
  const decide = async (by: Actor, decision = "approved", index = 0) => {
    const approval = (await waiting(by))[index];
    const body = { decision, note: "不合适" };
    return await api.send(by, "post", `/api/approvals/${approval?.id}/decision`, body);
  };
  const publish = async (over: Partial<RuleDraft> = {}): Promise<void> => {
    await write(over);
    await propose((await changes()).hash).expect(204);
    expect((await decide(second)).status).toBe(200);
  };
  const versions = async () =>
    ((await api.get(admin, "/api/admin/rules/versions").expect(200)).body as VersionList).versions;

  it("takes a second person, who sees what would change", async () => {
    await write();
    await propose((await changes()).hash).expect(204);
    expect(await levelOf("这款保本保息")).toBeNull();
    const [asked] = await waiting(second);
    expect(asked).toMatchObject({ title: "发布规则：新增 1 条", reason, mayDecide: true });
    const path = asked?.path?.replace("/admin/", "/api/admin/rules/") ?? "";
    const shown = await api.get(second, path).expect(200);
    expect(shown.body.changes).toMatchObject([{ kind: "new", after: { definition: draft } }]);

    expect(await decide(admin)).toMatchObject({ body: { code: "own_request" } });
    expect(await levelOf("这款保本保息")).toBeNull();
    expect((await decide(second)).status).toBe(200);
    expect(await levelOf("这款保本保息")).toBe("forbidden");
    expect(await versions()).toMatchObject([
      { number: 1, kind: "published", requestedBy: "刘洋", publishedBy: "沈欣" },
    ]);
    expect((await changes()).changes).toEqual([]);
    await api.send(sales, "post", "/api/admin/rules/proposals", {}).expect(403);
  });

  it("changes nothing when the second person refuses", async () => {
    await write();
    await propose((await changes()).hash).expect(204);
    expect((await decide(second, "refused")).status).toBe(200);
    expect(await levelOf("这款保本保息")).toBeNull();
    expect((await changes()).changes).toHaveLength(1);
  });

  it("publishes what was asked for, whatever is written into the draft meanwhile", async () => {
    await write();
    await propose((await changes()).hash).expect(204);
    await write({ title: "另一条", words: ["稳赚不赔"] });
    await decide(second);
    expect(await levelOf("这款保本保息")).toBe("forbidden");
    expect(await levelOf("稳赚不赔")).toBeNull();
    expect((await changes()).changes).toMatchObject([{ kind: "new" }]);
  });

  it("asks only for a draft that the person has seen, and that differs", async () => {
    await write();
    const { hash } = await changes();
    await write({ title: "另一条", words: ["稳赚不赔"] });
    await propose(hash).expect(409, /edited_meanwhile/);
    await publish({ title: "第三条", words: ["包赚"] });
    await propose((await changes()).hash).expect(400, /没有差别/);
  });

  it("refuses a request that another publication has overtaken", async () => {
    await write();
    await propose((await changes()).hash).expect(204);
    await write({ title: "另一条", words: ["稳赚不赔"] });
    await propose((await changes()).hash).expect(204);
    expect((await decide(second, "approved", 1)).status).toBe(200);
    expect(await decide(second)).toMatchObject({ status: 409, body: { code: "rules_moved_on" } });
    expect(await levelOf("稳赚不赔")).toBeNull();
    expect(await versions()).toHaveLength(1);
  });

  it("lets one person take back the last publication at once, and tells the others", async () => {
    await publish();
    await publish({ title: "另一条", words: ["稳赚不赔"] });
    const restore = "/api/admin/rules/versions/1/restore";
    await api.send(admin, "post", restore, { reason }).expect(200, { version: 3 });
    expect(await levelOf("稳赚不赔")).toBeNull();
    expect(await levelOf("保本保息")).toBe("forbidden");
    expect(told).toEqual([3]);
    expect((await versions())[0]).toMatchObject({ kind: "restored", restores: 1, number: 3 });
    // What was taken back is still in the draft, as a change.
    expect((await changes()).changes).toMatchObject([{ kind: "new" }]);
  });

  it("brings an older version back with a second person only", async () => {
    await publish();
    await publish({ title: "另一条", words: ["稳赚不赔"] });
    await publish({ title: "第三条", words: ["包赚"] });
    const restore = "/api/admin/rules/versions/1/restore";
    await api.send(admin, "post", restore, { reason }).expect(200, { version: null });
    expect(await levelOf("稳赚不赔")).toBe("forbidden");
    expect(await waiting(second)).toMatchObject([{ title: "把规则恢复到第 1 版" }]);
    await decide(second);
    expect(await levelOf("稳赚不赔")).toBeNull();
    expect(told).toEqual([]);
    await api.send(admin, "post", "/api/admin/rules/versions/9/restore", { reason }).expect(404);
  });

  it("keeps what was found by the wording of its time", async () => {
    await publish();
    const [rule] = (await rules.drafts.list()).rules;
    await rules.drafts.update(rule!.id, 1, { ...draft, title: "新名称" }, "liuyang");
    await propose((await changes()).hash).expect(204);
    await decide(second);
    const old = { ruleId: rule!.id, ruleRevision: 1, level: "forbidden" as const, spans: [] };
    expect(await rules.describe([old])).toMatchObject([{ title: "承诺收益" }]);
  });
});
