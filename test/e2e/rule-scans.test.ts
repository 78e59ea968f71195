import type { Browser, Page } from "playwright-core";
import { describeInBrowser, launchBrowser, openPage, screenshot } from "../support/browser.ts";
import { CHAT, settle, twoTeams } from "../support/main-job-world.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";
import { signIn } from "../support/web-client.ts";

const said = [
  "这款稳稳的幸福，老客户都在买",
  "稳稳的幸福，下周涨价，加我私人微信聊",
  "您好，稳稳的幸福您看了吗，电话 13812345678",
  "您好，合同发您邮箱了",
];

/** 周敏 leads 张伟's team and writes rules, 林晓燕 agrees to them. */
describeInBrowser("a draft tried on history", () => {
  let company: RunningCompany;
  let browser: Browser;
  let writer: Page;
  const problems: string[] = [];

  const open = async (name: RegExp, size: { width: number; height: number }): Promise<Page> => {
    const opened = await openPage(browser, size);
    problems.push(...opened.problems);
    await opened.page.goto(`${company.twin.gatewayUrl}/admin/publishing`);
    await opened.page.getByRole("button", { name }).click();
    await opened.page.getByRole("heading", { name: "发布规则" }).waitFor();
    return opened.page;
  };

  beforeAll(async () => {
    company = await startCompany({
      company: twoTeams(),
      settings: { ADMIN_MEMBER_IDS: "zhoumin,linxiaoyan" },
      notifyIntervalMs: 20,
    });
    for (const text of said) {
      company.twin.sendMessage({ conversationId: CHAT, fromId: "chenli", text });
    }
    await settle(company);
    const client = await signIn(company.twin, "zhoumin");
    const rule = {
      title: "暗示稳赚",
      category: "理财",
      level: "forbidden",
      speaker: "member",
      variants: "standard",
      words: ["稳稳的幸福"],
      exceptions: [],
      clause: "《广告法》第二十五条",
      reason: "不得暗示收益有保证。",
      suggestion: "投资有风险，请您结合自己的情况决定。",
      isConfidential: false,
    };
    const { status } = await client.post("/api/admin/rules", rule);
    expect(status).toBe(201);
    browser = await launchBrowser();
    writer = await open(/周敏/, { width: 1440, height: 1000 });
  }, 90_000);

  afterAll(async () => {
    await browser.close();
    await company.close();
    expect(problems).toEqual([]);
  });

  it("is tried on the publishing page, and says what it would find", async () => {
    const panel = writer.locator(".scan-back_test");
    await panel.getByText("还没有试跑过").waitFor();
    await screenshot(writer, "back-test-none");
    await panel.getByRole("button", { name: "开始试跑" }).click();
    await panel.locator(".report-added dd", { hasText: "3" }).waitFor();
    await panel.getByText("主管每天会收到的提醒").waitFor();
    await panel.scrollIntoViewIfNeeded();
    await screenshot(writer, "back-test-result");
  });

  it("is judged on a sample, which is read with a purpose", async () => {
    const sample = writer.locator(".sample");
    await sample.getByPlaceholder("例如：核对新规则准不准").fill("核对新规则准不准");
    await sample.getByRole("button", { name: "查看抽样" }).click();
    await sample.getByText("138****5678").waitFor();
    await sample.locator(".sample-item").first().getByRole("button", { name: "对" }).click();
    await sample.locator(".sample-item").nth(1).getByRole("button", { name: "误报" }).click();
    await sample.getByText("（已标 2 处）").waitFor();
    await sample.scrollIntoViewIfNeeded();
    await screenshot(writer, "back-test-sample");
    await writer.setViewportSize({ width: 1280, height: 720 });
    await screenshot(writer, "back-test-sample-1280");
    await writer.setViewportSize({ width: 1440, height: 1000 });
  });

  it("is shown to the second person, who publishes it", async () => {
    await writer.getByPlaceholder("例如：补上客户投诉里出现的新说法").fill("客户投诉里的新说法");
    await writer.getByRole("button", { name: "提交发布申请" }).click();
    await writer.getByText("等待核对的申请").waitFor();
    const second = await open(/林晓燕/, { width: 1440, height: 1000 });
    await second.getByText("核对规则改动").first().click();
    await second.getByText("试跑结果").waitFor();
    await second.locator(".report-added dd", { hasText: "3" }).waitFor();
    await second.getByText("（已标 2 处）").waitFor();
    await second.getByText("其他 1 位成员").waitFor();
    await second.locator(".report").scrollIntoViewIfNeeded();
    await screenshot(second, "back-test-second-person");
    await second.getByRole("button", { name: "同意并发布" }).click();
    await second.getByText("已发布，立即生效").waitFor();
  });

  it("finds afterwards what was said before, marked as such", async () => {
    await writer.goto(`${company.twin.gatewayUrl}/admin/publishing/versions`);
    const panel = writer.locator(".scan-look_back");
    await panel.getByRole("button", { name: "开始回溯" }).click();
    await panel.locator(".report-added dd", { hasText: "3" }).waitFor();
    await screenshot(writer, "look-back-result");
    const phone = await openPage(browser, { width: 390, height: 844 });
    problems.push(...phone.problems);
    await phone.page.goto(`${company.twin.gatewayUrl}/manager/`);
    await phone.page.getByRole("button", { name: /张伟/ }).click();
    await phone.page.getByText("没有推送过").waitFor();
    await phone.page.locator(".look-back-tag").first().waitFor();
    await screenshot(phone.page, "look-back-cases");
    await phone.page.locator(".case-card", { hasText: "老客户" }).click();
    await phone.page.getByText("暗示稳赚").waitFor();
    await screenshot(phone.page, "look-back-case");
  });
});
