import { errors } from "#shared/errors";
import { signablePage } from "../../../../server/src/features/sign-in/page-url.ts";

const PUBLIC_URL = "https://wecom.example.com";

describe("which addresses are signed", () => {
  it.each([
    ["https://wecom.example.com/sidebar/", "https://wecom.example.com/sidebar/"],
    ["https://wecom.example.com/sidebar/?a=1#/tab", "https://wecom.example.com/sidebar/?a=1"],
    ["https://wecom.example.com/", "https://wecom.example.com/"],
    ["https://wecom.example.com/a#b#c", "https://wecom.example.com/a"],
  ])("ours, without the fragment: %s", (text, expected) => {
    expect(signablePage(text, PUBLIC_URL)).toBe(expected);
  });

  it.each([
    "https://evil.example/sidebar/",
    "https://wecom.example.com@evil.example/",
    "https://user@wecom.example.com/sidebar/",
    "https://user:password@wecom.example.com/sidebar/",
    "https://wecom.example.com:8443/sidebar/",
    "https://wecom.example.com:443/sidebar/",
    "http://wecom.example.com/sidebar/",
    "https://wecom.example.com.evil.example/",
    "https://evil.example/https://wecom.example.com/",
    "https://evil.example#@wecom.example.com/",
    "https://evil.example\\@wecom.example.com/",
    "https://wecom.example.com\\@evil.example/",
    "https://wecom.example.com/sidebar/../admin/",
    "https://wecom.example.com/sidebar/%2e%2e/admin/",
    "https://WECOM.example.com/sidebar/",
    "https://wecom.example.com",
    "https:/wecom.example.com/",
    "https://wecom。example。com/",
    "https://ｗecom.example.com/",
    "https://wecom.example.com/中文",
    " https://wecom.example.com/",
    "javascript:alert(1)",
    "//wecom.example.com/",
    "/sidebar/",
    "",
  ])("nothing else: %j", (text) => {
    expect(() => signablePage(text, PUBLIC_URL)).toThrow(errors.untrusted_page.text);
  });
});
