import type { Browser, Page } from "playwright-core";
import { describeInBrowser, launchBrowser, openPage, screenshot } from "../support/browser.ts";
import { countRows, settle, twoTeams } from "../support/main-job-world.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";

describeInBrowser("rights", () => {
  let company: RunningCompany;
  let browser: Browser;
  let admin: Page;
  let phone: Page;
  const problems: string[] = [];

  const openAs = async (name: RegExp, path: string, size: { width: number; height: number }) => {
    const opened = await openPage(browser, size);
    await opened.page.goto(`${company.twin.gatewayUrl}${path}`);
    await opened.page.getByRole("button", { name }).click();
    problems.push(...opened.problems);
    return opened.page;
  };

  beforeAll(async () => {
    company = await startCompany({
      company: twoTeams(),
      settings: { ADMIN_MEMBER_IDS: "liuyang,zhoumin" },
      notifyIntervalMs: 20,
    });
    await settle(company);
    browser = await launchBrowser();
    admin = await openAs(/刘洋/, "/admin/access", { width: 1440, height: 900 });
    await admin.getByRole("heading", { name: "权限", exact: true }).waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await company.close();
    expect(problems).toEqual([]);
  });

  it("shows who administers while nobody has been appointed", async () => {
    await admin.getByText("来自系统设置，任命后自动失效").first().waitFor();
    await screenshot(admin, "rights-first");
  });

  it("asks for a right with what stands in the way, and signs in once more beside the page", async () => {
    await admin.getByRole("button", { name: "申请权限" }).click();
    await admin.getByPlaceholder("输入姓名查找").click();
    await admin.getByPlaceholder("输入姓名查找").fill("孙");
    await admin.getByText("孙浩（一组）").click();
    await admin.getByPlaceholder("选择角色").click();
    await admin.getByText("合规专员", { exact: true }).click();
    await admin.getByPlaceholder(/例如：接替/).fill("接替王磊负责一组的合规检查");
    await screenshot(admin, "rights-request");
    await company.product.database.write((tx) =>
      tx.query("UPDATE session SET created_at_ms = created_at_ms - 600000"),
    );
    await admin.getByRole("button", { name: "提交审批" }).click();
    await admin.getByText("请重新登录确认身份").waitFor();
    await screenshot(admin, "step-up");
    const popup = admin.waitForEvent("popup");
    await admin.getByRole("button", { name: "去登录" }).click();
    const window = await popup;
    await window.getByRole("button", { name: /刘洋/ }).click();
    await admin.getByText("已提交，等安全管理员审批").waitFor();
    expect(await countRows(company, "approval", "state = 'waiting'")).toBe(1);
  });

  it("is approved on the phone by somebody else", async () => {
    phone = await openAs(/周敏/, "/admin/approvals", { width: 390, height: 800 });
    await phone.getByText("给孙浩合规专员权限").waitFor();
    await screenshot(phone, "approvals-phone");
    const width = await phone.evaluate("document.documentElement.scrollWidth");
    expect(width).toBeLessThanOrEqual(390);
    await phone.getByRole("button", { name: "同意", exact: true }).click();
    await phone.getByLabel("意见（可以不写）").fill("已核实");
    await screenshot(phone, "approvals-phone-confirm");
    await phone.locator(".t-dialog").getByRole("button", { name: "同意", exact: true }).click();
    await phone.getByText("没有等待审批的申请").waitFor();
    await phone.getByText("已结束", { exact: true }).click();
    await phone.getByText("已核实").waitFor();
    await screenshot(phone, "approvals-phone-ended");
  });

  it("is effective and told", async () => {
    await admin.getByRole("button", { name: "刷新" }).click();
    await admin.getByText(/周敏 同意于/).waitFor();
    await screenshot(admin, "rights-granted");
    await admin.setViewportSize({ width: 1280, height: 720 });
    await screenshot(admin, "rights-1280");
    const told = () =>
      company.twin.phone("sunhao").some(({ body }) => JSON.stringify(body).includes("合规专员"));
    await company.product.jobs.idle();
    expect(told()).toBe(true);
  });

  it("is asked back, withdrawn by the one who asked, and stays", async () => {
    await admin.getByRole("button", { name: "收回" }).click();
    await admin.getByPlaceholder("例如：换了岗位").fill("换了岗位，不再负责");
    await admin.getByRole("button", { name: "提交审批" }).click();
    await admin.getByText("已提交，等安全管理员审批").last().waitFor();
    await admin.getByRole("link", { name: /审批/ }).click();
    await admin.getByText("收回孙浩的合规专员权限").waitFor();
    await screenshot(admin, "approvals-mine");
    await admin.getByRole("button", { name: "撤回" }).click();
    await admin.locator(".t-dialog").getByRole("button", { name: "撤回" }).click();
    await admin.getByText("没有等待审批的申请").waitFor();
    expect(await countRows(company, "access_grant", "state = 'active'")).toBe(1);
  });
});
