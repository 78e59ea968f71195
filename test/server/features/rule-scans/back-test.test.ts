import type { RuleDraft } from "#shared/contract/rule";
import type {
  LatestScan,
  RuleScanView,
  SampleSummary,
  SampleView,
} from "#shared/contract/rule-scan";
import type { OwnReadings } from "#shared/contract/reading";
import { archiveExpiry } from "../../../../server/src/features/archive/expiry.ts";
import { forgetSamplesOf } from "../../../../server/src/features/rule-scans/expiry.ts";
import { publishRules } from "../../../support/publish-rules.ts";
import { seededRandom } from "../../../support/random.ts";
import { forEachDatabase } from "../../../support/test-database.ts";
import type { Browser } from "../sign-in/people-world.ts";
import { path, PURPOSE, range, startRuleScanWorld } from "./rule-scan-world.ts";
import type { RuleScanWorld, Said } from "./rule-scan-world.ts";

const draft: RuleDraft = {
  title: "承诺收益",
  category: "理财",
  level: "forbidden",
  speaker: "either",
  variants: "standard",
  words: ["保本"],
  exceptions: [],
  clause: "《广告法》第二十五条",
  reason: "不得承诺。",
  suggestion: "换一种说法。",
  isConfidential: false,
};
const DAY_MS = 24 * 3600_000;
const own = { kind: "words", words: null } as const;

/** One of each way in which rules look at messages. */
const everyKind: Partial<RuleDraft>[] = [
  { title: "词" },
  { title: "拆开", variants: "strong", words: ["私单"] },
  {
    title: "连着说",
    words: ["稳赚"],
    condition: { kind: "window", messages: 3, minutes: 2, of: own },
  },
  { title: "手机号", words: [], condition: { kind: "value", value: "mobile" } },
  {
    title: "群里",
    words: ["加微信"],
    condition: { kind: "all", of: [own, { kind: "scene", anyOf: ["group"] }] },
  },
  {
    title: "一组下班后",
    level: "notice",
    words: ["报价"],
    condition: {
      kind: "all",
      of: [
        own,
        { kind: "time", isWorkingTime: false },
        { kind: "member", departmentIds: [31], memberIds: [] },
      ],
    },
  },
  { title: "撤回", words: [], condition: { kind: "recall", withinMinutes: 2 } },
  {
    title: "表格",
    words: [],
    condition: { kind: "content", anyOf: ["file"], extensions: ["xlsx"] },
  },
  {
    title: "没有说明",
    words: ["收益"],
    condition: { kind: "all", of: [own, { kind: "not", of: { kind: "words", words: ["风险"] } }] },
  },
];

forEachDatabase("trying a draft on history", (open) => {
  let world: RuleScanWorld;
  let browser: Browser;

  beforeEach(async () => {
    world = await startRuleScanWorld(open);
    browser = await world.signedIn("zhoumin");
  });
  afterEach(() => world.stop());

  const write = async (change: Partial<RuleDraft> = {}) =>
    await world.rules.drafts.create({ ...draft, ...change }, "zhoumin");
  const publish = () => publishRules(world.database, world.rules);
  const say = (text: string, at: number, change: Partial<Said> = {}): Said => ({
    from: "ChenLi",
    to: "wmA",
    text,
    at,
    ...change,
  });

  it.each([2, 3, 4])("finds just what was found when it was said (%i)", async (seed) => {
    for (const change of everyKind) await write(change);
    await publish();
    for (const page of randomPages(seed)) await world.archive(page);
    const rows = await world.database.read.query<
      { rule_id: string; sent_at_ms: string | number; member_id: string }[]
    >(`SELECT h.rule_id, h.sent_at_ms, c.member_id FROM hit h
       JOIN supervision_case c ON c.message_seq = h.message_seq
       WHERE h.conversation_id IN (SELECT conversation_id FROM conversation_party
         WHERE party_id IN ('chenli', 'wuhao', 'zhangwei'))`);
    const { state, seen, total, result, isStale } = await world.run(browser);
    expect({ state, isStale, left: total - seen }).toEqual({
      state: "done",
      isStale: false,
      left: 0,
    });
    expect(rows.length).toBeGreaterThan(20);
    expect(result?.hits).toEqual({ added: 0, gone: 0, same: rows.length });
    const sums = (key: (row: (typeof rows)[number]) => string) => {
      const sum: Record<string, number> = {};
      for (const row of rows) sum[key(row)] = (sum[key(row)] ?? 0) + 1;
      return sum;
    };
    const asSums = (list: readonly { same: number }[], key: (row: never) => string) =>
      Object.fromEntries(list.map((row) => [key(row as never), row.same]));
    expect(asSums(result!.rules, ({ id }: { id: string }) => id)).toEqual(
      sums(({ rule_id: id }) => id),
    );
    expect(new Set(Object.keys(sums((row) => row.rule_id))).size).toBe(everyKind.length);
    expect(asSums(result!.days, ({ day }: { day: string }) => day)).toEqual(
      sums((row) => new Date(Number(row.sent_at_ms) + 8 * 3600_000).toISOString().slice(0, 10)),
    );
    const { xujie = 0, ...reached } = sums((row) => row.member_id);
    expect(asSums(result!.people, ({ id }: { id: string }) => id)).toEqual(reached);
    expect(result!.others?.same ?? 0).toBe(xujie);
  });

  it("tells what is new, gone and the same, by word, person, day and manager", async () => {
    const kept = await write({ title: "留下", words: ["保本", "保底"] });
    const removed = await write({ title: "去掉", words: ["内部价"], level: "caution" });
    await publish();
    await world.archive([
      say("保本", 0),
      say("保底的", DAY_MS),
      say("给你内部价", 1000, { from: "wuhao", to: "wmB" }),
      say("绝对赚，打 13812345678", DAY_MS + 1000),
      say("绝对赚", 2 * DAY_MS, { from: "xujie", room: "wrG" }),
      say("我在", 2 * DAY_MS + 1, { from: "wuhao", room: "wrG" }),
      say("下个月的保本", 10 * DAY_MS),
    ]);
    await world.rules.drafts.remove(removed.id, "zhoumin");
    const { id, revision } = kept;
    const words = ["保本", "绝对赚"];
    await world.rules.drafts.update(id, revision, { ...draft, title: "留下", words }, "zhoumin");
    await write({
      title: "手机号",
      level: "notice",
      words: [],
      condition: { kind: "value", value: "mobile" },
    });
    const { result } = await world.run(browser);
    expect(result).toMatchObject({
      erased: 0,
      failed: 0,
      messagesBefore: 3,
      messagesAfter: 3,
      hits: { added: 3, gone: 2, same: 1 },
      others: { count: 1, added: 1, gone: 0, same: 0 },
      sample: { from: "added", population: 3, size: 3, precision: null },
    });
    expect(result!.days).toEqual([
      { day: "2026-11-18", added: 0, gone: 1, same: 1 },
      { day: "2026-11-19", added: 2, gone: 1, same: 0 },
      { day: "2026-11-20", added: 1, gone: 0, same: 0 },
    ]);
    expect(result!.people).toEqual([
      { id: "chenli", name: "陈丽", added: 2, gone: 1, same: 1 },
      { id: "wuhao", name: "吴昊", added: 0, gone: 1, same: 0 },
    ]);
    // The number itself is what somebody said; it is counted and not kept.
    expect(result!.words).toEqual(
      expect.arrayContaining([
        { ruleTitle: "留下", word: "绝对赚", added: 2, gone: 0, same: 0 },
        { ruleTitle: "留下", word: "保底", added: 0, gone: 1, same: 0 },
        { ruleTitle: "去掉", word: "内部价", added: 0, gone: 1, same: 0 },
        { ruleTitle: "留下", word: "保本", added: 0, gone: 0, same: 1 },
        { ruleTitle: "手机号", word: null, added: 1, gone: 0, same: 0 },
      ]),
    );
    const load = (perDay: number, most: number) => ({ perDay, most });
    const ofZhangwei = result!.managers.find((one) => one.id === "zhangwei");
    expect(ofZhangwei).toEqual({
      id: "zhangwei",
      name: "张伟",
      before: load(1, 2),
      after: load(0.67, 1),
    });
  });

  it("draws a sample that is read with a purpose, judged, and left by what is destroyed", async () => {
    await write({ words: ["别的"] });
    await publish();
    const seqs = await world.archive(
      Array.from({ length: 30 }, (_, at) => say(`保本 13812345678，第${at}次`, at * 60_000)),
    );
    await write();
    const { id, result } = await world.run(browser);
    expect(result?.sample).toMatchObject({ from: "added", population: 30, size: 20 });
    const open_ = (by: Browser, purpose = PURPOSE) => by.post(`${path}/${id}/sample`, { purpose });
    expect((await open_(browser, "看")).status).toBe(400);
    const sample = (await open_(browser)).body as SampleView;
    expect(sample.items).toHaveLength(20);
    expect(sample.items[0]).toMatchObject({
      ruleTitle: "承诺收益",
      label: null,
      memberName: "陈丽",
      otherName: "王*",
      findings: [{ level: "forbidden", spans: [{ start: 0, end: 2 }] }],
    });
    expect(sample.items.every(({ quote }) => quote.includes("138****5678"))).toBe(true);
    const readings = async () =>
      ((await (await world.signedIn("ChenLi")).get("/api/session/readings")).body as OwnReadings)
        .readings;
    expect(await readings()).toMatchObject([
      { kind: "conversation", purpose: `规则试跑抽样：${PURPOSE}`, readerName: "周敏" },
    ]);
    // Nothing of it lies in the tables.
    const dump = JSON.stringify(
      await Promise.all(
        ["rule_scan", "rule_scan_sample"].map((table) =>
          world.database.read.query(`SELECT * FROM ${table}`),
        ),
      ),
    );
    expect(dump).not.toContain("138123");

    const label = async (at: number, value: string | null) =>
      await browser.post(`${path}/${id}/sample/${sample.items[at]!.id}/label`, { label: value });
    for (let at = 0; at < 10; at += 1) await label(at, at < 8 ? "correct" : "false_alarm");
    const told = (await label(9, "false_alarm")).body as SampleSummary;
    expect(told).toMatchObject({ correct: 8, falseAlarm: 2, precision: { share: 0.8 } });
    // Wilson's interval of 8 of 10, as in the tables.
    expect(told.precision!.low).toBeCloseTo(0.4902, 3);
    expect(told.precision!.high).toBeCloseTo(0.9433, 3);
    expect((await label(0, null)).body).toMatchObject({ correct: 7 });

    // Those who may read nobody see the counts alone.
    const second = await world.signedIn("liuyang");
    expect((await open_(second)).body).toMatchObject({ code: "no_chats_to_scan" });
    const seen = (await second.get(`${path}/${id}`)).body as RuleScanView;
    expect(seen.result).toMatchObject({
      people: [],
      others: { count: 1, added: 30 },
      sample: { correct: 7, falseAlarm: 2 },
    });

    const aged = await archiveExpiry.listDay(world.database.read, {
      day: Math.floor((Date.UTC(2026, 10, 18) + 8 * 3600_000) / DAY_MS),
      kinds: ["single"],
      after: undefined,
      limit: 100,
    });
    expect(aged.map(({ seq }) => seq)).toEqual(seqs);
    await world.database.write(async (tx) => {
      await forgetSamplesOf(tx, seqs.slice(0, 25));
      await archiveExpiry.destroy(tx, aged.slice(0, 25));
    });
    const left = ((await browser.get(`${path}/${id}`)).body as RuleScanView).result!.sample!;
    const again = (await open_(browser)).body as SampleView;
    expect(left.size).toBe(again.items.length);
    expect(left.size).toBeLessThanOrEqual(5);
  });

  it("is for those who write rules and may read chats, one at a time, and can be cancelled", async () => {
    await write();
    await publish();
    await world.archive([say("保本", 0)]);
    const sales = await world.signedIn("ChenLi");
    expect((await sales.get(`${path}/latest?kind=back_test`)).status).toBe(403);
    const admin = await world.signedIn("liuyang");
    const wish = { kind: "back_test", ...range };
    expect((await admin.post(path, wish)).body).toMatchObject({ code: "no_chats_to_scan" });
    const latest = async () =>
      (await browser.get(`${path}/latest?kind=back_test`)).body as LatestScan;
    expect(await latest()).toEqual({ scan: null, reach: 3 });
    expect((await browser.post(path, { ...wish, toDay: "2026-11-01" })).status).toBe(400);
    expect((await browser.post(path, { ...wish, toDay: "2026-02-30" })).status).toBe(400);
    const empty = { ...wish, fromDay: "2026-01-01", toDay: "2026-01-02" };
    expect((await browser.post(path, empty)).body).toMatchObject({
      fields: { fromDay: "这段时间没有你能查看的聊天" },
    });

    const { id } = await world.start(browser);
    expect(await latest()).toMatchObject({ scan: { id, state: "running", seen: 0, total: 1 } });
    expect((await browser.post(path, wish)).body).toMatchObject({ code: "scan_running" });
    expect((await browser.post(`${path}/${id}/cancel`)).body).toMatchObject({ state: "cancelled" });
    await world.work();
    expect(await latest()).toMatchObject({ scan: { id, state: "cancelled", result: null } });
    expect((await world.run(browser)).state).toBe("done");
    // A draft that was edited has not been tried.
    await write({ title: "又一条" });
    expect(await latest()).toMatchObject({ scan: { state: "done", isStale: true } });
    const { version, hash } = await world.rules.drafts.changes();
    const tried = async () =>
      (await admin.get(`${path}/proposals/${version}/${hash}`)).body as { scan: unknown };
    expect(await tried()).toEqual({ scan: null });
    await world.run(browser);
    expect(await tried()).toMatchObject({ scan: { state: "done", requestedByName: "周敏" } });
  });

  it("goes on after a kill and counts nothing twice, and ends when the right to it ends", async () => {
    await write();
    await publish();
    const said = Array.from({ length: 60 }, (_, at) => say("保本", at * 1000));
    await world.archive(said);
    const { id } = await world.start(browser);
    // Stopped in the middle, a stretch is begun whose process dies: the next process finds it as it was left.
    const { database } = world;
    await database.write((tx) =>
      tx.query("UPDATE job SET state = 'running', lease_until_ms = 1, owner = 'dead'"),
    );
    const other = await startRuleScanWorld(open, world);
    await other.work();
    const done = (await (await other.signedIn("zhoumin")).get(`${path}/${id}`))
      .body as RuleScanView;
    expect(done).toMatchObject({ state: "done", seen: 60, result: { hits: { same: 60 } } });
    const [row] = await database.read.query<{ step: number }[]>("SELECT step FROM rule_scan");
    expect(row?.step).toBeGreaterThan(3);
    await other.stop();

    await world.start(browser);
    world.company.departments.find(({ id: number }) => number === 3)!.department_leader = [];
    for (const one of world.company.members) one.direct_leader = [];
    await world.sync();
    await world.work();
    const latest = (await browser.get(`${path}/latest?kind=back_test`)).body as LatestScan;
    expect(latest.scan).toMatchObject({ state: "failed", problem: "not_allowed" });
  });
});

/** What people say over three days, some of it late and out of order. */
function randomPages(seed: number): Said[][] {
  const random = seededRandom(seed);
  const share = (): number => random.int(0, 999_999) / 1_000_000;
  const pick = <T>(list: readonly T[]): T => list[random.int(0, list.length - 1)]!;
  const texts = [
    ..."保本 保 本 私 单 私单 稳 赚 稳赚 好的 报价 收益 收益有风险 保.本".split(" "),
    "加微信聊",
    "打13812345678",
    "138123",
    "45678",
    "嗯，明天见",
  ];
  const talks: ((text: string) => Omit<Said, "at">)[] = [
    (text) => ({ from: "ChenLi", to: "wmA", text }),
    (text) => ({ from: "wmA", to: "ChenLi", text }),
    (text) => ({ from: "wuhao", to: "wmB", text }),
    (text) => ({ from: "ChenLi", to: "wuhao", text }),
    (text) => ({ from: "xujie", to: "wmB", text }),
    (text) => ({ from: pick(["ChenLi", "wuhao", "xujie", "wmA"]), room: "wrG", text }),
  ];
  const said: Said[] = [];
  let at = 0;
  for (let index = 0; index < 170; index += 1) {
    at += share() < 0.1 ? share() * 4 * 3600_000 : share() * 40_000;
    if (at > 3 * DAY_MS - 3600_000) break;
    const one: Said = { ...pick(talks)(pick(texts)), at: Math.floor(at) };
    const kind = share();
    if (kind < 0.05) {
      const revoke = { pre_msgid: `m${said.length}_external` };
      one.wire = { msgid: undefined, action: "recall", msgtype: "revoke", text: undefined, revoke };
      delete one.wire["msgid"];
    } else if (kind < 0.1) {
      const file = {
        filename: pick(["a.xlsx", "b.pdf"]),
        sdkfileid: "x",
        filesize: 10,
        md5sum: "",
      };
      one.wire = { msgtype: "file", text: undefined, file };
    }
    said.push(one);
    if (share() < 0.7) continue;
    // Pieces that one person sends one after the other.
    const talk = pick(talks)("");
    for (const text of pick(["稳 赚", "私 单", "138123 45678"]).split(" ")) {
      said.push({ ...talk, text, at: Math.floor((at += 3000)) });
    }
  }
  // Some are delivered after their successors.
  for (let index = 3; index < said.length; index += 4) {
    const [moved] = said.splice(index, 1);
    said.splice(Math.min(said.length, index + 2), 0, moved!);
  }
  const pages: Said[][] = [];
  while (said.length > 0) pages.push(said.splice(0, random.int(1, 7)));
  return pages;
}
