import type { Browser, Page } from "playwright-core";
import { withAttachments } from "../simulator/company/attachments.ts";
import { describeInBrowser, launchBrowser, openPage, screenshot } from "../support/browser.ts";
import { CHAT, settle, twoTeams, VIOLATION } from "../support/main-job-world.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";
import { approve, appoint, CONVERSATION, grant } from "../server/main-job/evidence-world.ts";
import type { EvidencePeople } from "../server/main-job/evidence-world.ts";

const SIZES = [
  ["1440", { width: 1440, height: 900 }],
  ["1280", { width: 1280, height: 720 }],
] as const;

describeInBrowser("packages of evidence and the record of acts in the console", () => {
  let company: RunningCompany;
  let people: EvidencePeople;
  let browser: Browser;

  beforeAll(async () => {
    company = await startCompany({ company: withAttachments(twoTeams()), notifyIntervalMs: 20 });
    company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: VIOLATION });
    await settle(company);
    people = await appoint(company);
    await grant(company, "zhoumin", "auditor");
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await company.close();
  });

  async function open(path: string, name: string): Promise<{ page: Page; problems: string[] }> {
    const opened = await openPage(browser, SIZES[0][1]);
    await opened.page.goto(`${company.twin.gatewayUrl}${path}`);
    await opened.page.getByText(name).first().click();
    return opened;
  }

  async function picture(page: Page, name: string): Promise<void> {
    for (const [size, viewport] of SIZES) {
      await page.setViewportSize(viewport);
      await screenshot(page, `${name}-${size}`);
    }
  }

  it("lets a lawyer ask for a package and save it once another has agreed", async () => {
    const { page, problems } = await open("/admin/evidence", "徐杰");
    await page.getByText("还没有申请过证据包").waitFor();
    await picture(page, "evidence-empty");
    await page.getByRole("button", { name: "提交申请" }).click();
    await page.getByText("请把会话、日期、用途和依据填完整").waitFor();

    const link = `${company.twin.gatewayUrl}/manager/conversations/${CONVERSATION}`;
    await page.getByPlaceholder("粘贴会话页面的链接").fill(link);
    await page.getByPlaceholder("开始日期").click();
    const today = page.locator(".t-date-picker__cell--now").first();
    await today.click();
    await today.click();
    await page.getByPlaceholder("例如：客户投诉承诺收益").fill("客户投诉，准备仲裁材料");
    await page.locator(".evidence-basis input").click();
    await page.getByText("处理投诉、举报、仲裁或诉讼所必需").click();
    await page.getByRole("button", { name: "提交申请" }).click();
    await page.getByText("等待审批").first().waitFor();
    await picture(page, "evidence-waiting");

    await approve(people.officer, "");
    await company.product.jobs.idle();
    await page.getByRole("button", { name: "刷新" }).click();
    await page.getByText("可以下载", { exact: true }).waitFor();
    await picture(page, "evidence-ready");
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "下载", exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^evidence-.*\.zip$/);
    expect(problems).toEqual([]);
    await page.close();
  });

  it("shows an auditor who did what, and checks the ledger when told to", async () => {
    const { page, problems } = await open("/admin/audit", "周敏");
    await page.getByText("申请证据包").first().waitFor();
    await picture(page, "audit");
    await page.getByRole("button", { name: "立即检查全部记录" }).click();
    await page.getByText("都对得上").waitFor();
    await page.getByPlaceholder("人员姓名或账号").fill("徐杰");
    await page.getByText("下载证据包").first().waitFor();
    await page.getByText("发现规则命中").first().waitFor({ state: "detached" });
    await picture(page, "audit-filtered");
    expect(problems).toEqual([]);
    await page.close();
  });
});
