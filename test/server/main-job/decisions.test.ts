import type { CaseView } from "#shared/contract/case";
import type { WarningView } from "#shared/contract/sidebar";
import type { PhoneItem } from "../../simulator/client-contract.ts";
import { CUSTOMER } from "../../simulator/testing/small-company.ts";
import { eventually } from "../../support/eventually.ts";
import {
  cardsOf,
  cardWith,
  caseWith,
  CHAT,
  countRows,
  settle,
  twoTeams,
  VIOLATION,
  watchCodes,
} from "../../support/main-job-world.ts";
import type { CodeUse } from "../../support/main-job-world.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { signIn } from "../../support/web-client.ts";
import type { OpenStream, WebClient } from "../../support/web-client.ts";

const HANDLED = /^张伟 \d\d:\d\d 已处理$/;
const FALSE_ALARM = /^张伟 \d\d:\d\d 标记为误报$/;

forEachDatabase("a decision about a case", (open) => {
  let company: RunningCompany;
  let manager: WebClient;
  let director: WebClient;
  let stream: OpenStream<WarningView>;
  let codes: CodeUse;
  let said = 0;

  beforeAll(async () => {
    company = await startCompany({
      company: twoTeams(),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
    });
    await settle(company);
    const { twin } = company;
    [manager, director] = await Promise.all([signIn(twin, "zhangwei"), signIn(twin, "zhoumin")]);
    const sales = await signIn(twin, "chenli");
    stream = await sales.stream(`/api/sidebar/events?customerId=${CUSTOMER}`);
    codes = watchCodes(twin);
  });
  beforeEach(() => {
    stream.events.length = 0;
    codes.used.length = 0;
    codes.refused.length = 0;
  });
  afterAll(async () => {
    stream.close();
    await company.close();
  });

  /** A new violation, its case and its card. */
  async function violate(): Promise<{ card: PhoneItem; found: CaseView }> {
    said += 1;
    const quote = `${VIOLATION}，第${said}次`;
    company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: quote });
    const [card, found] = await Promise.all([
      cardWith(company.twin, "zhangwei", quote),
      caseWith(manager, quote),
    ]);
    await company.product.jobs.idle();
    return { card, found };
  }

  const tap = ({ msgId }: PhoneItem, buttonKey: string) =>
    company.twin.tap({ memberId: "zhangwei", msgId, buttonKey });
  const decide = (client: WebClient, { id }: CaseView, decision: CaseView["state"]) =>
    client.post<CaseView>(`/api/manager/cases/${id}/decision`, { decision });
  const cardNow = ({ msgId }: PhoneItem) =>
    cardsOf(company.twin, "zhangwei").find((card) => card.msgId === msgId)!;
  const caseNow = async ({ id }: CaseView) =>
    (await manager.get<CaseView>(`/api/manager/cases/${id}`)).body;

  /** What must be so after any number of tries to decide this one case. */
  async function expectOneEffect(card: PhoneItem, found: CaseView): Promise<CaseView> {
    await settle(company);
    const decided = await caseNow(found);
    await eventually(
      () => stream.events.filter(({ data }) => data.state !== "open"),
      (events) => events.length >= 1,
    );
    const told = stream.events.filter(({ data }) => data.state !== "open");
    expect(told.map(({ data }) => data)).toMatchObject([
      { caseId: found.id, state: decided.state },
    ]);
    expect(cardNow(card).replacedButton).toContain(decided.decidedByName);
    expect(cardNow(card).replacedButton).toMatch(
      decided.state === "handled" ? /已处理$/ : /标记为误报$/,
    );
    expect(codes).toEqual({ used: [expect.any(String)], refused: [] });
    expect(await countRows(company, "case_card", "state <> 'updated'")).toBe(0);
    return decided;
  }

  it("is one tap; the card says who and when, once", async () => {
    const { card, found } = await violate();
    expect(await tap(card, "false_alarm")).toBe("sent");
    expect(await expectOneEffect(card, found)).toMatchObject({
      state: "false_alarm",
      decidedByName: "张伟",
    });
    expect(cardNow(card).replacedButton).toMatch(FALSE_ALARM);
    expect(await tap(card, "handle")).toBe("gone");
  });

  it("can be made in the page instead; the card follows and a second page is told", async () => {
    const { card, found } = await violate();
    const answer = await decide(director, found, "handled");
    expect(answer).toMatchObject({ status: 200, body: { decidedByName: "周敏" } });
    const late = await decide(manager, found, "false_alarm");
    expect(late).toMatchObject({ status: 409, body: { code: "already_decided" } });
    await expectOneEffect(card, found);
    expect(cardNow(card).replacedButton).toMatch(/^周敏 \d\d:\d\d 已处理$/);
  });

  it("has one effect when both buttons are pressed before the card changes", async () => {
    for (let round = 0; round < 5; round += 1) {
      codes.used.length = 0;
      stream.events.length = 0;
      const { card, found } = await violate();
      await Promise.all([tap(card, "handle"), tap(card, "false_alarm"), tap(card, "handle")]);
      await expectOneEffect(card, found);
    }
  });

  it("has one effect when its callback is delivered twice at once", async () => {
    const { card, found } = await violate();
    company.twin.setFaults({ callbackCopies: 2 });
    await tap(card, "handle");
    company.twin.setFaults({ callbackCopies: 1 });
    expect(await expectOneEffect(card, found)).toMatchObject({ state: "handled" });
    expect(cardNow(card).replacedButton).toMatch(HANDLED);
  });

  it("has one effect when its callback comes again later, word for word and signed anew", async () => {
    const { card, found } = await violate();
    const { twin } = company;
    const xml = twin.formatEvent("zhangwei", {
      Event: "template_card_event",
      EventKey: "handle",
      TaskId: String(card.body["task_id"]),
      CardType: "button_interaction",
      ResponseCode: twin.world.phone.issueResponseCode(card.msgId),
      AgentID: twin.world.corp.agentId,
    });
    const request = twin.signCallback("app", xml);
    expect(await twin.postCallback("app", request)).toMatchObject({ body: "success" });
    await settle(company);
    expect(await twin.postCallback("app", request)).toMatchObject({ body: "success" });
    await twin.deliverCallback("app", xml);
    expect(await expectOneEffect(card, found)).toMatchObject({ state: "handled" });
  });

  it("has one effect when taps and two managers' pages decide at the same moment", async () => {
    for (let round = 0; round < 5; round += 1) {
      codes.used.length = 0;
      stream.events.length = 0;
      const { card, found } = await violate();
      const [, mine, theirs] = await Promise.all([
        tap(card, "handle"),
        decide(manager, found, "false_alarm"),
        decide(director, found, "handled"),
      ]);
      await expectOneEffect(card, found);
      const won = [mine, theirs].filter(({ status }) => status === 200);
      expect(won.length).toBeLessThanOrEqual(1);
      expect([mine, theirs].filter(({ status }) => status === 409)).toHaveLength(2 - won.length);
    }
  });

  it("of somebody who is not the card's manager has none", async () => {
    const { card, found } = await violate();
    const { twin } = company;
    const fields = {
      Event: "template_card_event",
      EventKey: "handle",
      TaskId: String(card.body["task_id"]),
      CardType: "button_interaction",
      ResponseCode: twin.world.phone.issueResponseCode(card.msgId),
      AgentID: twin.world.corp.agentId,
    };
    await twin.deliverCallback("app", twin.formatEvent("chenli", fields));
    await twin.deliverCallback(
      "app",
      twin.formatEvent("zhangwei", { ...fields, EventKey: "drop_table" }),
    );
    await settle(company);
    expect(await caseNow(found)).toMatchObject({ state: "open" });
    expect(codes).toEqual({ used: [], refused: [] });
    await tap(card, "handle");
    await expectOneEffect(card, found);
  });

  it("reaches a card that could not be changed at first, as soon as somebody taps it", async () => {
    const { card, found } = await violate();
    company.twin.failNext("/message/update_template_card", 60140);
    await decide(director, found, "handled");
    await settle(company);
    expect(cardNow(card).replacedButton).toBeNull();
    await tap(card, "false_alarm");
    expect(await expectOneEffect(card, found)).toMatchObject({ decidedByName: "周敏" });
  });

  it("is made by a tap that overtakes the answer to the card's own push", async () => {
    const { twin } = company;
    const { phone } = twin.world;
    const saveTask = phone.saveTask;
    for (let round = 0; round < 3; round += 1) {
      codes.used.length = 0;
      stream.events.length = 0;
      const tapped = new Promise<string>((done) => {
        phone.saveTask = (taskId, msgId) => {
          saveTask(taskId, msgId);
          phone.saveTask = saveTask;
          void twin.tap({ memberId: "zhangwei", msgId, buttonKey: "handle" }).then(done);
        };
      });
      const { card, found } = await violate();
      expect(await tapped).toBe("sent");
      expect(await expectOneEffect(card, found)).toMatchObject({ state: "handled" });
    }
  });
});
