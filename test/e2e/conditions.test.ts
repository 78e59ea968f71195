import type { Browser, Page } from "playwright-core";
import { describeInBrowser, launchBrowser, openPage, screenshot } from "../support/browser.ts";
import { settle, twoTeams } from "../support/main-job-world.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";

describeInBrowser("a rule with conditions", () => {
  let company: RunningCompany;
  let browser: Browser;
  let console: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    company = await startCompany({ company: twoTeams(), notifyIntervalMs: 20 });
    await settle(company);
    browser = await launchBrowser();
    const opened = await openPage(browser, { width: 1440, height: 900 });
    console = opened.page;
    problems.push(...opened.problems);
    await console.goto(`${company.twin.gatewayUrl}/admin/rules/new`);
    await console.getByRole("button", { name: /刘洋/ }).click();
    await console.getByPlaceholder("例如：承诺保本保息").waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await company.close();
    expect(problems).toEqual([]);
  });

  /** Makes the n-th part of the condition one of that kind. */
  const choose = async (part: number, kind: string): Promise<void> => {
    await console.locator(".condition-kind").nth(part).click();
    const option = console.getByRole("listitem").filter({ hasText: new RegExp(`^${kind}$`) });
    await option.last().click();
    // Else the next choice might be made in the list of this one, which takes its time to close.
    await option.first().waitFor({ state: "hidden" });
  };

  it("is composed by hand: a word in pieces, then a transfer, to a customer", async () => {
    const form = console.locator(".rule-editor");
    await form.getByPlaceholder("例如：承诺保本保息").fill("先承诺再要转账");
    await form.getByPlaceholder("选择或输入新的分类").fill("飞单");
    await form.locator("textarea").first().fill("包赚不赔");
    await form
      .getByPlaceholder("例如：《微信使用手册》第 3.2 条")
      .fill("《微信使用手册》第 3.2 条");
    await form.getByPlaceholder("用一句话告诉员工为什么不能这样说").fill("承诺收益并引导转账。");
    await form.getByPlaceholder("员工可以直接改用的一句话").fill("请走公司对公账户。");
    await form.getByRole("button", { name: "用组合条件" }).click();
    await choose(0, "连续几条消息");
    await choose(1, "依次出现");
    await console.getByPlaceholder("输入一个词后按回车").fill("转账");
    await console.keyboard.press("Enter");
    await screenshot(console, "rule-conditions");
  });

  it("is tried with the messages that go before, and says what is missing", async () => {
    await console.getByText("每行算一条消息").click();
    const sentence = console.locator(".try-box textarea").first();
    await sentence.fill("包赚\n不赔");
    await console.getByText("差一点").waitFor();
    await console.getByText("第 1 条「包赚」").waitFor();
    await sentence.fill("包赚\n不赔\n今天转账吧");
    await console.locator(".try-finding").getByText("先承诺再要转账").waitFor();
    await screenshot(console, "rule-conditions-tried");
    await console.setViewportSize({ width: 1280, height: 720 });
    await console.locator(".condition-root").scrollIntoViewIfNeeded();
    await screenshot(console, "rule-conditions-1280");
  });

  it("is kept as it was composed", async () => {
    await console.getByRole("button", { name: "存入工作稿" }).click();
    await console.getByText("已存入工作稿").waitFor();
    await console.reload();
    await console.locator(".condition-root").getByText("转账").waitFor();
    expect(await console.locator(".condition-kind").count()).toBe(4);
  });
});
