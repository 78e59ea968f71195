import type { Browser, Page } from "playwright-core";
import { insertNew } from "../../server/src/platform/database/insert-new.ts";
import { describeInBrowser, launchBrowser, openPage, screenshot } from "../support/browser.ts";
import { CHAT, settle, twoTeams } from "../support/main-job-world.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";

describeInBrowser("a manager's search", () => {
  let company: RunningCompany;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    const settings = { SEARCH_INDEX: "database" };
    company = await startCompany({ company: twoTeams(), notifyIntervalMs: 20, settings });
    await settle(company);
    for (const text of ["上次的报价单收到了吗？", "报价单有两页，第二页是附件。", "好的👌"]) {
      company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text });
    }
    await settle(company);
    browser = await launchBrowser();
    const opened = await openPage(browser, { width: 430, height: 900 });
    page = opened.page;
    problems.push(...opened.problems);
    await page.goto(`${company.twin.gatewayUrl}/manager/conversations/search`);
    await page.getByRole("button", { name: /张伟/ }).click();
    await page.getByPlaceholder("至少两个字").waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await company.close();
    expect(problems).toEqual([]);
  });

  async function searchFor(wanted: string): Promise<void> {
    await page.getByPlaceholder("至少两个字").fill(wanted);
    await page.getByRole("button", { name: "搜索", exact: true }).click();
  }

  it("shows what was said, and that everything was looked through", async () => {
    await page.getByText("核实命中").or(page.getByText("处理客户投诉")).first().click();
    await searchFor("报价单");
    await page.getByText("都看过了，共找到 2 条").waitFor();
    expect(await page.locator("mark").allInnerTexts()).toEqual(["报价单", "报价单"]);
    await screenshot(page, "search-found");
    await searchFor("好的👌");
    await page.getByText("共找到 1 条").waitFor();
    await searchFor("回扣比例");
    await page.getByText("都看过了，没有找到。").waitFor();
    await screenshot(page, "search-none");
  });

  it("says what it could not look through", async () => {
    await company.product.database.write((tx) =>
      insertNew(tx, "undecodable", "seq", [
        {
          seq: 1_000_000,
          msg_id: "m",
          key_version: 9,
          reason: "unknown_key_version",
          item: Buffer.alloc(1),
          received_at_ms: Date.now(),
          attempts: 1,
          resolved_at_ms: null,
          excluded_by: null,
        },
      ]),
    );
    await searchFor("回扣比例");
    await page.getByText("还有 1 条消息没能解密").waitFor();
    await screenshot(page, "search-unopened");
  });

  it("tells administrators how the search is doing", async () => {
    const { page: admin } = await openPage(browser, { width: 1440, height: 900 });
    await admin.goto(`${company.twin.gatewayUrl}/admin/`);
    await admin.getByRole("button", { name: /刘洋/ }).click();
    await admin.getByText("运行状态").first().click();
    await admin.getByText("聊天搜索").waitFor();
    await admin.getByText(/索引已跟上/).waitFor();
    await screenshot(admin, "search-health");
  });
});
