import type { CaseList } from "#shared/contract/case";
import type { RuleEffect, RuleEffects, SuggestionView } from "#shared/contract/rule-feedback";
import type { RuleDraft } from "#shared/contract/rule";
import { createHitDecisions } from "../../../../server/src/features/cases/decided-hits.ts";
import { maskNumbers } from "../../../../server/src/features/cases/quote.ts";
import { addFeedbackRoutes } from "../../../../server/src/features/feedback/feedback.routes.ts";
import { createFeedback } from "../../../../server/src/features/feedback/feedback.service.ts";
import { publishRules } from "../../../support/publish-rules.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { caseRule, startCaseWorld } from "../cases/case-world.ts";
import type { CaseWorld } from "../cases/case-world.ts";
import { member } from "../sign-in/fake-company.ts";
import type { Browser } from "../sign-in/people-world.ts";

const DAY_MS = 24 * 3600_000;
const path = "/api/admin/rules/effects";

forEachDatabase("what reviewers decide", (open) => {
  let world: CaseWorld;
  /** Compliance over the sales department, and one over nobody who sells. */
  let near: Browser;
  let far: Browser;
  let seq: number;

  beforeEach(async () => {
    world = await startCaseWorld(open, (routes, parts) => {
      const decisions = createHitDecisions(parts);
      addFeedbackRoutes(routes, createFeedback({ ...parts, decisions, maskNumbers }));
    });
    const { people } = world;
    people.company.members.push(
      member("hegui", { department: [1] }),
      member("yuanchu", { department: [1] }),
    );
    people.company.departments.push({ id: 4, name: "外地", parentid: 1, department_leader: [] });
    await people.sync();
    await world.grantCompliance("hegui", [3]);
    await world.grantCompliance("yuanchu", [4]);
    near = await people.signedIn("hegui");
    far = await people.signedIn("yuanchu");
    seq = 0;
  });
  afterEach(() => world.people.stop());

  /** Somebody says each of these, to one customer after the other, and a reviewer decides so. */
  async function said(
    texts: readonly string[],
    decision: "handled" | "false_alarm",
    from = "ChenLi",
  ): Promise<void> {
    const lines = texts.map((text, index) => ({ seq: ++seq, text, from, to: `wm${index % 3}` }));
    await world.archive(lines);
    const rows = await world.people.database.read.query<{ id: string }[]>(
      "SELECT id FROM supervision_case WHERE state = 'open'",
    );
    for (const { id } of rows)
      await world.people.database.write((tx) => world.cases.decideIn(tx, id, decision, "zhangwei"));
  }
  const times = (count: number, text: string) => Array.from({ length: count }, () => text);
  const effects = async (browser = near, days = 90): Promise<RuleEffects> =>
    (await browser.get(`${path}?days=${days}`).expect(200)).body as RuleEffects;
  const effect = async (browser = near): Promise<RuleEffect> => (await effects(browser)).rules[0]!;
  const suggestion = async (browser = near): Promise<SuggestionView> =>
    (await effect(browser)).suggestions[0]!;
  const decide = (browser: Browser, what: "accept" | "dismiss", id: string, over: object = {}) =>
    browser.post(`${path}/${what}`, { id, days: 90, ...over });

  it("becomes precision by rule and by word, with an interval, and few say nothing", async () => {
    await world.publish({ words: ["保本", "稳赚"] });
    await said(times(8, "这款保本"), "handled");
    await said(times(2, "稳赚不赔"), "false_alarm");
    expect(await effect()).toMatchObject({
      title: "承诺保本",
      hits: 10,
      handled: 8,
      falseAlarms: 2,
      isFew: false,
      words: [
        { word: "保本", handled: 8, falseAlarms: 0, isFew: true },
        { word: "稳赚", handled: 0, falseAlarms: 2, isFew: true },
      ],
      suggestions: [],
    });
    const { precision } = await effect();
    // As other tools give it for 8 of 10.
    expect(precision?.value).toBe(0.8);
    expect(precision?.low).toBeCloseTo(0.4901625, 6);
    expect(precision?.high).toBeCloseTo(0.9433178, 6);
  });

  it("counts what the rule finds as it is now: not what an earlier wording found, nor what is older", async () => {
    await world.publish();
    await said(times(3, "这款保本"), "false_alarm");
    const { people, rules } = world;
    const change = async (over: Partial<RuleDraft>) => {
      const [now] = (await rules.drafts.list()).rules;
      await rules.drafts.update(now!.id, now!.revision, { ...caseRule, ...over }, "liuyang");
      await publishRules(people.database, rules);
    };
    await change({ title: "换个名字" });
    expect(await effect()).toMatchObject({ title: "换个名字", falseAlarms: 3, earlier: 0 });
    await change({ exceptions: ["不保本"] });
    await said(["真的保本"], "handled");
    expect(await effect()).toMatchObject({ handled: 1, falseAlarms: 0, hits: 1, earlier: 3 });
    await people.database.write(async (tx) => {
      for (const table of ["hit", "supervision_case"])
        await tx.query(`UPDATE ${table} SET sent_at_ms = sent_at_ms - ${31 * DAY_MS}`);
    });
    expect((await effects(near, 30)).rules[0]).toMatchObject({ handled: 0, hits: 0, earlier: 0 });
    expect((await effects(near, 90)).rules[0]).toMatchObject({ handled: 1, hits: 1, earlier: 3 });
  });

  describe("suggests an exception", () => {
    beforeEach(async () => {
      await world.publish();
      await said(
        ["我们不保本的，您放心", "说了不保本哦", "产品不保本，电话 13912345678"],
        "false_alarm",
      );
      await said(["这个不保本"], "false_alarm", "wuhao");
      await said(times(6, "一定保本，放心买"), "handled");
    });

    it("that recurs in false alarms and in nothing rightly found, with the cases as evidence", async () => {
      const one = await suggestion();
      expect(one).toMatchObject({
        change: { kind: "exception", word: "保本", phrase: "不保本" },
        handled: 0,
        falseAlarms: 4,
        beyondReach: 0,
      });
      expect(one.cases).toHaveLength(4);
      const { body } = await near.get(`/api/manager/cases/${one.cases[0]?.id}`).expect(200);
      expect(body).toMatchObject({ state: "false_alarm" });
    });

    it("once for words that lie in each other", async () => {
      const [rule] = (await world.rules.drafts.list()).rules;
      const words = ["保本", "保本保息", "保息"];
      await world.rules.drafts.update(rule!.id, rule!.revision, { ...caseRule, words }, "liuyang");
      await publishRules(world.people.database, world.rules);
      await said(times(10, "不承诺保本保息"), "false_alarm");
      expect((await effect()).suggestions).toMatchObject([
        { change: { kind: "exception", word: "保本保息", phrase: "不承诺保本保息" } },
      ]);
    });

    it("from what the asker may read, while the figures are the company's", async () => {
      expect(await effect(far)).toMatchObject({ handled: 6, falseAlarms: 4, suggestions: [] });
      const { id } = await suggestion();
      expect((await decide(far, "accept", id)).body).toMatchObject({ code: "edited_meanwhile" });
      const admin = await world.people.signedIn("liuyang");
      expect(await effect(admin)).toMatchObject({ falseAlarms: 4, suggestions: [] });
    });

    it("which one click writes into the working draft, and publishing puts in force", async () => {
      const { id } = await suggestion();
      const after = (await decide(near, "accept", id)).body as RuleEffects;
      expect(after.rules[0]?.suggestions).toEqual([]);
      expect(after.past).toMatchObject([
        { id, title: "承诺保本", outcome: "accepted", decidedBy: "姓名hegui" },
      ]);
      const draft = await world.rules.drafts.list();
      expect(draft.rules).toMatchObject([{ exceptions: ["不保本"], change: "changed" }]);
      expect((await world.rules.check("我们不保本", "member")).level).toBe("caution");
      await publishRules(world.people.database, world.rules);
      expect((await world.rules.check("我们不保本", "member")).level).toBeNull();
      expect((await decide(near, "accept", id)).status).toBe(409);
      const acts = await world.people.database.read.query<{ actor_id: string }[]>(
        "SELECT actor_id FROM ledger_entry WHERE kind = 'suggestion.accepted'",
      );
      expect(acts).toMatchObject([{ actor_id: "hegui" }]);
    });

    it("which is dismissed with a reason and does not come again", async () => {
      const { id } = await suggestion();
      expect((await decide(near, "dismiss", id, { reason: "" })).status).toBe(400);
      const both = await Promise.all(
        [1, 2].map(() => decide(near, "dismiss", id, { reason: "手册要求也要提示" })),
      );
      expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
      const { rules, past } = await effects();
      expect(rules[0]?.suggestions).toEqual([]);
      expect(past).toMatchObject([
        { outcome: "dismissed", reason: "手册要求也要提示", change: { phrase: "不保本" } },
      ]);
    });

    it("to nobody who may not write rules", async () => {
      const { id } = await suggestion();
      const salesperson = await world.people.signedIn("ChenLi");
      await salesperson.get(path).expect(403);
      expect((await decide(salesperson, "accept", id)).status).toBe(403);
    });
  });

  it("suggests a graver level for what is nearly always right", async () => {
    await world.publish();
    await said(times(20, "一定保本"), "handled");
    const { change, id } = await suggestion(far);
    expect(change).toEqual({ kind: "raise", from: "caution", to: "forbidden" });
    await decide(far, "accept", id);
    const [rule] = (await world.rules.drafts.list()).rules;
    expect(rule).toMatchObject({ level: "forbidden" });
    // Two people looked at the same suggestion.
    expect((await decide(near, "accept", id)).status).toBe(409);
  });

  it("suggests a milder level for what is mostly wrong", async () => {
    await world.publish();
    await said(["甲保本乙", "丙保本丁", "戊保本己", "庚保本辛", "壬保本癸"], "false_alarm");
    await said(["子保本丑", "寅保本卯", "辰保本巳", "午保本未", "申保本酉"], "false_alarm");
    await said(["戌保本亥"], "handled");
    expect((await suggestion(far)).change).toEqual({
      kind: "lower",
      from: "caution",
      to: "notice",
    });
  });

  it("suggests to do without a word, and without a rule, that is hardly ever right", async () => {
    await world.publish({ words: ["保本", "稳赚"] });
    await said(times(12, "稳赚"), "false_alarm");
    await said(times(4, "保本"), "handled");
    const one = await suggestion(far);
    expect(one).toMatchObject({ change: { kind: "remove_word", word: "稳赚" }, beyondReach: 12 });
    expect(one.cases).toEqual([]);
    await decide(far, "accept", one.id);
    expect((await world.rules.drafts.list()).rules[0]).toMatchObject({ words: ["保本"] });
    await publishRules(world.people.database, world.rules);
    await said(times(20, "保本"), "false_alarm");
    const { change, id } = await suggestion(far);
    expect(change).toEqual({ kind: "retire", because: "mostly_false" });
    await decide(far, "accept", id);
    expect((await world.rules.drafts.list()).rules[0]).toMatchObject({ isEnabled: false });
  });

  it("suggests to retire what found nothing though it was in force and much was said", async () => {
    const { people } = world;
    await world.publish({ words: ["从不出现"] });
    await people.database.write((tx) =>
      tx.query(`UPDATE rule_version SET published_at_ms = published_at_ms - ${40 * DAY_MS}`),
    );
    await world.archive(
      Array.from({ length: 999 }, () => ({ seq: ++seq, text: "您好", to: "wmA" })),
    );
    const silent = async (days: number) => (await effects(near, days)).rules[0]?.suggestions;
    expect(await silent(30)).toEqual([]);
    await world.archive([{ seq: ++seq, text: "您好" }]);
    expect(await silent(30)).toMatchObject([
      { change: { kind: "retire", because: "never_hits" }, falseAlarms: 0, cases: [] },
    ]);
    // It was not there for all of that time.
    expect(await silent(90)).toEqual([]);
  });

  it("never shows what a value rule found", async () => {
    await world.publish({ words: [], condition: { kind: "value", value: "mobile" } });
    await said(times(10, "打 13912345678"), "false_alarm");
    const { text } = await near.get(path).expect(200);
    expect(text).not.toContain("13912345678");
    const { body } = await near.get("/api/manager/cases?state=decided");
    expect((body as CaseList).cases).toHaveLength(10);
  });
});
