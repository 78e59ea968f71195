import type { Faults } from "../../simulator/client-contract.ts";
import { CUSTOMER } from "../../simulator/testing/small-company.ts";
import { eventually } from "../../support/eventually.ts";
import { openLine } from "../../support/line.ts";
import type { Line } from "../../support/line.ts";
import {
  archivedHashes,
  cardsOf,
  cardWith,
  CHAT,
  countRows,
  healthLine,
  settle,
  storedHashes,
  twoTeams,
  VIOLATION,
} from "../../support/main-job-world.ts";
import { startCompany } from "../../support/running-company.ts";
import type { RunningCompany } from "../../support/running-company.ts";
import { forEachDatabase } from "../../support/test-database.ts";
import { signIn } from "../../support/web-client.ts";
import type { WebClient } from "../../support/web-client.ts";

/** A page that waits for WeCom would take longer. */
const PAGE_WITHIN_MS = 2000;
/** On a machine that is busy with other work: as long as when WeCom is well, or not much longer. */
const TIMES_AS_LONG = 3;
const HEALTHY: Partial<Faults> = { apiErrcode: 0, apiDelayMs: 0, dropCallbacks: false };

forEachDatabase("while WeCom fails", (open) => {
  let company: RunningCompany;
  let line: Line;
  let sales: WebClient;
  let manager: WebClient;
  let admin: WebClient;
  let usualMs = 0;

  beforeAll(async () => {
    line = await openLine();
    company = await startCompany({
      company: twoTeams(),
      databaseUrl: open.url(),
      notifyIntervalMs: 20,
      settings(twin) {
        line.leadTo(twin.url);
        return { WECOM_API_URL: line.url };
      },
    });
    await settle(company);
    [sales, manager, admin] = await Promise.all([
      signIn(company.twin, "chenli"),
      signIn(company.twin, "zhangwei"),
      signIn(company.twin, "liuyang"),
    ]);
    // Known from before the trouble, as the customers of a day's work are.
    expect((await sales.get(`/api/sidebar/customers/${CUSTOMER}`)).status).toBe(200);
    await openAllPages();
    usualMs = await openAllPages();
  });
  afterEach(() => {
    line.mend();
    company.twin.setFaults(HEALTHY);
  });
  afterAll(async () => {
    await company.close();
    await line.close();
  });

  const violate = (quote: string): void => {
    company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: quote });
  };

  /** Milliseconds until all pages have answered well. */
  async function openAllPages(): Promise<number> {
    const startedAt = performance.now();
    const answers = await Promise.all([
      sales.get("/sidebar/"),
      sales.get("/api/session"),
      sales.get("/api/sidebar/rules"),
      sales.get(`/api/sidebar/customers/${CUSTOMER}`),
      sales.post("/api/sidebar/drafts/check", { text: VIOLATION }),
      manager.get("/manager/"),
      manager.get("/api/manager/cases"),
      admin.get("/admin/"),
      admin.get("/api/admin/health"),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    return performance.now() - startedAt;
  }

  const expectPagesToAnswer = async (): Promise<void> => {
    expect(await openAllPages()).toBeLessThan(Math.max(PAGE_WITHIN_MS, TIMES_AS_LONG * usualMs));
  };

  /** The violation has become one case and one card, and nothing that was said is missing or there twice. */
  async function expectOneCard(quote: string): Promise<void> {
    const card = await cardWith(company.twin, "zhangwei", quote);
    await settle(company);
    const again = cardsOf(company.twin, "zhangwei").filter(({ body }) =>
      JSON.stringify(body).includes(quote),
    );
    expect(again.map(({ msgId }) => msgId)).toEqual([card.msgId]);
    expect(await countRows(company, "supervision_case")).toBe(
      cardsOf(company.twin, "zhangwei").length,
    );
    expect(await storedHashes(company)).toEqual(archivedHashes(company.twin));
  }

  describe.each<[string, string, Partial<Faults>]>([
    ["is busy", "忙", { apiErrcode: -1 }],
    ["limits the calls", "限频", { apiErrcode: 45009 }],
    ["does not know our address", "地址", { apiErrcode: 60020 }],
  ])("which %s", (_, quote, fault) => {
    it("the pages answer and say so, and the card comes once when it is over", async () => {
      company.twin.setFaults(fault);
      violate(`${VIOLATION}，${quote}`);
      const seen = await eventually(
        () => healthLine(admin, "archive"),
        ({ status, detail }) => status !== "ok" && detail.includes(String(fault.apiErrcode)),
      );
      expect(seen.remedy).not.toBeNull();
      await expectPagesToAnswer();
      expect(JSON.stringify(cardsOf(company.twin, "zhangwei"))).not.toContain(quote);
      company.twin.setFaults(HEALTHY);
      await expectOneCard(`${VIOLATION}，${quote}`);
      expect(await healthLine(admin, "archive")).toMatchObject({ status: "ok" });
    });
  });

  it("because the line is cut, the pages answer and say so, and the card comes once when it is mended", async () => {
    line.cut();
    violate(`${VIOLATION}，断线`);
    const seen = await eventually(
      () => healthLine(admin, "archive"),
      ({ status }) => status !== "ok",
    );
    expect(seen.detail).toContain("连不上企业微信");
    await expectPagesToAnswer();
    line.mend();
    await expectOneCard(`${VIOLATION}，断线`);
  });

  it("by being slow, the pages are not, and the card comes once", async () => {
    company.twin.setFaults({ apiDelayMs: 1500 });
    violate(`${VIOLATION}，慢`);
    await expectPagesToAnswer();
    await expectOneCard(`${VIOLATION}，慢`);
  });

  it("by refusing every token, the card comes once, with new ones", async () => {
    company.twin.setFaults({ expireTokens: true });
    violate(`${VIOLATION}，令牌`);
    await expectOneCard(`${VIOLATION}，令牌`);
    company.twin.setFaults({ expireTokens: false });
  });

  it.each([45009, 42001, -1, 60020])(
    "at the push alone with %d, the card comes once",
    async (errcode) => {
      company.twin.failNext("/message/send", errcode);
      violate(`${VIOLATION}，推送${errcode}`);
      await expectOneCard(`${VIOLATION}，推送${errcode}`);
    },
  );

  it("by losing the answer to a push, there is one card, and a tap changes it", async () => {
    const { twin } = company;
    const { phone } = twin.world;
    const saveTask = phone.saveTask;
    phone.saveTask = (taskId, msgid) => {
      saveTask(taskId, msgid);
      phone.saveTask = saveTask;
      throw new Error("the answer is lost");
    };
    violate(`${VIOLATION}，回执`);
    await expectOneCard(`${VIOLATION}，回执`);
    const { msgId } = await cardWith(twin, "zhangwei", `${VIOLATION}，回执`);
    await twin.tap({ memberId: "zhangwei", msgId, buttonKey: "handle" });
    await settle(company);
    expect(twin.phone("zhangwei").find((card) => card.msgId === msgId)).toMatchObject({
      replacedButton: expect.stringContaining("张伟"),
    });
  });

  it("by telling of nothing, the product looks by itself and finds the message", async () => {
    const { sent } = company.twin.callbackCounters();
    company.twin.setFaults({ dropCallbacks: true });
    violate(`${VIOLATION}，无回调`);
    await expectOneCard(`${VIOLATION}，无回调`);
    expect(company.twin.callbackCounters().sent).toBe(sent);
    // While people talk it looks every second; the clock goes on when they do not.
    const planned = "kind = 'archive.pull' AND state = 'ready' AND run_at_ms % 15000 = 0";
    await eventually(
      () => countRows(company, "job", planned),
      (count) => count === 1,
    );
  });
});
