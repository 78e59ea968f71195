import { pino } from "pino";
import type { RuleDraft, RuleList, RuleView } from "#shared/contract/rule";
import { decompileRules, loadRules } from "#shared/rules/compiled-rules";
import { ruleLimits } from "#shared/rules/rule";
import { entities } from "../../../../server/src/entities.ts";
import { createRuleProposals } from "../../../../server/src/features/rules/rule-proposals.ts";
import { addRuleRoutes } from "../../../../server/src/features/rules/rules.routes.ts";
import { createRules } from "../../../../server/src/features/rules/rules.service.ts";
import type { Rules } from "../../../../server/src/features/rules/rules.service.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { createLiveEvents } from "../../../../server/src/platform/events/live-events.ts";
import { systemClock } from "../../../../server/src/platform/clock.ts";
import { admin, createTestApi, manager, sales } from "../../../support/test-api.ts";
import type { TestApi } from "../../../support/test-api.ts";
import { eventually } from "../../../support/eventually.ts";
import { publishRules } from "../../../support/publish-rules.ts";
import { emptyTables, forEachDatabase } from "../../../support/test-database.ts";

const draft: RuleDraft = {
  title: "承诺收益",
  category: "理财",
  level: "forbidden",
  speaker: "member",
  words: ["保本保息"],
  exceptions: ["不承诺保本保息"],
  clause: "《广告法》第二十五条",
  reason: "不得对收益作保证性承诺。",
  suggestion: "历史业绩不代表未来收益。",
  isConfidential: false,
};

forEachDatabase("rules", (open) => {
  let database: Database;
  let rules: Rules;
  let api: TestApi;
  const log = pino({ level: "silent" });
  const failed: string[] = [];
  const build = (on: Database, events = createLiveEvents(on, log)): Rules =>
    createRules({
      database: on,
      events,
      clock: systemClock,
      members,
      log,
      onRuleFailed: (_tx, id) => Promise.resolve(void failed.push(id)),
      onPublished: () => Promise.resolve(),
    });
  const members = { namesOf: () => Promise.resolve(new Map([["liuyang", "刘洋"]])) };
  beforeAll(async () => {
    database = await open(entities);
  });
  beforeEach(async () => {
    failed.length = 0;
    await emptyTables(database);
    rules = build(database);
    const approvals = { register: () => undefined, request: () => Promise.reject(new Error()) };
    const onRestored = () => Promise.resolve();
    const proposals = createRuleProposals({ database, approvals, ...rules, onRestored });
    api = createTestApi((routes) => addRuleRoutes(routes, { ...rules, proposals }));
  });

  const write = async (change: Partial<RuleDraft> = {}): Promise<RuleView> =>
    (await api.send(admin, "post", "/api/admin/rules", { ...draft, ...change }).expect(201))
      .body as RuleView;
  const publish = () => publishRules(database, rules);
  const create = async (change: Partial<RuleDraft> = {}): Promise<RuleView> => {
    const rule = await write(change);
    await publish();
    return rule;
  };
  const knownToBrowsers = async () => {
    const { bytes } = await rules.draftFile();
    return decompileRules(loadRules(new Uint8Array(bytes).buffer));
  };
  const levelOf = async (text: string, by: Rules = rules) => (await by.check(text, "member")).level;

  it("are for administrators alone", async () => {
    await api.get(null, "/api/admin/rules").expect(401);
    for (const actor of [sales, manager]) {
      await api.get(actor, "/api/admin/rules").expect(403);
      await api.send(actor, "post", "/api/admin/rules", draft).expect(403);
      await api.send(actor, "put", "/api/admin/rules/x", { revision: 1, draft }).expect(403);
      await api.send(actor, "post", "/api/admin/rules/x/switch", { isEnabled: true }).expect(403);
      await api.send(actor, "post", "/api/admin/rules/trial", {}).expect(403);
      await api.send(actor, "delete", "/api/admin/rules/x").expect(403);
      await api.send(actor, "post", "/api/admin/rules/x/revert").expect(403);
      await api.send(actor, "post", "/api/admin/rules/revert").expect(403);
      await api.get(actor, "/api/admin/rules/changes").expect(403);
      await api.get(actor, "/api/admin/rules/versions").expect(403);
      await api.get(actor, "/api/admin/rules/versions/1/changes").expect(403);
      await api.send(actor, "post", "/api/admin/rules/versions/1/restore").expect(403);
      await api.send(actor, "post", "/api/admin/rules/proposals").expect(403);
      await api.get(actor, `/api/admin/rules/proposals/1/${"0".repeat(64)}`).expect(403);
    }
    await api
      .send(admin, "post", "/api/admin/rules", draft)
      .set("x-requested-with", "")
      .expect(403, /forged_request/);
    await api
      .send(admin, "post", "/api/admin/rules", draft)
      .set("origin", "https://evil.example")
      .expect(403, /forged_request/);
  });

  it("work on the next sentence, in every process, without a restart", async () => {
    const otherProcess = build(await open(entities));
    expect(await levelOf("这款保本保息", otherProcess)).toBeNull();
    const rule = await create();
    expect(await levelOf("这款保本保息", otherProcess)).toBe("forbidden");
    expect(await levelOf("我们不承诺保本保息", otherProcess)).toBeNull();

    await api.send(admin, "post", `/api/admin/rules/${rule.id}/switch`, { isEnabled: false });
    await publish();
    expect(await levelOf("这款保本保息", otherProcess)).toBeNull();
    await api.send(admin, "post", `/api/admin/rules/${rule.id}/switch`, { isEnabled: true });

    const change = { ...draft, level: "caution", words: ["稳赚"] };
    await api
      .send(admin, "put", `/api/admin/rules/${rule.id}`, { revision: 1, draft: change })
      .expect(200);
    await publish();
    expect(await levelOf("这款保本保息", otherProcess)).toBeNull();
    expect(await levelOf("这款稳赚", otherProcess)).toBe("caution");
  });

  it("tell open sidebars of each change", async () => {
    const versions: unknown[] = [];
    const events = createLiveEvents(database, log);
    const watched = build(database, events);
    events.subscribe("rules", ({ version }) => versions.push(version));
    const { id } = await watched.drafts.create(draft, "liuyang");
    await publishRules(database, watched);
    await watched.drafts.setEnabled(id, false, "liuyang");
    await publishRules(database, watched);
    expect(versions).toEqual([1, 2]);
  });

  it("that the engine cannot take are switched off at once and told of; the others go on", async () => {
    await create();
    const definition: RuleDraft = { ...draft, condition: { kind: "pattern", pattern: "(" } };
    // The editor refuses it; an engine that takes less than the one before would meet it all the same.
    await database.write((tx) => rules.drafts.add(tx, "broken", definition, "liuyang"));
    await publish();
    const others = [build(database), build(await open(entities))];
    for (const one of others) expect(await levelOf("这款保本保息", one)).toBe("forbidden");
    const [newest] = await eventually(
      async () => (await rules.versions.list(undefined, 5)).versions,
      ([first]) => first?.kind === "guarded",
    );
    expect(newest).toMatchObject({ number: 3, publishedBy: "系统", enabledRules: 1 });
    // The second process finds it switched off already.
    await Promise.all(others.map((one) => one.drafts.setEnabled("broken", false, "liuyang")));
    expect(failed).toEqual(["broken"]);
    expect((await rules.drafts.changes()).changes).toEqual([]);
  });

  it("refuse more words than the engine takes, and go on with what was published before", async () => {
    await create();
    const words = Array.from({ length: ruleLimits.words }, (_, i) => `词${i}号`);
    await database.write((tx) => rules.drafts.add(tx, "huge", { ...draft, words }, "liuyang"));
    const refused = await publish().then(String, (error: unknown) => error);
    expect(refused).toMatchObject({ fields: { words: expect.stringContaining("最多 100000 个") } });
    expect(await levelOf("这款保本保息")).toBe("forbidden");
  });

  it("hear homophones and pinyin when a rule is set to 强, in the archive and in a trial", async () => {
    await create({ variants: "strong" });
    expect(await levelOf("这款bao ben bao xi")).toBe("forbidden");
    await create({ words: ["稳赚不赔"], variants: "standard" });
    expect(await levelOf("这款wen zhuan bu pei")).toBeNull();
  });

  it("name the place of a pattern that the engine cannot take", async () => {
    const condition = { kind: "pattern", pattern: "(a" };
    const answer = await api.send(admin, "post", "/api/admin/rules", { ...draft, condition });
    expect(answer.status).toBe(400);
    expect(await levelOf("这款保本保息")).toBeNull();
  });

  it("name who changed them last", async () => {
    await rules.seed();
    const { rules: seeded } = await rules.drafts.list();
    expect(seeded[0]?.updatedBy).toBe("系统");
    expect((await rules.drafts.setEnabled(seeded[0]!.id, false, "liuyang")).updatedBy).toBe("刘洋");
  });

  it("refuse an edit of a wording that somebody else has changed meanwhile", async () => {
    const { id } = await create();
    const put = (revision: number, title: string) =>
      api.send(admin, "put", `/api/admin/rules/${id}`, { revision, draft: { ...draft, title } });
    await put(1, "甲的写法").expect(200);
    await put(1, "乙的写法").expect(409, /edited_meanwhile/);
    await api.send(admin, "put", "/api/admin/rules/none", { revision: 1, draft }).expect(404);
    await api.send(admin, "post", "/api/admin/rules/none/switch", { isEnabled: true }).expect(404);
  });

  it("say field by field what is wrong, and take nothing that they do not know", async () => {
    const bad = { ...draft, title: "", words: [], clause: "长".repeat(201), isEnabled: true };
    const answer = await api.send(admin, "post", "/api/admin/rules", bad).expect(400);
    expect(answer.body.fields).toMatchObject({
      title: "请填写规则名称",
      words: "至少填写一个词，或选择要识别的内容",
      clause: "不超过 200 个字",
    });
    await api
      .send(
        admin,
        "post",
        "/api/admin/rules",
        JSON.parse('{"__proto__":{"isAdmin":true}}') as object,
      )
      .expect(400);
    const list = (await api.get(admin, "/api/admin/rules").expect(200)).body as RuleList;
    expect(list.rules).toEqual([]);
  });

  it("are tried on a sentence, with the draft in place of the saved rule, and say why not", async () => {
    const { id } = await create();
    const trial = await api
      .send(admin, "post", "/api/admin/rules/trial", {
        text: "保 本 保 息？我们不承诺保本保息，但是稳賺",
        speaker: "member",
        draft: { ...draft, words: ["保本保息", "稳赚"] },
        replacesRuleId: id,
      })
      .expect(200);
    expect(trial.body.findings).toEqual([
      expect.objectContaining({
        ruleId: "draft",
        explanation: expect.objectContaining({
          foldSteps: ["traditional"],
          variantSteps: ["filler"],
          exceptions: ["不承诺保本保息"],
        }) as unknown,
        spans: [
          { start: 0, end: 7, word: "保本保息" },
          { start: 20, end: 22, word: "稳赚" },
        ],
      }),
    ]);
    expect(trial.body.suppressed).toEqual([
      expect.objectContaining({ by: "exception", exception: "不承诺保本保息" }),
    ]);
  });

  it("keep a confidential one from the browser, and its words from the salesperson", async () => {
    await create({ isConfidential: true });
    expect(await knownToBrowsers()).toEqual([]);
    const { level, findings } = await rules.check("保本保息", "member");
    expect(level).toBe("forbidden");
    expect(JSON.stringify(findings)).not.toMatch(/保本保息|承诺收益|广告法/);
  });

  it("show an old hit with the wording it was judged by", async () => {
    const { id } = await create();
    await api.send(admin, "put", `/api/admin/rules/${id}`, {
      revision: 1,
      draft: { ...draft, title: "新名称" },
    });
    const spans = [{ start: 0, end: 4, word: "保本保息" }];
    const [old] = await rules.describe([
      { ruleId: id, ruleRevision: 1, level: "forbidden", spans },
    ]);
    expect(old?.title).toBe("承诺收益");
  });

  it("change nothing that is in force until they are published", async () => {
    const { id } = await create();
    await api.send(admin, "put", `/api/admin/rules/${id}`, {
      revision: 1,
      draft: { ...draft, words: ["稳赚"] },
    });
    await write({ title: "新的", words: ["日进斗金"] });
    await api.send(admin, "post", `/api/admin/rules/${id}/switch`, { isEnabled: false });
    expect(await levelOf("这款保本保息")).toBe("forbidden");
    expect(await levelOf("稳赚，日进斗金")).toBeNull();
    expect((await knownToBrowsers()).map(({ words }) => words)).toEqual([["保本保息"]]);
    await api.send(admin, "delete", `/api/admin/rules/${id}`).expect(200);
    expect(await levelOf("这款保本保息")).toBe("forbidden");
    await publish();
    expect(await levelOf("这款保本保息")).toBeNull();
    expect(await levelOf("日进斗金")).toBe("forbidden");
  });

  describe("of the working draft", () => {
    let kept: RuleView;
    const change = (id: string, over: Partial<RuleDraft>, revision = 1) =>
      api.send(admin, "put", `/api/admin/rules/${id}`, { revision, draft: { ...draft, ...over } });
    const kinds = async () => {
      const list = (await api.get(admin, "/api/admin/rules").expect(200)).body as RuleList;
      return Object.fromEntries(list.rules.map((rule) => [rule.title, rule.change]));
    };
    beforeEach(async () => {
      kept = await create({ title: "甲" });
    });

    it("say how they differ from the published ones, and can be dropped one by one or all together", async () => {
      const changed = await create({ title: "乙" });
      const removed = await create({ title: "丙" });
      const switched = await create({ title: "丁" });
      expect(await kinds()).toEqual({ 甲: null, 乙: null, 丙: null, 丁: null });
      const added = await write({ title: "戊" });
      await change(changed.id, { title: "乙", words: ["稳赚"] }).expect(200);
      await api.send(admin, "delete", `/api/admin/rules/${removed.id}`).expect(200);
      await api.send(admin, "post", `/api/admin/rules/${switched.id}/switch`, { isEnabled: false });
      const all = { 甲: null, 乙: "changed", 丙: "removed", 丁: "switched", 戊: "new" };
      expect(await kinds()).toEqual(all);

      const { body } = await api.get(admin, "/api/admin/rules/changes").expect(200);
      const words = ["稳赚"];
      expect(body.changes).toHaveLength(4);
      expect(body.changes).toContainEqual({
        id: changed.id,
        kind: "changed",
        before: { isEnabled: true, definition: { ...draft, title: "乙" } },
        after: { isEnabled: true, definition: { ...draft, title: "乙", words } },
      });

      const revert = (id: string) => api.send(admin, "post", `/api/admin/rules/${id}/revert`);
      await revert(changed.id).expect(200);
      await revert(added.id).expect(200);
      expect(await kinds()).toEqual({ 甲: null, 乙: null, 丙: "removed", 丁: "switched" });
      await api.send(admin, "post", "/api/admin/rules/revert").expect(200);
      expect(await kinds()).toEqual({ 甲: null, 乙: null, 丙: null, 丁: null });
      // The wording that was dropped keeps its number.
      await change(changed.id, { title: "乙", words: ["包赚"] }).expect(200, /"revision":3/);
    });

    it("are no change when they are written back to what is published", async () => {
      await change(kept.id, { title: "甲二" }).expect(200);
      expect(await kinds()).toEqual({ 甲二: "changed" });
      await change(kept.id, { title: "甲" }, 2).expect(200, /"revision":1/);
      expect(await kinds()).toEqual({ 甲: null });
    });

    it("keep what a version changed, whatever comes later", async () => {
      await change(kept.id, { title: "甲二" }).expect(200);
      await publish();
      await api.send(admin, "delete", `/api/admin/rules/${kept.id}`).expect(200);
      await publish();
      const { body } = await api.get(admin, "/api/admin/rules/versions").expect(200);
      expect(body.versions).toMatchObject([{ number: 3 }, { number: 2 }, { number: 1 }]);
      const second = await api.get(admin, "/api/admin/rules/versions/2/changes").expect(200);
      expect(second.body.changes).toMatchObject([
        { before: { definition: { title: "甲" } }, after: { definition: { title: "甲二" } } },
      ]);
      const first = await api.get(admin, "/api/admin/rules/versions/1/changes").expect(200);
      expect(first.body.changes).toMatchObject([{ kind: "new", before: null }]);
      await api.get(admin, "/api/admin/rules/versions/9/changes").expect(404);
    });
  });

  it("start with the starter rules, once", async () => {
    await Promise.all([rules.seed(), rules.seed()]);
    const { rules: list } = await rules.drafts.list();
    expect(list.length).toBeGreaterThanOrEqual(22);
    expect(await levelOf("这款理财保本保息，加我私人微信聊")).toBe("forbidden");
    await rules.drafts.setEnabled(list[0]!.id, false, "liuyang");
    await rules.seed();
    expect((await rules.versions.list(undefined, 5)).versions).toMatchObject([
      { number: 1, kind: "starter", publishedBy: "系统", enabledRules: list.length },
    ]);
    expect((await rules.drafts.list()).rules).toHaveLength(list.length);
  });
});
