import type { Browser, Page } from "playwright-core";
import type { Company } from "../simulator/company/model.ts";
import { CUSTOMER, ROOM } from "../simulator/testing/small-company.ts";
import { describeInBrowser, launchBrowser, openPage, screenshot } from "../support/browser.ts";
import { CHAT, settle, twoTeams, VIOLATION } from "../support/main-job-world.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";

/** Markup, a way out of an attribute, and a template of Vue's. */
const EVIL = `<img src="https://evil.example/p.png" onerror="window.pwned=1">"'><script>window.pwned=1</script>{{constructor.constructor('window.pwned=1')()}}`;
const EVIL_URL = "javascript:window.pwned=1";

/** All that customers and colleagues can call themselves and each other. */
function withEvilNames(company: Company): Company {
  return {
    ...company,
    departments: company.departments.map((one) =>
      one.id === 3 ? { ...one, name: `一组${EVIL}` } : one,
    ),
    customers: company.customers.map((customer) => ({
      ...customer,
      name: `${customer.name}${EVIL}`,
      follows: customer.follows.map((follow) => ({
        ...follow,
        remark: `备注${EVIL}`,
        description: `描述${EVIL}`,
        mobiles: [EVIL_URL],
      })),
    })),
    rooms: company.rooms.map((room) => ({ ...room, name: `群${EVIL}` })),
  };
}

describeInBrowser("what others call themselves, write and send", () => {
  let company: RunningCompany;
  let browser: Browser;
  const left: string[] = [];

  beforeAll(async () => {
    company = await startCompany({ company: withEvilNames(twoTeams()), notifyIntervalMs: 20 });
    await settle(company);
    const link = { title: `标题${EVIL}`, description: EVIL, url: EVIL_URL };
    const file = { fileName: `报价${EVIL}.html`, fileSizeBytes: 3000 };
    const send = (conversationId: string, text: string, content?: object): void => {
      company.twin.sendMessage({
        conversationId,
        fromId: "chenli",
        text,
        ...(content && { content: content as never }),
      });
    };
    send(CHAT, "", { kind: "link", text: "[链接]", extra: link });
    send(CHAT, "", { kind: "file", text: "[文件]", extra: file });
    const odd = { msgtype: EVIL, [EVIL]: { content: EVIL } };
    send(CHAT, "", { kind: "raw", text: "[未知]", extra: odd });
    const location = { title: EVIL, address: EVIL, longitude: 1, latitude: 1, zoom: 1 };
    send(CHAT, "", { kind: "raw", text: "[位置]", extra: { msgtype: "location", location } });
    send(CHAT, `${VIOLATION}${EVIL}`);
    await settle(company);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await company.close();
  });

  async function open(width: number, height: number): Promise<Page> {
    const { page } = await openPage(browser, { width, height });
    page.on("dialog", (dialog) => left.push(`dialog ${dialog.message()}`));
    page.on("request", (request) => {
      if (new URL(request.url()).hostname.includes("evil")) left.push(`request ${request.url()}`);
    });
    return page;
  }

  /** Everywhere in the page, also in frames: nothing of it ran, and nothing waits for a click to run. */
  async function inspect(page: Page): Promise<void> {
    for (const frame of page.frames()) {
      const found = await frame.evaluate(() => ({
        pwned: (window as { pwned?: number }).pwned,
        evil: [...document.querySelectorAll("[onerror],[href^='javascript'],img[src*='evil']")].map(
          (element) => element.outerHTML,
        ),
      }));
      expect(found).toEqual({ pwned: undefined, evil: [] });
    }
    expect(left).toEqual([]);
  }

  it("runs nowhere in the sidebar", async () => {
    const page = await open(1440, 900);
    await page.goto(`${company.twin.url}/chat?as=chenli`);
    const sidebar = page.frameLocator("iframe[data-entry]");
    await sidebar.getByText("onerror").first().waitFor();
    await inspect(page);
    await sidebar.getByRole("tab", { name: /提醒/ }).click();
    await sidebar.getByText("保本保息").first().waitFor();
    await inspect(page);
    await sidebar.getByRole("tab", { name: "草稿" }).click();
    await sidebar.getByLabel("要发给客户的话").fill(`${VIOLATION}${EVIL}`);
    await sidebar.locator(".draft-finding").first().waitFor();
    await inspect(page);
    await screenshot(page, "hostile-sidebar");
  });

  it("runs nowhere on the manager's pages", async () => {
    const page = await open(390, 844);
    await page.goto(`${company.twin.gatewayUrl}/manager/`);
    await page.getByText("张伟").first().click();
    await page.getByText("保本保息").first().waitFor();
    await inspect(page);
    await page.goto(`${company.twin.gatewayUrl}/manager/conversations`);
    await page.getByText("陈丽").first().waitFor();
    await inspect(page);
    for (const id of [`s:chenli:${CUSTOMER}`, `g:${ROOM}`]) {
      await page.goto(`${company.twin.gatewayUrl}/manager/conversations/${id}`);
      await page.getByRole("textbox").first().fill("客户投诉，核实承诺内容");
      await page.getByRole("button", { name: "开始查看" }).click();
      await page.locator(".message-list").waitFor();
      await inspect(page);
    }
    await screenshot(page, "hostile-reader");
  });

  it("runs nowhere in the console", async () => {
    const page = await open(1280, 720);
    await page.goto(`${company.twin.gatewayUrl}/admin/`);
    await page.getByRole("button", { name: /刘洋/ }).click();
    await page.locator(".nav-link").first().waitFor();
    for (const link of await page.locator(".nav-link").all()) {
      await link.click();
      await page.waitForLoadState("networkidle");
      await inspect(page);
    }
    await page.goto(`${company.twin.gatewayUrl}/admin/rules/${encodeURIComponent(EVIL)}`);
    await page.locator(".nav-link").first().waitFor();
    await inspect(page);
  });
});
