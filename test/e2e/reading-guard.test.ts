import type { ApprovalList } from "#shared/contract/approval";
import type { Browser, Page } from "playwright-core";
import { appoint, CONVERSATION, grant } from "../server/main-job/evidence-world.ts";
import type { EvidencePeople } from "../server/main-job/evidence-world.ts";
import { describeInBrowser, launchBrowser, openPage, screenshot } from "../support/browser.ts";
import { CHAT, settle, twoTeams, VIOLATION } from "../support/main-job-world.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";

const PHONE = { width: 390, height: 800 };
const DESK = { width: 1440, height: 900 };
const REASON = "有人正在冒充客户套取报价，需要立即核对聊天内容";

describeInBrowser("reading much, seeing what is starred, and reading in an emergency", () => {
  let company: RunningCompany;
  let people: EvidencePeople;
  let browser: Browser;
  const problems: string[] = [];

  beforeAll(async () => {
    company = await startCompany({ company: twoTeams(), notifyIntervalMs: 20 });
    for (let index = 0; index < 30; index += 1)
      company.twin.sendMessage({
        conversationId: CHAT,
        fromId: "chenli",
        text: `第${index + 1}条：合同第${index + 1}款我再核对一下`,
      });
    const call = `${VIOLATION}，我的电话13812345678`;
    company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text: call });
    await settle(company);
    people = await appoint(company);
    await grant(company, "zhoumin", "compliance");
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await company.close();
    expect(problems).toEqual([]);
  });

  async function openAs(name: string, path: string, size: typeof PHONE): Promise<Page> {
    const { page, problems: found } = await openPage(browser, size);
    await page.goto(`${company.twin.gatewayUrl}${path}`);
    await page.getByText(name).first().click();
    page.once("close", () => problems.push(...found));
    return page;
  }

  async function startReading(page: Page): Promise<void> {
    await page.getByRole("button", { name: "处理客户投诉" }).click();
    await page.getByRole("button", { name: "开始查看" }).click();
    await page.locator(".message").first().waitFor();
  }

  async function fits(page: Page, { width }: typeof PHONE): Promise<void> {
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
  }

  it("stops a manager at the limit and goes on once another has agreed", async () => {
    const path = `/manager/conversations/${CONVERSATION}`;
    const page = await openAs("周敏", "/manager/conversations", PHONE);
    await page.locator(".conversation-card").first().waitFor();
    await page.goto(`${company.twin.gatewayUrl}${path}`);
    await startReading(page);
    expect(await page.locator(".message").count()).toBe(24);
    const link = page.getByRole("link", { name: "申请证据包" });
    expect(await link.getAttribute("href")).toContain("conversation=");
    await page.getByText("今天已看满 24 条").scrollIntoViewIfNeeded();
    await screenshot(page, "reading-limit");
    await page.getByRole("button", { name: "申请阅读更多" }).click();
    await page.getByLabel("用途").fill("客户投诉，需要核对全部承诺");
    await page.getByText("3 天").click();
    await screenshot(page, "reading-limit-form");
    await fits(page, PHONE);
    await page.getByRole("button", { name: "提交申请" }).click();
    await page.getByText("等待审批").waitFor();
    await screenshot(page, "reading-limit-waiting");
    const { body } = await people.officer.get<ApprovalList>("/api/approvals?state=waiting");
    expect(body.approvals[0]!.title).toContain("阅读更多");
    const decision = { decision: "approved" };
    await people.officer.post(`/api/approvals/${body.approvals[0]!.id}/decision`, decision);
    await page.getByRole("button", { name: "刷新" }).click();
    await page.getByText("已获准阅读更多").waitFor();
    expect(await page.locator(".message").count()).toBeGreaterThan(30);
    await page.evaluate("window.scrollTo(0, 0)");
    await screenshot(page, "reading-extended");
    await page.close();
  });

  it("shows a starred number for a reason, on the phone and in the case", async () => {
    const page = await openAs("张伟", "/manager/", PHONE);
    await page.getByText("保本保息").first().click();
    await page.getByRole("button", { name: "查看 138****5678" }).click();
    await page.getByLabel("查看原因").fill("仲裁材料需要完整号码");
    await screenshot(page, "unmask-form");
    await fits(page, PHONE);
    await page.getByRole("button", { name: "显示" }).click();
    await page.getByText("完整内容：13812345678").waitFor();
    await screenshot(page, "unmasked-case");
    await page.getByText("看上下文").click();
    await startReading(page);
    await company.product.database.write((tx) =>
      tx.query("UPDATE session SET created_at_ms = created_at_ms - 600000"),
    );
    await page.getByRole("button", { name: "查看 138****5678" }).click();
    await page.getByLabel("查看原因").fill("仲裁材料需要完整号码");
    await page.getByRole("button", { name: "显示" }).click();
    await page.getByText("请重新登录确认身份").waitFor();
    await screenshot(page, "step-up-phone");
    const popup = page.waitForEvent("popup");
    await page.getByRole("button", { name: "去登录" }).click();
    await (await popup).getByText("张伟").first().click();
    await page.getByText("完整内容：13812345678").waitFor();
    await screenshot(page, "unmasked-reader");
    const told = JSON.stringify(company.twin.phone("zhoumin"));
    await company.product.jobs.idle();
    expect(told).toContain("查看了一处隐藏的信息");
    // The refusal that asked for the sign-in is meant.
    page.removeAllListeners("close");
    await page.close();
  });

  it("opens an emergency with a banner on every page, and lets another review it", async () => {
    const page = await openAs("徐杰", "/admin/reading", DESK);
    await page.getByText("没有紧急访问").waitFor();
    await screenshot(page, "emergency-empty");
    await page.getByRole("button", { name: "申请紧急访问" }).click();
    await page.getByPlaceholder("最多 5 人").click();
    await page.getByText("陈丽", { exact: true }).click();
    await page.getByRole("heading", { name: "申请紧急访问" }).click();
    await page.getByPlaceholder(/写清楚发生了什么/).fill(REASON);
    await screenshot(page, "emergency-form");
    await page.getByRole("button", { name: "提交", exact: true }).click();
    await page.getByText("紧急访问中").waitFor();
    await page.getByText("徐杰 看 陈丽 的聊天").waitFor();
    await screenshot(page, "emergency-open");
    await page.setViewportSize({ width: 1280, height: 720 });
    await screenshot(page, "emergency-open-1280");
    await page.getByRole("link", { name: "查看会话" }).click();
    await page.setViewportSize(PHONE);
    await page.locator(".conversation-card").first().click();
    await startReading(page);
    await page.getByText("紧急访问中").waitFor();
    await screenshot(page, "emergency-reader");
    await fits(page, PHONE);

    const reviewer = await openAs("林晓燕", "/admin/reading", DESK);
    await reviewer.getByRole("button", { name: "复核" }).click();
    await reviewer.getByPlaceholder("看过留痕记录后的判断和依据").fill("核对过留痕，理由属实");
    await screenshot(reviewer, "emergency-review");
    await reviewer.getByRole("button", { name: "提交复核" }).click();
    await reviewer.getByText("林晓燕：正当").waitFor();
    await screenshot(reviewer, "emergency-reviewed");
    await reviewer.close();

    await page.getByRole("button", { name: "结束" }).click();
    await page.getByText("紧急访问中").waitFor({ state: "detached" });
    await page.close();
  });
});
