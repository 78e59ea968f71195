import type { CaseList } from "#shared/contract/case";
import type { RuleDraft } from "#shared/contract/rule";
import { publishRules } from "../../../support/publish-rules.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import type { Browser } from "../sign-in/people-world.ts";
import { path, startRuleScanWorld } from "./rule-scan-world.ts";
import type { RuleScanWorld } from "./rule-scan-world.ts";

const draft: RuleDraft = {
  title: "承诺收益",
  category: "理财",
  level: "forbidden",
  speaker: "member",
  variants: "standard",
  words: ["保本"],
  exceptions: [],
  clause: "《广告法》第二十五条",
  reason: "不得承诺。",
  suggestion: "换一种说法。",
  isConfidential: false,
};

forEachDatabase("looking back with a published version", (open) => {
  let world: RuleScanWorld;
  let browser: Browser;

  beforeEach(async () => {
    world = await startRuleScanWorld(open);
    browser = await world.signedIn("zhoumin");
  });
  afterEach(() => world.stop());

  const write = async (change: Partial<RuleDraft> = {}) => {
    const rule = await world.rules.drafts.create({ ...draft, ...change }, "zhoumin");
    await publishRules(world.database, world.rules);
    return rule;
  };
  const count = async (table: string, where = "1 = 1"): Promise<number> => {
    const [row] = await world.database.read.query<{ n: string | number }[]>(
      `SELECT COUNT(*) AS n FROM ${table} WHERE ${where}`,
    );
    return Number(row?.n);
  };
  const cases = async () => (await browser.get("/api/manager/cases")).body as CaseList;
  const say = (text: string, at: number, from = "ChenLi", to = "wmA") => ({ from, to, text, at });

  it("stores what it finds as such, once, and tells nobody", async () => {
    const known = await write();
    await world.archive([
      say("保本的", 0),
      say("内部价给你", 60_000),
      say("保本又内部价", 120_000),
      say("内部价", 180_000, "xujie", "wmB"),
      say("没什么", 240_000),
    ]);
    const before = { cards: await count("case_card"), jobs: await count("job") };
    const late = await write({ title: "内部价", words: ["内部价"], level: "caution" });
    const published = await count("live_event");

    const { result, state } = await world.run(browser, "look_back");
    expect(state).toBe("done");
    expect(result).toMatchObject({ hits: { added: 2, gone: 0, same: 2 }, sample: null });
    expect(result!.rules).toEqual(
      expect.arrayContaining([
        { id: late.id, title: "内部价", added: 2, gone: 0, same: 0 },
        { id: known.id, title: "承诺收益", added: 0, gone: 0, same: 2 },
      ]),
    );
    expect(await count("hit", "is_look_back = 1")).toBe(2);
    expect(await count("hit")).toBe(4);
    expect(await count("supervision_case", "is_look_back = 1")).toBe(1);
    expect(await count("case_card")).toBe(before.cards);
    expect(await count("live_event")).toBe(published);
    expect(await count("job", "kind LIKE 'cases.%'")).toBe(before.cards + 1);
    expect(await count("ledger_entry", "kind = 'hit.found'")).toBe(4);

    // The manager sees them marked and counted apart.
    const list = await cases();
    expect(list).toMatchObject({ openCount: 2, lookBackCount: 1 });
    const shown = Object.fromEntries(list.cases.map((one) => [one.quote, one]));
    expect(shown["内部价给你"]).toMatchObject({
      isLookBack: true,
      findings: [{ title: "内部价", isLookBack: true, spans: [{ start: 0, end: 3 }] }],
    });
    const both = shown["保本又内部价"]!;
    expect(both.isLookBack).toBe(false);
    expect(both.findings.map(({ title, isLookBack }) => [title, isLookBack])).toEqual(
      expect.arrayContaining([
        ["承诺收益", undefined],
        ["内部价", true],
      ]),
    );
    // The salesperson is not warned of it.
    const warnings = await world.cases.listForConversation("s:chenli:wmA", "chenli");
    expect(warnings.flatMap(({ findings }) => findings.map(({ title }) => title))).toEqual([
      "承诺收益",
      "承诺收益",
    ]);
    expect(await world.cases.countOpen("zhangwei")).toBe(2);

    // Once more, and with another wording: what was found stays as it was found.
    const { revision } = (await world.rules.drafts.list()).rules.find(({ id }) => id === late.id)!;
    const words = ["内部价", "员工价"];
    await world.rules.drafts.update(late.id, revision, { ...draft, words }, "zhoumin");
    await publishRules(world.database, world.rules);
    const again = await world.run(browser, "look_back");
    expect(again.result).toMatchObject({ hits: { added: 0, same: 4 } });
    expect(await count("hit")).toBe(4);
    expect(await count("supervision_case")).toBe(3);
  });

  it("goes on in another process, and only one is under way", async () => {
    await world.archive(Array.from({ length: 40 }, (_, at) => say("保本", at * 1000)));
    await write();
    const { id } = await world.start(browser, "look_back");
    const other = await world.signedIn("zhoumin");
    const wish = { kind: "look_back", fromDay: "2026-11-18", toDay: "2026-11-18" };
    expect((await other.post(path, wish)).body).toMatchObject({ code: "scan_running" });
    const second = await startRuleScanWorld(open, world);
    await second.work();
    expect((await browser.get(`${path}/${id}`)).body).toMatchObject({
      state: "done",
      seen: 40,
      result: { hits: { added: 40, same: 0 } },
    });
    expect(await count("hit")).toBe(40);
    await second.stop();
  });
});
