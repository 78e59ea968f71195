import type { InterceptionView } from "#shared/contract/interception";
import type { RuleDraft, RuleView } from "#shared/contract/rule";
import { eventually } from "../../../support/eventually.ts";
import { startCompany } from "../../../support/running-company.ts";
import type { RunningCompany } from "../../../support/running-company.ts";
import { entities } from "../../../../server/src/entities.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import { publishDraft, twoAdministrators } from "../../../support/publish-draft.ts";
import { signIn } from "../../../support/web-client.ts";
import type { WebClient } from "../../../support/web-client.ts";
import { CHAT, healthLine } from "../../../support/main-job-world.ts";
import { smallCompany } from "../../../simulator/testing/small-company.ts";

const native = { memberIds: [], departmentIds: [], tellsConfidential: false };
const draft: RuleDraft = {
  title: "承诺收益",
  category: "理财",
  level: "forbidden",
  speaker: "member",
  variants: "off",
  words: ["保本保息", "稳赚不赔"],
  exceptions: [],
  clause: "《广告法》第二十五条",
  reason: "不得对收益作保证性承诺。",
  suggestion: "历史业绩不代表未来收益。",
  isConfidential: false,
  native,
};
const everybody = { user_list: [], department_list: [1] };

forEachDatabase("WeCom's own interception", (open) => {
  let company: RunningCompany;
  let admin: WebClient;
  let second: WebClient;
  const path = "/api/admin/interception";

  beforeAll(async () => {
    await open(entities);
    company = await startCompany({
      company: smallCompany(),
      databaseUrl: open.url(),
      settings: twoAdministrators,
    });
    admin = await signIn(company.twin, "liuyang");
    second = await signIn(company.twin, "sunhao");
  });
  beforeEach(async () => {
    await company.product.jobs.idle();
    await company.product.database.write(async (tx) => {
      for (const table of ["native_rule", "native_import", "native_sync", "rule"]) {
        await tx.query(`DELETE FROM ${table}`);
      }
    });
    for (const { rule } of company.twin.interceptRules()) {
      company.twin.interceptConsole.remove(rule.rule_id);
    }
  });
  afterAll(() => company.close());

  const create = async (change: Partial<RuleDraft> = {}): Promise<RuleView> => {
    const { status, body } = await admin.post<RuleView>("/api/admin/rules", {
      ...draft,
      ...change,
    });
    expect(status).toBe(201);
    await publishDraft(admin, second);
    return body;
  };
  const update = (rule: RuleView, change: Partial<RuleDraft>) =>
    putRule(rule, { ...draft, ...change });
  const putRule = async ({ id, revision }: RuleView, next: RuleDraft): Promise<RuleView> => {
    const { status, body } = await admin.put<RuleView>(`/api/admin/rules/${id}`, {
      revision,
      draft: next,
    });
    expect(status).toBe(200);
    await publishDraft(admin, second);
    return body;
  };
  const view = async (): Promise<InterceptionView> =>
    (await admin.get<InterceptionView>(path)).body;
  const settled = () => eventually(view, ({ isSyncing }) => !isSyncing, 20_000);
  const sync = async (): Promise<InterceptionView> => {
    expect((await admin.post(`${path}/sync`)).status).toBe(200);
    return await settled();
  };
  const told = () => company.twin.interceptRules().map(({ rule }) => rule);
  const say = (text: string) =>
    fetch(`${company.twin.url}/client/api/messages`, {
      method: "POST",
      body: JSON.stringify({ conversationId: CHAT, fromId: "chenli", text }),
    });

  it("gets a marked rule after it is published, holds the sentence back, and follows each change", async () => {
    const rule = await create();
    await create({ title: "不下发", words: ["别的"], native: undefined });
    expect(
      (await settled()).lines.map(({ isMarked, parts }) => [isMarked, parts[0]?.state]),
    ).toEqual([
      [true, "in_place"],
      [false, undefined],
    ]);
    expect(told()).toEqual([
      {
        rule_id: expect.any(String),
        rule_name: "承诺收益",
        word_list: ["保本保息", "稳赚不赔"],
        extra_rule: { semantics_list: [] },
        intercept_type: 1,
        applicable_range: everybody,
      },
    ]);
    const refused = await say("这款保本保息");
    expect([refused.status, await refused.text()]).toEqual([
      403,
      expect.stringContaining("保本保息"),
    ]);
    expect((await say("这款很好")).status).toBe(200);

    const range = { memberIds: ["sunhao"], departmentIds: [3] };
    const changed = await update(rule, {
      level: "caution",
      words: ["稳赚"],
      native: { ...native, ...range },
    });
    await settled();
    expect(told()).toMatchObject([
      {
        word_list: ["稳赚"],
        intercept_type: 2,
        applicable_range: { user_list: ["sunhao"], department_list: [3] },
      },
    ]);
    expect((await say("稳赚")).status).toBe(409);

    await update(changed, { native: undefined });
    await settled();
    expect(told()).toEqual([]);
  });

  it("is told once, however often the sync runs, and goes on where it was interrupted", async () => {
    await create();
    await create({ title: "第二条", words: ["返点"] });
    await settled();
    const before = told();
    await sync();
    expect(told()).toEqual(before);

    // The answer of a creation is lost: the rule is there, and nobody knows its id.
    await company.product.database.write((tx) =>
      tx.query("UPDATE native_rule SET wecom_rule_id = NULL, state = 'creating'"),
    );
    const { lines, imported } = await sync();
    expect(told()).toEqual(before);
    expect(imported).toEqual([]);
    expect(lines.flatMap(({ parts }) => parts.map(({ state }) => state))).toEqual([
      "in_place",
      "in_place",
    ]);
  });

  it("waits out a failure of WeCom and says why", async () => {
    company.twin.failNext("/externalcontact/add_intercept_rule", 48002);
    await create();
    const { sync: last, lines } = await settled();
    expect(last?.errcode).toBe(48002);
    expect(await healthLine(admin, "interception")).toMatchObject({
      status: "attention",
      detail: expect.stringContaining("48002"),
    });
    expect(lines[0]?.parts[0]?.state).toBe("waiting");
    expect((await sync()).lines[0]?.parts[0]?.state).toBe("in_place");
    expect(told()).toHaveLength(1);
  });

  it("keeps going when WeCom refuses one rule", async () => {
    await create({ title: "没有这个部门", native: { ...native, departmentIds: [99] } });
    await create({ title: "第二条", words: ["返点"] });
    const { lines } = await settled();
    expect(await healthLine(admin, "interception")).toMatchObject({
      detail: "企业微信没有接受 1 条规则。",
    });
    expect(lines.map(({ parts }) => [parts[0]?.state, parts[0]?.errcode])).toEqual([
      ["refused", 60011],
      ["in_place", null],
    ]);
  });

  it("shows what somebody changed or deleted in the console, leaves it, and restores it when told to", async () => {
    await create();
    await create({ title: "第二条", words: ["返点", "回扣"] });
    await settled();
    const [first, second] = told();
    company.twin.interceptConsole.remove(first!.rule_id);
    company.twin.interceptConsole.change({
      rule_id: second!.rule_id,
      word_list: ["返点", "茶水费"],
      intercept_type: 2,
    });
    const drifted = await sync();
    expect(drifted.lines.map(({ parts }) => parts[0]?.state)).toEqual(["deleted", "changed"]);
    expect(await healthLine(admin, "interception")).toMatchObject({
      status: "attention",
      detail: "2 条规则在企业微信后台被改动或删除。",
    });
    expect(drifted.lines[1]?.parts[0]?.difference).toMatchObject({
      addedWords: ["茶水费"],
      removedWords: ["回扣"],
      action: "warn",
      name: null,
    });
    // Nothing is overwritten without being told to.
    await sync();
    expect(told()).toMatchObject([{ word_list: ["返点", "茶水费"] }]);
    const card = () => company.twin.phone("liuyang").map(({ body }) => JSON.stringify(body));
    await eventually(card, (cards) => cards.some((text) => text.includes("原生拦截规则被改动")));

    for (const { parts } of drifted.lines) {
      const restored = await admin.post(
        `${path}/parts/${encodeURIComponent(parts[0]!.id)}/restore`,
      );
      expect(restored.status).toBe(200);
    }
    const { lines } = await settled();
    expect(lines.map(({ parts }) => parts[0]?.state)).toEqual(["in_place", "in_place"]);
    expect(await healthLine(admin, "interception")).toMatchObject({
      status: "ok",
      detail: expect.stringContaining("2 条规则在企业微信里生效"),
    });
    expect(told().map(({ word_list }) => word_list)).toEqual([
      ["返点", "回扣"],
      ["保本保息", "稳赚不赔"],
    ]);
  });

  it("shows the rules of others, keeps their room and their names, and never touches them", async () => {
    const others = Array.from({ length: 99 }, (_, number) => {
      const name = number === 0 ? "承诺收益" : `后台${number}`;
      return company.twin.interceptConsole.add({
        rule_name: name,
        word_list: ["加微信"],
        intercept_type: 2,
        applicable_range: { user_list: ["chenli"] },
      });
    });
    await create();
    await create({ title: "放不下", level: "notice", words: ["返点"] });
    const { imported, lines, usedRules } = await settled();
    expect(imported).toHaveLength(99);
    expect(imported.find(({ name }) => name === "承诺收益")).toMatchObject({
      words: ["加微信"],
      range: { departments: [], members: ["陈丽"] },
    });
    expect(usedRules).toBe(100);
    expect(lines.map(({ parts, gaps }) => [parts.map(({ name }) => name), gaps[0]?.kind])).toEqual([
      [["承诺收益·2"], "variants"],
      [[], "no_room"],
    ]);
    const mine = new Set(others);
    expect(told().filter(({ rule_id }) => mine.has(rule_id))).toHaveLength(99);
    expect(told()).toHaveLength(100);
  });

  it("is never told a word of a confidential rule, unless that was said in so many words", async () => {
    const rule = await create({ words: ["天鹅计划"], isConfidential: true });
    const { lines } = await settled();
    expect(lines[0]).toMatchObject({ coverage: "none", gaps: [{ kind: "confidential" }] });
    expect(told()).toEqual([]);
    const next = { words: ["天鹅计划"], isConfidential: true };
    await update(rule, { ...next, native: { ...native, tellsConfidential: true } });
    expect((await settled()).lines[0]?.gaps).toContainEqual({ kind: "confidential_told" });
    expect(told()).toMatchObject([{ word_list: ["天鹅计划"] }]);
  });

  it("is the administrators' business", async () => {
    const sales = await signIn(company.twin, "chenli");
    for (const request of [
      sales.get(path),
      sales.get(`${path}/directory`),
      sales.post(`${path}/sync`),
      sales.post(`${path}/parts/x/restore`),
    ]) {
      expect((await request).status).toBe(403);
    }
    expect((await admin.post(`${path}/parts/x/restore`)).status).toBe(404);
    const { body } = await admin.get<{ departments: object[] }>(`${path}/directory`);
    expect(body.departments).toContainEqual({ id: 3, parentId: 2, name: "一组" });
  });
});
