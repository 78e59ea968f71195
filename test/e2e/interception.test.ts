import type { Browser, Page } from "playwright-core";
import { smallCompany } from "../simulator/testing/small-company.ts";
import { describeInBrowser, launchBrowser, openPage, screenshot } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { publishDraft, twoAdministrators } from "../support/publish-draft.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";
import { signIn } from "../support/web-client.ts";

describeInBrowser("WeCom's own interception in the console", () => {
  let company: RunningCompany;
  let browser: Browser;
  let console: Page;
  const problems: string[] = [];
  const told = () => company.twin.interceptRules().map(({ rule }) => rule);

  beforeAll(async () => {
    company = await startCompany({ company: smallCompany(), settings: twoAdministrators });
    company.twin.interceptConsole.add({
      rule_name: "行政部：不外传文件",
      word_list: ["内部文件"],
      intercept_type: 2,
      applicable_range: { department_list: [2] },
    });
    browser = await launchBrowser();
    const opened = await openPage(browser, { width: 1440, height: 900 });
    console = opened.page;
    problems.push(...opened.problems);
    await console.goto(`${company.twin.gatewayUrl}/admin/rules`);
    await console.getByRole("button", { name: /刘洋/ }).click();
    await console.getByRole("heading", { name: "规则" }).waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await company.close();
    expect(problems).toEqual([]);
  });

  it("gets a rule that is marked in the editor", async () => {
    await console.getByText("承诺保本或收益").first().click();
    await console.getByText("下发到企业微信").click();
    await console.getByText(/能下发 \d+ \/ \d+ 个词/).waitFor();
    await console.getByText(/能下发 \d+ \/ \d+ 个词/).scrollIntoViewIfNeeded();
    await screenshot(console, "native-editor");
    await console.getByRole("button", { name: "存入工作稿" }).click();
    await console.getByText("已存入工作稿").waitFor();
    const { twin } = company;
    await publishDraft(await signIn(twin, "liuyang"), await signIn(twin, "sunhao"));
    await eventually(told, (rules) => rules.length === 2, 20_000);
  });

  it("is shown line by line, with what it does not cover and who else made rules", async () => {
    await console.getByRole("link", { name: "原生拦截" }).click();
    await console.getByText("已用 2 / 100").waitFor({ timeout: 20_000 });
    await console.getByText("已生效").waitFor({ timeout: 20_000 });
    await console.getByText("行政部：不外传文件").waitFor();
    await screenshot(console, "native-report");
    await console.getByText(/^未下发/).click();
    await console.getByText("如果下发").first().waitFor();
    await console.setViewportSize({ width: 1280, height: 720 });
    await screenshot(console, "native-report-unmarked");
    await console.setViewportSize({ width: 1440, height: 900 });
  });

  it("shows what somebody changed in WeCom's console, and puts it back", async () => {
    const ours = told().find(({ rule_name }) => rule_name !== "行政部：不外传文件")!;
    const words = ours.word_list.slice(1);
    company.twin.interceptConsole.change({ rule_id: ours.rule_id, word_list: words });
    await console.getByRole("button", { name: "立即核对" }).click();
    await console.getByText(/^被改动 1/).click();
    await console.getByText(`少了：「${ours.word_list[0]}」`).waitFor({ timeout: 20_000 });
    await screenshot(console, "native-drift");
    await console.getByRole("button", { name: "恢复" }).click();
    await eventually(
      () => told().find(({ rule_id }) => rule_id === ours.rule_id)?.word_list.length,
      (count) => count === ours.word_list.length,
      20_000,
    );
    await console.getByText(/^被改动 0/).waitFor({ timeout: 20_000 });
  });
});
