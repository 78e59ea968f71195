import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CaseView } from "#shared/contract/case";
import type { CustomerContext, WarningView } from "#shared/contract/sidebar";
import type { ReadingView } from "#shared/contract/reading";
import type { RuleDraft, RuleList, RuleView, TrialView } from "#shared/contract/rule";
import type { RuleEffects } from "#shared/contract/rule-feedback";
import { CUSTOMER, PARTNER, REFUSING_CUSTOMER } from "../../simulator/testing/small-company.ts";
import { eventually } from "../../support/eventually.ts";
import { cardsOf, casesOf, countRows, settle, twoTeams } from "../../support/main-job-world.ts";
import { publishDraft, twoAdministrators } from "../../support/publish-draft.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { signIn } from "../../support/web-client.ts";
import type { OpenStream, WebClient } from "../../support/web-client.ts";
import { appoint, CONVERSATION, makePackage, verifierNames, verify } from "./evidence-world.ts";

/** Comes with the product: 员工删除客户. */
const STARTER = "customer.removed";
const LOST: RuleDraft = {
  title: "客户删除员工",
  category: "客户流失",
  level: "caution",
  speaker: "customer",
  words: [],
  exceptions: [],
  condition: { kind: "all", of: [{ kind: "removal" }, { kind: "scene", anyOf: ["single"] }] },
  clause: "公司微信管理手册 · 客户归属",
  reason: "客户删除了员工，要弄清原因。",
  suggestion: "请主管回访。",
  isConfidential: false,
};

type Deletion = "del_external_contact" | "del_follow_user";

forEachDatabase("one side deletes the other", (open) => {
  let company: RunningCompany;
  let sales: WebClient;
  let manager: WebClient;
  let admin: WebClient;
  let second: WebClient;
  let stream: OpenStream<WarningView>;
  /** Deletions of one pair are apart by their second. */
  let atSecond = Math.floor(Date.now() / 1000) - 600;

  beforeAll(async () => {
    company = await startCompany({
      company: twoTeams(),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
      settings: twoAdministrators,
    });
    await settle(company);
    const { twin } = company;
    [sales, manager, admin, second] = await Promise.all([
      signIn(twin, "chenli"),
      signIn(twin, "zhangwei"),
      signIn(twin, "liuyang"),
      signIn(twin, "sunhao"),
    ]);
    stream = await sales.stream(`/api/sidebar/events?customerId=${CUSTOMER}`);
  });
  afterAll(async () => {
    stream.close();
    await company.close();
  });

  const xmlOf = (ChangeType: Deletion, ExternalUserID: string, more: object = {}): string => {
    atSecond += 1;
    const event = { Event: "change_external_contact", ChangeType, UserID: "chenli" };
    const xml = company.twin.formatEvent("sys", { ...event, ExternalUserID, ...more });
    return xml.replace(/<CreateTime>\d+</u, `<CreateTime>${atSecond}<`);
  };

  async function deliver(...xmls: string[]): Promise<void> {
    for (const xml of xmls) await company.twin.deliverCallback("app", xml);
    await settle(company);
  }

  const found = async (): Promise<CaseView[]> =>
    (await casesOf(manager)).filter(({ occasion }) => occasion === "removal");
  const cardCount = (): number => cardsOf(company.twin, "zhangwei").length;
  const entriesOf = (kind: string) =>
    company.product.database.read.query<{ object_id: string; details: string }[]>(
      "SELECT object_id, details FROM ledger_entry WHERE kind = ? ORDER BY position",
      [kind],
    );

  it("is a case with one card and one entry on record, however often WeCom tells of it", async () => {
    const xml = xmlOf("del_external_contact", CUSTOMER);
    await deliver(xml, xml, xml.replace("</xml>", "<Source><![CDATA[]]></Source></xml>"));

    const [one, ...others] = await found();
    expect(others).toEqual([]);
    expect(one).toMatchObject({
      state: "open",
      level: "caution",
      speaker: "member",
      occasion: "removal",
      hasContext: true,
      memberName: "陈丽",
      customerName: "阿*",
      quote: "",
      parts: [],
      sentAtMs: atSecond * 1000,
      isLookBack: false,
    });
    expect(one?.findings).toMatchObject([{ ruleId: STARTER, title: "员工删除客户", spans: [] }]);
    expect(one?.findings[0]?.explanation).toMatchObject({
      trace: [{ condition: { kind: "removal" }, holds: true, isUnknown: false, found: [] }],
      folded: "",
    });

    const cards = cardsOf(company.twin, "zhangwei");
    expect(cards).toHaveLength(1);
    const card = JSON.stringify(cards[0]?.body);
    expect(card).toContain("陈丽 删除了 阿＊");
    expect(card).toContain("员工删除客户");
    expect(card).not.toContain("quote_area");
    expect(await entriesOf("hit.found")).toEqual([
      { object_id: expect.any(String) as string, details: expect.any(String) as string },
    ]);
    const [entry] = await entriesOf("hit.found");
    expect(JSON.parse(entry!.details)).toEqual({
      rule: STARTER,
      revision: 1,
      level: "caution",
      act: "removal",
    });
    expect(await countRows(company, "hit", "message_seq IS NULL AND event_id IS NOT NULL")).toBe(1);
  });

  it("is told to the salesperson at once, and stands in the sidebar once they have the customer again", async () => {
    const told = await eventually(
      () => stream.events.map(({ data }) => data),
      (events) => events.length > 0,
    );
    expect(told).toMatchObject([{ occasion: "removal", speaker: "member", quote: "" }]);
    const { body } = await sales.get<CustomerContext>(`/api/sidebar/customers/${CUSTOMER}`);
    expect(body.warnings).toMatchObject([{ occasion: "removal", findings: [{ ruleId: STARTER }] }]);
  });

  it("can be read round, and can be a case of a conversation of which nothing is archived", async () => {
    const [one] = await found();
    const reading = await manager.post<ReadingView>("/api/manager/readings", {
      caseId: one!.id,
      purpose: "核对删除客户之前的聊天",
    });
    expect(reading.status).toBe(201);
    expect(reading.body).toMatchObject({ conversation: { id: CONVERSATION }, anchorSeq: null });
    const messages = await manager.get<{ messages: unknown[] }>(
      `/api/manager/readings/${reading.body.id}/messages`,
    );
    expect(messages.status).toBe(200);
    expect(messages.body.messages.length).toBeGreaterThan(0);

    await deliver(xmlOf("del_external_contact", REFUSING_CUSTOMER));
    const [alone] = await found();
    expect(alone).toMatchObject({ customerName: "老*", hasContext: false });
    const refused = await manager.post("/api/manager/readings", {
      caseId: alone!.id,
      purpose: "核对删除客户之前的聊天",
    });
    expect(refused.status).toBe(404);
  });

  it("is decided by a tap on the card like any other, and counts for the rule's precision", async () => {
    const [card] = cardsOf(company.twin, "zhangwei");
    await company.twin.tap({ memberId: "zhangwei", msgId: card!.msgId, buttonKey: "false_alarm" });
    await settle(company);
    expect((await found()).map(({ state }) => state).sort()).toEqual(["false_alarm", "open"]);
    const { body } = await admin.get<RuleEffects>("/api/admin/rules/effects?days=30");
    expect(body.rules.find(({ ruleId }) => ruleId === STARTER)).toMatchObject({
      hits: 2,
      falseAlarms: 1,
      handled: 0,
    });
  });

  it("is nobody's act when WeCom deletes with a handover, and of no rule when the customer does it", async () => {
    const before = await found();
    const cards = cardCount();
    await deliver(
      xmlOf("del_external_contact", PARTNER, { Source: "DELETE_BY_TRANSFER" }),
      xmlOf("del_follow_user", PARTNER),
    );
    expect(await found()).toEqual(before);
    expect(cardCount()).toBe(cards);
  });

  it("is asked of the rules as they are published at that moment", async () => {
    const before = (await found()).length;
    const made = await admin.post<RuleView>("/api/admin/rules", LOST);
    expect(made.status).toBe(201);
    const asWritten = xmlOf("del_follow_user", CUSTOMER);
    await deliver(asWritten);
    expect(await found()).toHaveLength(before);

    await publishDraft(admin, second);
    await deliver(asWritten, xmlOf("del_follow_user", CUSTOMER));
    expect(await found()).toHaveLength(before + 1);
    const [lost] = await found();
    expect(lost).toMatchObject({ speaker: "customer", findings: [{ ruleId: made.body.id }] });
    const traced = lost?.findings[0]?.explanation?.trace.map(({ condition, holds }) => [
      condition.kind,
      holds,
    ]);
    expect(traced).toEqual([
      ["all", true],
      ["removal", true],
      ["scene", true],
    ]);
    expect(JSON.stringify(cardsOf(company.twin, "zhangwei").at(-1)?.body)).toContain(
      "阿＊ 删除了 陈丽",
    );

    await admin.post(`/api/admin/rules/${made.body.id}/switch`, { isEnabled: false });
    await publishDraft(admin, second);
    await deliver(xmlOf("del_follow_user", CUSTOMER));
    expect(await found()).toHaveLength(before + 1);
  });

  it("cannot be asked for together with words, which is said; tried on a sentence it never holds", async () => {
    const removal = { kind: "removal" } as const;
    const own = { kind: "words", words: null } as const;
    const words = ["加我"];
    const refused = await admin.post<{ fields: Record<string, string> }>("/api/admin/rules", {
      ...LOST,
      words,
      condition: { kind: "all", of: [own, removal] },
    });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain("删除好友不是一条消息");

    const draft = { ...LOST, words, condition: { kind: "any", of: [own, removal] } };
    const tried = await admin.post<TrialView>("/api/admin/rules/trial", {
      text: "加我",
      speaker: "customer",
      draft,
      replacesRuleId: null,
    });
    const { findings } = tried.body;
    const mine = findings.find(({ ruleId }) => ruleId === "draft");
    expect(mine?.explanation.trace.map(({ holds, isUnknown }) => [holds, isUnknown])).toEqual([
      [true, false],
      [true, false],
      [false, false],
    ]);
    const { body } = await admin.get<RuleList>("/api/admin/rules");
    expect(body.rules.find(({ id }) => id === STARTER)?.recentHits).toBe(2);
  });

  it("is named in the trail of a package of evidence, which both verifiers accept", async () => {
    const folder = mkdtempSync(join(tmpdir(), "evidence-"));
    try {
      const people = await appoint(company);
      const [one] = (await found()).filter(
        ({ sentAtMs, hasContext }) => sentAtMs > 0 && hasContext,
      );
      const { zip } = await makePackage(people, { conversationId: undefined, caseId: one!.id });
      const path = join(folder, "package.zip");
      writeFileSync(path, zip);
      for (const name of verifierNames) {
        const [verdict] = await verify(name, [path]);
        expect(verdict).toMatchObject({ passed: true });
      }
      expect(zip.toString("utf8")).toContain("删除好友（没有消息）");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
