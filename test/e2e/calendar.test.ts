import type { Browser, Page } from "playwright-core";
import type { CalendarView } from "#shared/contract/calendar";
import { describeInBrowser, launchBrowser, openPage, screenshot } from "../support/browser.ts";
import { twoTeams } from "../support/main-job-world.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";
import { signIn } from "../support/web-client.ts";

describeInBrowser("the working calendar", () => {
  let company: RunningCompany;
  let browser: Browser;
  let console: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    company = await startCompany({ company: twoTeams() });
    browser = await launchBrowser();
    const opened = await openPage(browser, { width: 1440, height: 1000 });
    console = opened.page;
    problems.push(...opened.problems);
    await console.goto(`${company.twin.gatewayUrl}/admin/calendar`);
    await console.getByRole("button", { name: /刘洋/ }).click();
    await console.getByRole("heading", { name: "工作日历" }).waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await company.close();
    expect(problems).toEqual([]);
  });

  const kept = async (): Promise<CalendarView> => {
    const admin = await signIn(company.twin, "liuyang");
    return (await admin.get<CalendarView>("/api/admin/calendar")).body;
  };
  const year = new Date().getFullYear() + 1;

  it("shows each day of a year, and is changed by clicking days", async () => {
    await console.getByText("放假和调休").waitFor();
    await screenshot(console, "calendar");
    await console
      .getByRole("tab", { name: String(year) })
      .or(console.locator(".t-tabs__nav-item", { hasText: String(year) }))
      .first()
      .click();
    // A release may know it already.
    const { plan: before } = await kept();
    if (before.years[String(year)])
      await console.getByRole("button", { name: "清除这一年" }).click();
    await screenshot(console, "calendar-unknown");
    await console.getByRole("button", { name: "从空白开始填" }).click();
    await console.locator(`[aria-label^="${year}-01-01"]`).click();
    await console.locator('input[type="time"]').first().fill("08:30");
    await console.getByText("周六", { exact: true }).click();
    await console.getByText("有未保存的修改").waitFor();
    await console.setViewportSize({ width: 1280, height: 720 });
    await screenshot(console, "calendar-1280");
    await console.getByRole("button", { name: "保存" }).click();
    await console.getByText("第 1 版").waitFor();
    const { version, plan } = await kept();
    expect(version).toBe(1);
    expect(plan.hours.fromMinute).toBe(510);
    expect(plan.weekdays).toContain(6);
    const { off, on } = plan.years[String(year)]!;
    expect([...off, ...on]).toEqual([`${year}-01-01`]);
  });
});
