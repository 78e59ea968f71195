import type { Browser, Page } from "playwright-core";
import { withAttachments } from "../simulator/company/attachments.ts";
import { CUSTOMER } from "../simulator/testing/small-company.ts";
import { describeInBrowser, launchBrowser, openPage, screenshot } from "../support/browser.ts";
import { CHAT, settle, twoTeams } from "../support/main-job-world.ts";
import { startCompany } from "../support/running-company.ts";
import type { RunningCompany } from "../support/running-company.ts";

const SIZES = [
  ["phone", { width: 390, height: 844 }],
  ["desk", { width: 1280, height: 900 }],
] as const;

describeInBrowser("files of messages in the reader", () => {
  let company: RunningCompany;
  let browser: Browser;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    company = await startCompany({ company: withAttachments(twoTeams()) });
    await settle(company);
    const say = (content: Parameters<typeof company.twin.sendMessage>[0]["content"]) =>
      company.twin.sendMessage({
        conversationId: CHAT,
        fromId: "chenli",
        text: "",
        content: content!,
      });
    const file = { fileName: "报价单.xlsx", fileSizeBytes: 3000 };
    say({ kind: "file", text: "[文件] 报价单.xlsx", extra: file });
    say({
      kind: "link",
      text: "[链接]",
      extra: { title: "活动说明", description: "报名", url: "https://x.example" },
    });
    const gone = company.twin.world.media.add(Buffer.from("gone"), Date.now() - 7 * 24 * 3600_000);
    const image = { sdkfileid: gone, md5sum: "", filesize: 4 };
    say({ kind: "raw", text: "[图片]", extra: { msgtype: "image", image } });
    const odd = company.twin.world.media.add(Buffer.from("<svg/>"), Date.now());
    const noPicture = { sdkfileid: odd, md5sum: "", filesize: 6 };
    say({ kind: "raw", text: "[图片]", extra: { msgtype: "image", image: noPicture } });
    say({ kind: "raw", text: "[未知]", extra: { msgtype: "brand_new", brand_new: {} } });
    await settle(company);
    browser = await launchBrowser();
    ({ page, problems } = await openPage(browser, SIZES[0][1]));
    await page.goto(`${company.twin.gatewayUrl}/manager/`);
    await page.getByText("张伟").click();
    await page.getByText("没有待处理的告警").waitFor();
    await page.goto(`${company.twin.gatewayUrl}/manager/conversations/s:chenli:${CUSTOMER}`);
    await page.getByRole("textbox").first().fill("客户投诉，核实承诺内容");
    await page.getByRole("button", { name: "开始查看" }).click();
    await page.locator(".message-list").waitFor();
  });

  afterAll(async () => {
    await browser.close();
    await company.close();
  });

  it("shows a picture", async () => {
    const picture = page.locator(".media-picture img").first();
    await picture.scrollIntoViewIfNeeded();
    await page.waitForFunction(() => {
      const image = document.querySelector<HTMLImageElement>(".media-picture img");
      return image?.complete === true && image.naturalWidth > 0;
    });
    expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(320);
    await screenshot(page, "media-picture");
  });

  it("plays a voice and a video", async () => {
    for (const [element, seconds] of [
      ["audio", 3],
      ["video", 4],
    ] as const) {
      const player = page.locator(element).first();
      await player.scrollIntoViewIfNeeded();
      const played = await player.evaluate(async (media: HTMLMediaElement) => {
        media.muted = true;
        await media.play();
        await new Promise((resolve) =>
          media.addEventListener("timeupdate", resolve, { once: true }),
        );
        media.currentTime = 1;
        await new Promise((resolve) => media.addEventListener("seeked", resolve, { once: true }));
        return { duration: media.duration, at: media.currentTime };
      });
      expect(Math.round(played.duration)).toBe(seconds);
      expect(played.at).toBeGreaterThanOrEqual(1);
    }
  });

  it("saves a document under its name", async () => {
    const row = page.locator(".message", { hasText: "报价单.xlsx" });
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      row.getByRole("link", { name: /下载/ }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("报价单.xlsx");
  });

  it("says why a file is not there, and does not show what is no picture", async () => {
    await page.getByText("企业微信已不再保存，没能取到").waitFor();
    await page.getByText("无法预览，可以下载后查看").waitFor();
    await page.getByText("2 分 35 秒").waitFor();
    await page.getByText("其他消息").waitFor();
    for (const [name, size] of SIZES) {
      await page.setViewportSize(size);
      await page.screenshot({ path: `test/screenshots/media-${name}.png`, fullPage: true });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(size.width);
    }
    expect(problems).toEqual([]);
  });

  it("lists what could not be had for the operators, who have it fetched again", async () => {
    const console = await openPage(browser, SIZES[1][1]);
    await console.page.goto(`${company.twin.gatewayUrl}/admin/health`);
    await console.page.getByText("刘洋").click();
    const lost = console.page.locator(".health-table", { hasText: "没取到的聊天文件" });
    await lost.getByText("企业微信已不再保存").waitFor();
    await lost.getByRole("button", { name: "全部重新获取" }).click();
    await console.page.getByText("1 个文件正在重新获取").waitFor();
    await lost.scrollIntoViewIfNeeded();
    await screenshot(console.page, "media-lost");
    expect(console.problems).toEqual([]);
  });
});
