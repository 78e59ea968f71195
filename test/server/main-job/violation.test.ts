import type { CaseView } from "#shared/contract/case";
import type { WarningView } from "#shared/contract/sidebar";
import { CUSTOMER } from "../../simulator/testing/small-company.ts";
import {
  archivedHashes,
  cardsOf,
  cardWith,
  caseWith,
  CHAT,
  countRows,
  settle,
  twoTeams,
  VIOLATION,
} from "../../support/main-job-world.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { signIn } from "../../support/web-client.ts";
import type { WebClient } from "../../support/web-client.ts";

const PHONE_NUMBER = "13812345678";
const SAID = `${VIOLATION}，电话${PHONE_NUMBER}`;
const WITHIN_MS = 3000;

forEachDatabase("a message that breaks a rule", (open) => {
  let company: RunningCompany;
  let sales: WebClient;
  let manager: WebClient;
  let found: CaseView;

  beforeAll(async () => {
    company = await startCompany({
      company: twoTeams(),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
    });
    await settle(company);
    [sales, manager] = await Promise.all([
      signIn(company.twin, "chenli"),
      signIn(company.twin, "zhangwei"),
    ]);
  });
  afterAll(() => company.close());

  it("leaves a harmless history alone", async () => {
    expect(await countRows(company, "message")).toBe(archivedHashes(company.twin).size);
    expect(await countRows(company, "supervision_case")).toBe(0);
  });

  it("reaches the open sidebar and the manager's phone within 3 s", async () => {
    const stream = await sales.stream<WarningView>(`/api/sidebar/events?customerId=${CUSTOMER}`);
    const saidAtMs = Date.now();
    company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: SAID });
    const [warning, card] = await Promise.all([
      stream.find(({ event }) => event === "warning"),
      cardWith(company.twin, "zhangwei", "保本保息"),
    ]);
    stream.close();
    expect(warning.atMs - saidAtMs).toBeLessThan(WITHIN_MS);
    expect(card.atMs - saidAtMs).toBeLessThan(WITHIN_MS);
    // It is the salesperson's own chat, so not masked.
    expect(warning.data).toMatchObject({ quote: SAID, state: "open", level: "forbidden" });
    expect(warning.data.findings.map(({ ruleId }) => ruleId).sort()).toEqual([
      "contact.off",
      "fin.guarantee",
    ]);
  });

  it("is one case with a hit for each rule, and one card, for the team lead alone", async () => {
    await settle(company);
    found = await caseWith(manager, "保本保息");
    expect(found).toMatchObject({ memberId: "chenli", memberName: "陈丽", state: "open" });
    expect(await countRows(company, "hit")).toBe(2);
    expect(await countRows(company, "supervision_case")).toBe(1);
    const counts = company.twin.world.directory.members.map(({ id }): [string, number] => [
      id,
      cardsOf(company.twin, id).length,
    ]);
    expect(counts.filter(([, count]) => count > 0)).toEqual([["zhangwei", 1]]);
  });

  it("shows the manager no number and not the customer's whole name, on the card and in the case", () => {
    const [card] = cardsOf(company.twin, "zhangwei");
    for (const shown of [JSON.stringify(card), JSON.stringify(found)]) {
      expect(shown).not.toContain(PHONE_NUMBER);
      expect(shown).not.toContain("阿秀");
      // Stars are markup on a card, so they stand there in full width.
      expect(shown).toMatch(/138[*＊]{4}5678/);
      expect(shown).toMatch(/阿[*＊]/);
    }
  });

  it("is nobody else's business: another team's lead gets 404, a salesperson 403", async () => {
    const path = `/api/manager/cases/${found.id}`;
    const other = await signIn(company.twin, "linxiaoyan");
    expect((await other.get(path)).status).toBe(404);
    const decision = { decision: "handled" };
    expect((await other.post(`${path}/decision`, decision)).status).toBe(404);
    expect((await other.get(`/api/manager/cases`)).body).toMatchObject({ cases: [], openCount: 0 });
    for (const client of [sales, await signIn(company.twin, "liuyang")]) {
      expect((await client.get(path)).status).toBe(403);
      expect((await client.post(`${path}/decision`, decision)).status).toBe(403);
    }
    expect((await manager.get(path)).body).toMatchObject({ state: "open", decidedByName: null });
  });

  it("is the business of those above the team lead, who get no card", async () => {
    const director = await signIn(company.twin, "zhoumin");
    expect((await director.get(`/api/manager/cases/${found.id}`)).status).toBe(200);
    expect(company.twin.phone("zhoumin")).toEqual([]);
  });

  it("tells a colleague's sidebar nothing", async () => {
    const colleague = await signIn(company.twin, "sunhao");
    const path = `/api/sidebar/events?customerId=${CUSTOMER}`;
    await expect(colleague.stream(path)).rejects.toThrow("404");
    expect((await colleague.get(`/api/sidebar/customers/${CUSTOMER}`)).status).toBe(404);
  });
});
