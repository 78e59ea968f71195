import { pino } from "pino";
import type { RuleDraft, RuleList, RuleView } from "#shared/contract/rule";
import { ruleLimits } from "#shared/rules/rule";
import { StoredRule } from "../../../../server/src/features/rules/rule.entity.ts";
import { entities } from "../../../../server/src/entities.ts";
import { addRuleRoutes } from "../../../../server/src/features/rules/rules.routes.ts";
import { createRules } from "../../../../server/src/features/rules/rules.service.ts";
import type { Rules } from "../../../../server/src/features/rules/rules.service.ts";
import type { Database } from "../../../../server/src/platform/database/database.ts";
import { createLiveEvents } from "../../../../server/src/platform/events/live-events.ts";
import { systemClock } from "../../../../server/src/platform/clock.ts";
import { admin, createTestApi, manager, sales } from "../../../support/test-api.ts";
import type { TestApi } from "../../../support/test-api.ts";
import { eventually } from "../../../support/eventually.ts";
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
    });
  const members = { namesOf: () => Promise.resolve(new Map([["liuyang", "刘洋"]])) };
  beforeAll(async () => {
    database = await open(entities);
  });
  beforeEach(async () => {
    failed.length = 0;
    await emptyTables(database);
    rules = build(database);
    api = createTestApi((routes) => addRuleRoutes(routes, rules));
  });

  const create = async (change: Partial<RuleDraft> = {}): Promise<RuleView> =>
    (await api.send(admin, "post", "/api/admin/rules", { ...draft, ...change }).expect(201))
      .body as RuleView;
  const levelOf = async (text: string, by: Rules = rules) => (await by.check(text, "member")).level;

  it("are for administrators alone", async () => {
    await api.get(null, "/api/admin/rules").expect(401);
    for (const actor of [sales, manager]) {
      await api.get(actor, "/api/admin/rules").expect(403);
      await api.send(actor, "post", "/api/admin/rules", draft).expect(403);
      await api.send(actor, "put", "/api/admin/rules/x", { revision: 1, draft }).expect(403);
      await api.send(actor, "post", "/api/admin/rules/x/switch", { isEnabled: true }).expect(403);
      await api.send(actor, "post", "/api/admin/rules/trial", {}).expect(403);
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
    expect(await levelOf("这款保本保息", otherProcess)).toBeNull();
    await api.send(admin, "post", `/api/admin/rules/${rule.id}/switch`, { isEnabled: true });

    const change = { ...draft, level: "caution", words: ["稳赚"] };
    await api
      .send(admin, "put", `/api/admin/rules/${rule.id}`, { revision: 1, draft: change })
      .expect(200);
    expect(await levelOf("这款保本保息", otherProcess)).toBeNull();
    expect(await levelOf("这款稳赚", otherProcess)).toBe("caution");
  });

  it("tell open sidebars of each change", async () => {
    const versions: unknown[] = [];
    const events = createLiveEvents(database, log);
    const watched = build(database, events);
    events.subscribe("rules", ({ version }) => versions.push(version));
    const { id } = await watched.create(draft, "liuyang");
    await watched.setEnabled(id, false, "liuyang");
    expect(versions).toEqual([1, 2]);
  });

  it("that the engine cannot take are switched off and told of; the others go on", async () => {
    await create();
    const definition: RuleDraft = { ...draft, condition: { kind: "pattern", pattern: "(" } };
    const row = { definition, isEnabled: true, revision: 1, updatedBy: "x", updatedAtMs: 1 };
    await database.write((tx) => tx.insert(StoredRule, { id: "broken", ...row }));
    const others = [build(database), build(await open(entities))];
    for (const one of others) expect(await levelOf("这款保本保息", one)).toBe("forbidden");
    await eventually(
      () => database.read.findOneByOrFail(StoredRule, { id: "broken" }),
      ({ isEnabled }) => !isEnabled,
    );
    // The second process finds it switched off already.
    await Promise.all(others.map((one) => one.setEnabled("broken", false, "liuyang")));
    expect(failed).toEqual(["broken"]);
  });

  it("refuse more words than the engine takes, and go on with what was published before", async () => {
    await create();
    const row = { ...draft, words: Array.from({ length: ruleLimits.words }, (_, i) => `词${i}号`) };
    await database.write((tx) =>
      tx.insert(StoredRule, {
        id: "huge",
        definition: row,
        isEnabled: false,
        revision: 1,
        updatedBy: "liuyang",
        updatedAtMs: 1,
      }),
    );
    await api
      .send(admin, "post", "/api/admin/rules/huge/switch", { isEnabled: true })
      .expect(400, /最多 100000 个/);
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
    const { rules: seeded } = await rules.list();
    expect(seeded[0]?.updatedBy).toBe("系统");
    expect((await rules.setEnabled(seeded[0]!.id, false, "liuyang")).updatedBy).toBe("刘洋");
  });

  it("refuse an edit of a wording that somebody else has changed meanwhile", async () => {
    const { id } = await create();
    const put = (revision: number) =>
      api.send(admin, "put", `/api/admin/rules/${id}`, { revision, draft });
    await put(1).expect(200);
    await put(1).expect(409, /edited_meanwhile/);
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
        foldSteps: ["traditional"],
        variantSteps: ["filler"],
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
    expect((await rules.publicRules()).rules).toEqual([]);
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

  it("start with the starter rules, once", async () => {
    await Promise.all([rules.seed(), rules.seed()]);
    const { rules: list } = await rules.list();
    expect(list.length).toBeGreaterThanOrEqual(22);
    expect(await levelOf("这款理财保本保息，加我私人微信聊")).toBe("forbidden");
    await rules.setEnabled(list[0]!.id, false, "liuyang");
    await rules.seed();
    expect((await rules.list()).rules).toHaveLength(list.length);
  });
});
