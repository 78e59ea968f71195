import type { Browser, Page } from "playwright-core";
import type { GrantableRole } from "#shared/contract/access";
import { AccessGrant } from "../../server/src/features/access/grant.entity.ts";
import { describeInBrowser, launchBrowser, openPage, screenshot } from "../support/browser.ts";
import { settle, twoTeams } from "../support/main-job-world.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";

describeInBrowser("an access review", () => {
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

  /** Held for long; whoever works in compliance has moved since. */
  const give = (memberId: string, role: GrantableRole, departmentIds: number[] | null = null) =>
    company.product.database.write((tx) =>
      tx.insert(AccessGrant, {
        id: `${memberId}-${role}`,
        memberId,
        role,
        departmentIds,
        state: "active",
        grantedBy: "liuyang",
        grantedAtMs: Date.now() - 100 * 24 * 3600_000,
        endedAtMs: null,
        acceptedRisk: false,
        flaggedAtMs: role === "compliance" ? Date.now() - 24 * 3600_000 : null,
      }),
    );

  beforeAll(async () => {
    company = await startCompany({ company: twoTeams(), notifyIntervalMs: 20 });
    await settle(company);
    await give("chenli", "legal");
    await give("sunhao", "compliance", [3]);
    await give("xujie", "auditor");
    browser = await launchBrowser();
    admin = await openAs(/刘洋/, "/admin/review", { width: 1440, height: 900 });
    await admin.getByRole("heading", { name: "权限复核" }).waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await company.close();
    expect(problems).toEqual([]);
  });

  it("is begun by the security administrator", async () => {
    await admin.getByText("还没有做过权限复核").waitFor();
    await screenshot(admin, "review-empty");
    await admin.getByRole("button", { name: "发起复核" }).click();
    await screenshot(admin, "review-start");
    await admin.locator(".t-dialog").getByRole("button", { name: "发起复核" }).click();
    await admin.getByText("已答复 0 / 3").waitFor();
    await admin.getByRole("button", { name: "看明细" }).click();
    await admin.getByRole("cell", { name: /合规专员/ }).waitFor();
    await screenshot(admin, "review-progress");
    await company.product.jobs.idle();
    const told = company.twin.phone("zhangwei").map(({ body }) => JSON.stringify(body));
    expect(told.some((body) => body.includes("项权限等你复核"))).toBe(true);
  });

  it("is answered by the manager on the phone, those who have moved first", async () => {
    phone = await openAs(/张伟/, "/admin/review", { width: 390, height: 800 });
    await phone.getByText("陈丽 · 法务").waitFor();
    const [first] = await phone.locator(".review-card h3").allInnerTexts();
    expect(first).toBe("孙浩 · 合规专员");
    await screenshot(phone, "review-phone");
    expect(await phone.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
    await phone.getByRole("button", { name: "收回", exact: true }).first().click();
    await phone.getByPlaceholder("例如：已经换了岗位").fill("换了岗位，不再负责合规");
    await screenshot(phone, "review-phone-end");
    await phone.locator(".t-dialog").getByRole("button", { name: "收回", exact: true }).click();
    await phone.getByText("孙浩 · 合规专员").waitFor({ state: "detached" });
    await phone.getByRole("button", { name: "保留", exact: true }).click();
    await phone.locator(".t-dialog").getByRole("button", { name: "保留", exact: true }).click();
    await phone.getByText("没有等你复核的权限").waitFor();
    await screenshot(phone, "review-phone-done");
  });

  it("suspends what nobody has answered, and can be answered late", async () => {
    await company.product.database.write((tx) =>
      tx.query("UPDATE access_review SET due_at_ms = started_at_ms"),
    );
    await company.product.database.write((tx) =>
      company.product.jobs.enqueue(tx, "access-review.look", {}),
    );
    await company.product.jobs.idle();
    await admin.getByRole("button", { name: "刷新" }).click();
    await admin.getByText("已暂停 1").waitFor();
    await screenshot(admin, "review-closed");
    const late = await openAs(/林晓燕/, "/admin/review", { width: 390, height: 800 });
    await late.getByText("到期没有复核，已暂停").waitFor();
    await screenshot(late, "review-phone-late");
    await late.getByRole("button", { name: "恢复" }).click();
    await late.getByPlaceholder("例如：还负责一组的合规检查").fill("休假回来，还要继续审计");
    await late.locator(".t-dialog").getByRole("button", { name: "恢复" }).click();
    await late.getByText("没有等你复核的权限").waitFor();
  });

  it("lists rights to look at, each with the way to ask it back", async () => {
    await give("linxiaoyan", "auditor");
    await give("zhoumin", "compliance");
    await admin.goto(`${company.twin.gatewayUrl}/admin/access`);
    await admin.getByText("职责冲突").waitFor();
    await admin.getByText("需要看一看的权限").scrollIntoViewIfNeeded();
    await screenshot(admin, "access-findings");
    await admin.getByRole("button", { name: "申请收回审计员" }).click();
    await admin.getByPlaceholder("例如：换了岗位").fill("主管不能兼任审计员");
    await screenshot(admin, "access-findings-revoke");
  });

  it("stands beside what else is looked at: time stamps and native interception", async () => {
    await admin.goto(`${company.twin.gatewayUrl}/admin/health`);
    await admin.getByText("可信时间戳").scrollIntoViewIfNeeded();
    await admin.getByText("没有设置时间戳机构").waitFor();
    await admin.locator(".health-lines, main").getByText("原生拦截").first().waitFor();
    await screenshot(admin, "health-new-lines");
  });
});
