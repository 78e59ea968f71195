import type { GroupContext, WarningView } from "#shared/contract/sidebar";
import type { CustomerContext } from "#shared/contract/sidebar";
import { CUSTOMER, REFUSING_CUSTOMER, ROOM } from "../../simulator/testing/small-company.ts";
import {
  cardsOf,
  cardWith,
  caseWith,
  casesOf,
  CHAT,
  countRows,
  settle,
  twoTeams,
  VIOLATION,
} from "../../support/main-job-world.ts";
import { eventually } from "../../support/eventually.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { signIn } from "../../support/web-client.ts";
import type { WebClient } from "../../support/web-client.ts";

const GROUP = `group:${ROOM}`;
const REFUSED_CHAT = `single:chenli:${REFUSING_CUSTOMER}`;

forEachDatabase("where something is said", (open) => {
  let company: RunningCompany;
  let sales: WebClient;
  let manager: WebClient;
  let director: WebClient;

  beforeAll(async () => {
    company = await startCompany({
      company: twoTeams(),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
    });
    await settle(company);
    const { twin } = company;
    [sales, manager, director] = await Promise.all([
      signIn(twin, "chenli"),
      signIn(twin, "zhangwei"),
      signIn(twin, "zhoumin"),
    ]);
  });
  afterAll(() => company.close());

  const say = (conversationId: string, fromId: string, text: string) =>
    company.twin.sendMessage({ conversationId, fromId, text });

  describe("to a customer who refuses the archive", () => {
    const consentOf = async () => {
      const path = `/api/sidebar/customers/${REFUSING_CUSTOMER}`;
      return (await sales.get<CustomerContext>(path)).body.customer.consent;
    };

    it("stays out of it, and the sidebar says that they refuse", async () => {
      expect(await consentOf()).toBe("refused");
      const before = await countRows(company, "message");
      say(REFUSED_CHAT, "chenli", VIOLATION);
      await settle(company);
      expect(await countRows(company, "message")).toBe(before);
      expect(await casesOf(manager)).toEqual([]);
    });

    it("is looked at from the moment at which they agree; the sidebar follows", async () => {
      await company.twin.changeExternalContact({
        changeType: "msg_audit_approved",
        memberId: "chenli",
        customerId: REFUSING_CUSTOMER,
      });
      await eventually(consentOf, (consent) => consent === "agreed");
      say(REFUSED_CHAT, "chenli", `${VIOLATION}，同意之后`);
      const { customerName } = await caseWith(manager, "同意之后");
      expect(customerName).toBe("老*");
      await settle(company);
      expect(await casesOf(manager)).toHaveLength(1);
    });
  });

  describe("in a customer group", () => {
    it("by a salesperson warns their sidebar alone and their manager", async () => {
      const path = `/api/sidebar/events?chatId=${ROOM}`;
      const mine = await sales.stream<WarningView>(path);
      const theirs = await manager.stream<WarningView>(path);
      say(GROUP, "chenli", `${VIOLATION}，群里`);
      const { data } = await mine.find(({ event }) => event === "warning");
      expect(data).toMatchObject({ quote: `${VIOLATION}，群里`, speaker: "member" });
      const card = await cardWith(company.twin, "zhangwei", "群里");
      expect(JSON.stringify(card.body)).toContain("陈丽 在客户群中");
      expect(await caseWith(manager, "群里")).toMatchObject({ customerName: "客户群" });
      const { body } = await sales.get<GroupContext>(`/api/sidebar/groups/${ROOM}`);
      expect(body.warnings.map(({ quote }) => quote)).toEqual([`${VIOLATION}，群里`]);
      expect(theirs.events).toEqual([]);
      mine.close();
      theirs.close();
    });

    it("by a team lead goes to the one above, never to themselves", async () => {
      const before = cardsOf(company.twin, "zhangwei").length;
      say(GROUP, "zhangwei", `${VIOLATION}，组长说`);
      const card = await cardWith(company.twin, "zhoumin", "组长说");
      expect(JSON.stringify(card.body)).toContain("张伟 在客户群中");
      const found = await caseWith(director, "组长说");
      expect((await manager.get(`/api/manager/cases/${found.id}`)).status).toBe(404);
      await settle(company);
      expect(cardsOf(company.twin, "zhangwei")).toHaveLength(before);
    });

    it("by a customer who complains is a matter for the manager of who spoke there last", async () => {
      say(GROUP, "chenli", "各位早上好");
      say(GROUP, CUSTOMER, "群里没人管吗，我要投诉到12315");
      expect(await caseWith(manager, "群里没人管吗")).toMatchObject({
        speaker: "customer",
        memberId: "chenli",
        level: "notice",
      });
    });
  });

  describe("by a customer who complains", () => {
    it("is a case for the member's manager, told of in a digest and not by a card", async () => {
      const before = cardsOf(company.twin, "zhangwei").length;
      say(CHAT, CUSTOMER, "再不解决我要投诉，要求退款");
      const found = await caseWith(manager, "再不解决");
      expect(found).toMatchObject({ speaker: "customer", memberId: "chenli", state: "open" });
      await settle(company);
      expect(cardsOf(company.twin, "zhangwei")).toHaveLength(before);
      // It waits for a backlog to come in; that time is over now.
      await company.product.database.write((tx) =>
        tx.query("UPDATE job SET run_at_ms = 0 WHERE kind = 'cases.push-digest'"),
      );
      const digests = await eventually(
        () => company.twin.phone("zhangwei").filter(({ kind }) => kind === "textcard"),
        (items) => items.length > 0,
      );
      expect(digests).toHaveLength(1);
      expect(JSON.stringify(digests)).toMatch(/有 \d+ 条聊天提醒待处理/);
      expect(JSON.stringify(digests)).not.toContain("退款");
    });

    it("breaks no rule that is made for members", async () => {
      const before = await countRows(company, "supervision_case");
      say(CHAT, CUSTOMER, VIOLATION);
      await settle(company);
      expect(await countRows(company, "supervision_case")).toBe(before);
    });
  });

  it("between colleagues is a case that names no customer", async () => {
    say("internal:chenli:sunhao", "sunhao", "我把底价表发你，别外传");
    const found = await caseWith(manager, "底价表发你");
    expect(found).toMatchObject({ memberId: "sunhao", customerName: "同事" });
    const card = await cardWith(company.twin, "zhangwei", "底价表发你");
    expect(JSON.stringify(card.body)).toContain("孙浩 对 同事");
    const path = `/api/sidebar/events?customerId=sunhao`;
    await expect(sales.stream(path)).rejects.toThrow("404");
  });

  it("and taken back stays a case", async () => {
    const { id } = say(CHAT, "chenli", `${VIOLATION}，撤回`);
    company.twin.recall(id);
    const found = await caseWith(manager, "撤回");
    await settle(company);
    expect(found).toMatchObject({ state: "open", memberId: "chenli" });
    expect(await countRows(company, "message", "recalled_at_ms IS NOT NULL")).toBe(1);
  });
});
