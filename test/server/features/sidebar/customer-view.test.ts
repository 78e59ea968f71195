import {
  maskNumber,
  toCustomerView,
  visible,
} from "../../../../server/src/features/sidebar/customer-view.ts";

describe("what is shown of a customer", () => {
  it.each([
    ["13812341234", "138****1234"],
    ["138 1234 1234", "138****1234"],
    ["+86 138-1234-1234", "86138****1234"],
    ["075512345678", "0755****5678"],
    ["8812345", "88****"],
    ["110", "11****"],
    ["", "****"],
  ])("number %j as %j", (number, expected) => {
    expect(maskNumber(number)).toBe(expected);
  });

  it.each([
    ["王\u202e先生", "王先生"],
    ["a\u200bb\ufeff", "ab"],
    ["\u2066x\u2069", "x"],
    ["一行\n两行\t", "一行 两行"],
    ["\u0000\u0007", ""],
    ["👨‍👩‍👧 一家", "👨‍👩‍👧 一家"],
    ["<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"],
  ])("text %j as %j", (text, expected) => {
    expect(visible(text)).toBe(expected);
  });

  it.each([
    ["http://wx.qlogo.cn/mmhead/x/0", "https://wx.qlogo.cn/mmhead/x/0"],
    ["https://wework.qpic.cn/a", "https://wework.qpic.cn/a"],
    ["https://qlogo.cn.evil.example/a", null],
    ["https://evilqlogo.cn/a", null],
    ["https://wx.qlogo.cn@evil.example/a", null],
    ["https://user@wx.qlogo.cn/a", null],
    ["https://wx.qlogo.cn:8443/a", null],
    ["javascript:alert(1)", null],
    ["data:image/svg+xml,x", null],
    ["not an address", null],
    [null, null],
  ])("avatar %j as %j", (avatarUrl, expected) => {
    const profile = {
      id: "wm1",
      name: "n",
      isWechat: true,
      corpName: null,
      avatarUrl,
      gender: "unknown" as const,
      follows: [],
      consents: {},
    };
    expect(toCustomerView(profile, "chenli", new Map()).avatarUrl).toBe(expected);
  });
});
