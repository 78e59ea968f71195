import type { Browser, Frame, Page } from "playwright-core";
import { CUSTOMER, REFUSING_CUSTOMER } from "../simulator/testing/small-company.ts";
import { describeInBrowser, launchBrowser, openPage, screenshot } from "../support/browser.ts";
import { settle, twoTeams } from "../support/main-job-world.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";

describeInBrowser("a customer is deleted", () => {
  let company: RunningCompany;
  let browser: Browser;
  let chat: Page;
  let phone: Page;
  let pages: Page;
  let console: Page;
  let sidebar: Frame;
  /** By page; they fill as it goes. */
  const problems: string[][] = [];

  beforeAll(async () => {
    company = await startCompany({ company: twoTeams(), notifyIntervalMs: 20 });
    await settle(company);
    browser = await launchBrowser();
    const open = async (width: number, height: number): Promise<Page> => {
      const opened = await openPage(browser, { width, height });
      problems.push(opened.problems);
      return opened.page;
    };
    [chat, phone, pages, console] = [
      await open(1440, 900),
      await open(900, 900),
      await open(390, 844),
      await open(1440, 900),
    ];
    await chat.goto(`${company.twin.url}/chat?as=chenli`);
    await chat.locator("[data-conversation]").filter({ hasText: "阿秀（备注）" }).click();
    await chat
      .frameLocator("iframe[data-entry]")
      .locator("header", { hasText: "阿秀" })
      .first()
      .waitFor();
    sidebar = (await (await chat.waitForSelector("iframe[data-entry]")).contentFrame())!;
    await phone.goto(`${company.twin.url}/phone?as=zhangwei`);
    await console.goto(`${company.twin.gatewayUrl}/admin/rules/new`);
    await console.getByRole("button", { name: /刘洋/ }).click();
    await console.getByPlaceholder("例如：承诺保本保息").waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await company.close();
    expect(problems.flat()).toEqual([]);
  });

  it("the salesperson sees that it was noticed, without words that nobody said", async () => {
    await company.twin.changeExternalContact({
      changeType: "del_external_contact",
      memberId: "chenli",
      customerId: CUSTOMER,
    });
    await sidebar.getByText("新提醒").waitFor();
    await sidebar.getByText("我删除了客户").first().waitFor();
    await screenshot(chat, "removal-sidebar");
    await sidebar.getByRole("button", { name: "查看" }).click();
    await sidebar.locator(".warning-card").getByText("员工删除客户").waitFor();
    expect(await sidebar.locator(".warning-card blockquote").count()).toBe(0);
    await sidebar.getByText("怎么判断的").first().click();
    await sidebar.getByText("一方删除了另一方").waitFor();
    await screenshot(chat, "removal-sidebar-open");
  });

  it("the manager sees the card and the case, which says what was done and has no quote", async () => {
    const card = phone.locator("[data-msg-id]").filter({ hasText: "陈丽 删除了 阿" }).last();
    await card.getByText("误报").waitFor();
    await screenshot(phone, "removal-card");
    await pages.goto(`${company.twin.gatewayUrl}/manager/`);
    await pages.getByRole("button", { name: /张伟/ }).click();
    await pages.getByText("陈丽 删除了 阿*").waitFor();
    await screenshot(pages, "removal-case-list");
    await pages.getByText("陈丽 删除了 阿*").click();
    await pages.getByText("这是动作，没有聊天原文").waitFor();
    expect(await pages.locator("blockquote").count()).toBe(0);
    await pages.getByText("怎么判断的").click();
    await pages.getByText("一方删除了另一方").waitFor();
    expect(await pages.getByText("规则看到的样子").count()).toBe(0);
    await screenshot(pages, "removal-case");
    await pages.getByRole("link", { name: "看上下文" }).waitFor();
  });

  it("a case without any archived chat says so and leads nowhere", async () => {
    await company.twin.changeExternalContact({
      changeType: "del_external_contact",
      memberId: "chenli",
      customerId: REFUSING_CUSTOMER,
    });
    await settle(company);
    await pages.goto(`${company.twin.gatewayUrl}/manager/`);
    // Nobody had looked at that customer, and WeCom does not tell names of those who are gone.
    await pages.getByText("陈丽 删除了 客户").click();
    await pages.getByText("没有存档过他们的聊天").waitFor();
    expect(await pages.getByRole("link", { name: "看上下文" }).count()).toBe(0);
    await screenshot(pages, "removal-case-alone");
    await pages.getByRole("button", { name: "处理", exact: true }).click();
    await pages.getByText(/张伟 .*标记为「已处理」/).waitFor();
  });

  /** Makes the n-th part of the condition one of that kind. */
  const choose = async (part: number, kind: string): Promise<void> => {
    await console.locator(".condition-kind").nth(part).click();
    const option = console.getByRole("listitem").filter({ hasText: new RegExp(`^${kind}$`) });
    await option.last().click();
    // Else the next choice might be made in the list of this one, which takes its time to close.
    await option.first().waitFor({ state: "hidden" });
  };

  it("an admin makes such a rule; together with words it is refused in words", async () => {
    const form = console.locator(".rule-editor");
    await form.getByPlaceholder("例如：承诺保本保息").fill("客户删除员工");
    await form.getByPlaceholder("选择或输入新的分类").fill("客户流失");
    await form.getByText("客户", { exact: true }).first().click();
    await form.getByRole("textbox", { name: /词/ }).first().fill("拉黑");
    await form.getByPlaceholder("例如：《微信使用手册》第 3.2 条").fill("公司微信管理手册");
    await form.getByPlaceholder("用一句话告诉员工为什么不能这样说").fill("要弄清客户为什么离开。");
    await form.getByPlaceholder("员工可以直接改用的一句话").fill("请主管回访。");
    await form.getByRole("button", { name: "用组合条件" }).click();
    await console.getByRole("button", { name: "添加条件" }).click();
    await choose(2, "删除好友");
    await console.getByText("谁删除的，由上面的“谁说”决定").waitFor();
    await console.getByText("“删除好友”是动作，不是一句话").waitFor();
    await console.getByRole("button", { name: "存入工作稿" }).click();
    await console.getByText("删除好友不是一条消息").first().waitFor();
    await console.locator(".condition-root").scrollIntoViewIfNeeded();
    await screenshot(console, "removal-rule-refused");
    const refusals = problems[3]?.splice(0);
    expect(refusals).toEqual([expect.stringMatching(/^400 POST .*\/api\/admin\/rules$/)]);

    await choose(0, "任一满足");
    await console.locator(".try-box textarea").first().fill("我把你拉黑");
    await console.locator(".try-box").getByText("客户", { exact: true }).click();
    await console.locator(".try-finding").getByText("客户删除员工").waitFor();
    await console.getByRole("button", { name: "存入工作稿" }).click();
    await console.getByText("已存入工作稿").waitFor();
    await console.setViewportSize({ width: 1280, height: 720 });
    await console.locator(".condition-root").scrollIntoViewIfNeeded();
    await screenshot(console, "removal-rule");
    await console.reload();
    await console.locator(".condition-root").getByText("谁删除的").waitFor();
  });

  it("a trial on history says that it leaves deletions out", async () => {
    await console.goto(`${company.twin.gatewayUrl}/admin/publishing`);
    await console.getByText("“删除好友”不在其中").waitFor();
    await screenshot(console, "removal-trial");
  });
});
