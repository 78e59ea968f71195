import { isOwnPage } from "../../../../server/src/features/sign-in/return-to.ts";

describe("where a sign-in may lead", () => {
  it.each([
    "/sidebar/",
    "/manager/",
    "/manager/cases/0199-aa",
    "/admin/rules",
    "/admin/rules?level=forbidden&q=%E4%BF%9D%E6%9C%AC",
    "/sidebar/?from=https://evil.example",
  ])("a page of ours: %s", (text) => {
    expect(isOwnPage(text)).toBe(true);
  });

  it.each([
    "",
    "/",
    "/sidebar",
    "/sidebarx/",
    "sidebar/",
    "/api/session",
    "/sign-in?returnTo=/sidebar/",
    "//evil.example/sidebar/",
    "///evil.example/sidebar/",
    "////evil.example",
    "/\\evil.example/sidebar/",
    "\\\\evil.example\\sidebar\\",
    "/sidebar/\\evil.example",
    "/sidebar/..//evil.example",
    "/sidebar/../../evil.example",
    "/sidebar/%2e%2e/api/session",
    "/sidebar/%2E%2E%2Fapi",
    "/sidebar/%5c%5cevil.example",
    "/sidebar//evil.example",
    "https://evil.example/sidebar/",
    "https:evil.example/sidebar/",
    "http:/sidebar/",
    "https://wecom.example.com/sidebar/",
    "https://wecom.example.com@evil.example/sidebar/",
    "javascript:alert(1)//sidebar/",
    "data:text/html,/sidebar/",
    "\t//evil.example/sidebar/",
    "/\t/evil.example/sidebar/",
    "/sidebar/\nSet-Cookie: a=b",
    "/sidebar/\r\nLocation: https://evil.example",
    " /sidebar/",
    "/sidebar/ ",
    "/sidebar/#fragment",
    "/sidebar/\u0000",
    "/sidebar/中文",
    "/．．/sidebar/",
    "／／evil.example/sidebar/",
    "/sidebar@evil.example/",
    ".evil.example/sidebar/",
    `/sidebar/${"a".repeat(600)}`,
  ])("nothing else: %j", (text) => {
    expect(isOwnPage(text)).toBe(false);
  });
});
