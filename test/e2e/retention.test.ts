import type { Browser, Page } from "playwright-core";
import { CUSTOMER } from "../simulator/testing/small-company.ts";
import { describeInBrowser, launchBrowser, openPage, screenshot } from "../support/browser.ts";
import { CHAT, countRows, settle, twoTeams, VIOLATION } from "../support/main-job-world.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";

const DAYS = 400;

describeInBrowser("what is kept and destroyed", () => {
  let company: RunningCompany;
  let browser: Browser;
  let console: Page;
  const problems: string[] = [];

  const say = (text: string) =>
    company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text });

  /** Makes all that is kept so much older, the books with it. */
  const letDaysPass = async (): Promise<void> => {
    const ms = DAYS * 24 * 3600_000;
    await company.product.database.write(async (tx) => {
      await tx.query(`UPDATE message SET received_at_ms = received_at_ms - ${ms},
        sent_at_ms = sent_at_ms - ${ms}`);
      await tx.query(`UPDATE conversation SET first_at_ms = first_at_ms - ${ms},
        last_at_ms = last_at_ms - ${ms}`);
      await tx.query(`UPDATE supervision_case SET sent_at_ms = sent_at_ms - ${ms}`);
      await tx.query(`UPDATE archive_books SET day = day - ${DAYS}`);
    });
  };

  beforeAll(async () => {
    company = await startCompany({ company: twoTeams(), notifyIntervalMs: 20 });
    await settle(company);
    say("三年前的报价请作废");
    say(VIOLATION);
    await settle(company);
    await letDaysPass();
    say("新的一年，多多关照");
    await settle(company);
    await company.product.database.write((tx) =>
      tx.query("UPDATE supervision_case SET state = 'false_alarm'"),
    );
    browser = await launchBrowser();
    const opened = await openPage(browser, { width: 1440, height: 900 });
    console = opened.page;
    problems.push(...opened.problems);
    await console.goto(`${company.twin.gatewayUrl}/admin/retention`);
    await console.getByRole("button", { name: /刘洋/ }).click();
    await console.getByRole("heading", { name: "保存与销毁" }).waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await company.close();
    expect(problems).toEqual([]);
  });

  it("shows the days, that nothing is held and that nothing has run", async () => {
    await console.getByText("现在没有留存").waitFor();
    await console.getByText("还没有运行过").waitFor();
    await console.getByText("与客户的单聊", { exact: true }).waitFor();
    await screenshot(console, "retention-first");
  });

  it("says before it saves new days what the night would destroy", async () => {
    await console.getByLabel("与客户的单聊保存天数").fill("200");
    await console.keyboard.press("Tab");
    await console.getByRole("button", { name: "看看影响并保存" }).click();
    await console.getByText("将永久删除").waitFor();
    const save = console.getByRole("button", { name: "确认并保存" });
    expect(await save.isDisabled()).toBe(true);
    await console.getByLabel("改动原因").fill("业务调整，法务已确认");
    await screenshot(console, "retention-confirm");
    await save.click();
    await console.getByText("第 1 版；").waitFor();
  });

  it("holds a person, and says who does not exist", async () => {
    await console.getByLabel("成员账号或客户 ID").fill("nobody");
    await console.getByLabel("原因", { exact: true }).fill("客户投诉，等待仲裁");
    await console.getByRole("button", { name: "开始留存" }).click();
    await console.getByText("没有这个成员或客户，请核对账号").waitFor();
    problems.splice(0);
    await console.getByLabel("成员账号或客户 ID").fill(CUSTOMER);
    await console.getByRole("button", { name: "开始留存" }).click();
    await console.getByText("此人参与的所有会话").waitFor();
    await screenshot(console, "retention-held");
  });

  it("destroys at night what is not held, and reports it", async () => {
    const ofHeld = `customer_id = '${CUSTOMER}'`;
    const before = await countRows(company, "message", ofHeld);
    await runNight();
    expect(await countRows(company, "message", ofHeld)).toBe(before);
    await console.getByRole("button", { name: "解除" }).click();
    await console.getByLabel("解除原因").fill("仲裁已经结束");
    await screenshot(console, "retention-release");
    await console.locator(".t-dialog").getByRole("button", { name: "解除" }).click();
    await console.getByText("现在没有留存").waitFor();
    await company.product.database.write((tx) => tx.query("UPDATE retention_run SET today = 1"));
    await runNight();
    expect(await countRows(company, "message", ofHeld)).toBe(1);
    expect(await countRows(company, "supervision_case")).toBe(0);
    await console.getByRole("button", { name: "刷新" }).click();
    await console.getByText("完成").nth(1).waitFor();
    await console.getByRole("button", { name: /显示已解除/ }).click();
    await screenshot(console, "retention-reports");
    await console.setViewportSize({ width: 1024, height: 1600 });
    await screenshot(console, "retention-narrow");
  });

  it("lets the reader say that the older part was destroyed", async () => {
    const { page } = await openPage(browser, { width: 430, height: 900 });
    await page.goto(`${company.twin.gatewayUrl}/manager/conversations`);
    await page.getByRole("button", { name: /张伟/ }).click();
    await page.getByText(/陈丽/).first().click();
    await page.getByText("处理客户投诉").click();
    await page.getByRole("button", { name: "开始查看" }).click();
    await page.getByText("已按保存期限销毁").waitFor();
    await page.getByText("新的一年，多多关照").waitFor();
    await screenshot(page, "retention-reader");
  });

  const runNight = async (): Promise<void> => {
    const { database, jobs } = company.product;
    await database.write((tx) => jobs.enqueue(tx, "retention.expire", {}));
    await jobs.idle();
  };
});
