import type { Browser, Page } from "playwright-core";
import type { CaseView } from "#shared/contract/case";
import { AccessGrant } from "../../server/src/features/access/grant.entity.ts";
import { ROOM } from "../simulator/testing/small-company.ts";
import { describeInBrowser, launchBrowser, openPage, screenshot } from "../support/browser.ts";
import { casesOf, CHAT, settle, twoTeams, VIOLATION } from "../support/main-job-world.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";
import { signIn } from "../support/web-client.ts";

/** A word of the starter rules in a sentence that is none. */
const HARMLESS = "我们不做保本保息的承诺";

describeInBrowser("what the rules achieve", () => {
  let company: RunningCompany;
  let browser: Browser;
  let console: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    company = await startCompany({ company: twoTeams(), notifyIntervalMs: 20 });
    await settle(company);
    for (let times = 0; times < 6; times++) {
      for (const conversationId of [CHAT, `group:${ROOM}`])
        company.twin.sendMessage({ conversationId, fromId: "chenli", text: HARMLESS });
    }
    for (let times = 0; times < 4; times++)
      company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: VIOLATION });
    await settle(company);
    await decideAll();
    await company.product.database.write((tx) =>
      tx.insert(AccessGrant, {
        id: "compliance",
        memberId: "zhoumin",
        role: "compliance",
        departmentIds: null,
        state: "active",
        grantedBy: "test",
        grantedAtMs: Date.now(),
        endedAtMs: null,
        acceptedRisk: false,
        flaggedAtMs: null,
      }),
    );
    browser = await launchBrowser();
    const opened = await openPage(browser, { width: 1440, height: 900 });
    console = opened.page;
    problems.push(...opened.problems);
    await console.goto(`${company.twin.gatewayUrl}/admin/effects`);
    await console.getByRole("button", { name: /周敏/ }).click();
    await console.getByRole("heading", { name: "规则效果" }).waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await company.close();
    expect(problems).toEqual([]);
  });

  async function decideAll(): Promise<void> {
    const lead = await signIn(company.twin, "zhangwei");
    const isOpen = ({ state }: CaseView): boolean => state === "open";
    for (const { id, quote } of (await casesOf(lead)).filter(isOpen)) {
      const decision = quote.includes("承诺") ? "false_alarm" : "handled";
      expect((await lead.post(`/api/manager/cases/${id}/decision`, { decision })).status).toBe(200);
    }
  }

  it("is shown with its intervals, its words and what should be changed", async () => {
    await console
      .getByRole("heading", { name: /加例外/ })
      .first()
      .waitFor();
    await console.getByText("样本太少").first().waitFor();
    await screenshot(console, "effects");
    await console
      .getByRole("button", { name: /按词看（1 个）/ })
      .first()
      .click();
    await console.setViewportSize({ width: 1280, height: 720 });
    await screenshot(console, "effects-1280");
  });

  it("leads to the cases behind it, which say how they came about", async () => {
    await console.setViewportSize({ width: 1440, height: 900 });
    await console.locator(".suggestion-cases a").first().click();
    await console.getByRole("heading", { name: "怎么判断的" }).waitFor();
    await console.getByText("和规则里写的一样").waitFor();
    await screenshot(console, "console-case");
    await console.getByRole("link", { name: "返回规则效果" }).click();
    await console.getByRole("heading", { name: "处理过的建议" }).waitFor({ state: "detached" });
  });

  it("becomes an exception of the working draft with one click", async () => {
    await console.getByRole("button", { name: "写入工作稿" }).first().click();
    await console.getByText("已写入工作稿，发布后生效").waitFor();
    await console.getByRole("heading", { name: "处理过的建议" }).waitFor();
    await console.getByRole("link", { name: "发布规则" }).click();
    await console.getByText("保本保息的承诺").first().waitFor();
    await screenshot(console, "effects-draft");
  });
});
