import { mkdirSync } from "node:fs";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";

/** Where the pictures of a run go, to be looked at. */
const SCREENSHOTS = "test/screenshots";

const chromiumPath = process.env["CHROMIUM_PATH"];

/** `describe`, or a skip by name where there is no browser. */
export const describeInBrowser = (name: string, define: () => void): void => {
  if (chromiumPath) describe(`${name} [Chromium]`, define);
  else describe.skip(`${name} [CHROMIUM_PATH is not set]`, define);
};

export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({
    executablePath: chromiumPath ?? "",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page whose unexpected errors fail the test at the end: `problems` stays empty. */
export async function openPage(
  browser: Browser,
  size: { width: number; height: number },
): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage({
    viewport: size,
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
  });
  page.setDefaultTimeout(10_000);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    // Refused requests are noted below, with their address.
    const isRefusal = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isRefusal) problems.push(message.text());
  });
  page.on("response", (response) => {
    // A 401 is how a page learns that it must sign in.
    if (response.status() < 400 || response.status() === 401) return;
    problems.push(`${response.status()} ${response.request().method()} ${response.url()}`);
  });
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return { page, problems };
}

export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}/${name}.png` });
}
