import {
  isBankCardNumber,
  isCreditCode,
  isIdCardNumber,
  passesLuhn,
} from "#shared/rules/check-digits";
import { hostOf } from "#shared/rules/links";
import { valueKinds, type ValueKind } from "#shared/rules/value-span";
import { findValues } from "#shared/rules/values";

/** The examples of GB 11643-1999 and GB 32100-2015; card numbers are the issuers' published test numbers. */
test.each([
  [isIdCardNumber, "11010519491231002X", true],
  [isIdCardNumber, "440524188001010014", true],
  [isIdCardNumber, "110105194912310021", false],
  [isIdCardNumber, "11010519490231002X", false],
  [isIdCardNumber, "99010519491231002X", false],
  [isCreditCode, "91350100M000100Y43", true],
  [isCreditCode, "91350100M000100Y44", false],
  [isCreditCode, "91350100I000100Y43", false],
  [isBankCardNumber, "4111111111111111", true],
  [isBankCardNumber, "5555555555554444", true],
  [isBankCardNumber, "378282246310005", true],
  [isBankCardNumber, "3530111333300000", true],
  [isBankCardNumber, "6200000000000005", true],
  [isBankCardNumber, "4111111111111112", false],
  [isBankCardNumber, "1111111111111117", false],
  [passesLuhn, "79927398713", true],
  [passesLuhn, "", false],
])("%p of %s is %s", (check, text, expected) => {
  expect(check(text)).toBe(expected);
});

test.each<[ValueKind, string, string[]]>([
  ["id_card", "证号11010519491231002x，请核对", ["11010519491231002x"]],
  ["id_card", "订单110105194912310021", []],
  ["bank_card", "卡号 4111 1111 1111 1111 打这里", ["4111 1111 1111 1111"]],
  ["bank_card", "运单号4111111111111112", []],
  ["credit_code", "税号91350100M000100Y43", ["91350100M000100Y43"]],
  ["mobile", "打１３８-0013-8000或+8613900139000", ["１３８-0013-8000", "+8613900139000"]],
  ["mobile", "①③⑧00138000", ["①③⑧00138000"]],
  ["mobile", "一三八零零一三八零零零", ["一三八零零一三八零零零"]],
  ["mobile", "单号2138001380001，12800138000", []],
  ["landline", "010-62165588，400-820-8820", ["010-62165588", "400-820-8820"]],
  ["email", "发到 Zhang.San+a@mail.Example.com 吧", ["Zhang.San+a@mail.Example.com"]],
  ["email", "@所有人 a@b", []],
  ["plate", "车牌京A·12345和粤BD12345", ["京A·12345", "粤BD12345"]],
  ["plate", "京东12345，新I12345", []],
  ["wechat_id", "微信号：zhang_san88 加V：abcdef1", ["zhang_san88", "abcdef1"]],
  ["wechat_id", "微信支付，微信abc", []],
  ["qq_id", "QQ号：123456", ["123456"]],
  ["qq_id", "QQ音乐 2024", []],
  ["amount", "一共¥1,280.50，定金500元，3万块，编号1280", ["¥1,280.50", "500元", "3万块"]],
  ["link", "看 https://evil.cn/a?b=1，或 evil.top/x", ["https://evil.cn/a?b=1", "evil.top/x"]],
])("%s in %j", (kind, text, expected) => {
  const found = findValues(kind, text);
  expect(found.map(({ start, end }) => text.slice(start, end))).toEqual(expected);
});

test.each([
  ["https://example.com/a", true],
  ["https://shop.EXAMPLE.com:8443/a", true],
  ["www.example.com", true],
  ["https://evil-example.com", false],
  ["https://example.com.evil.cn", false],
  ["https://example.com@evil.cn/", false],
  ["https://ex\u0430mple.com", false],
  ["https://例子.中国/x", true],
])("the allow-list on %s", (link, isAllowed) => {
  const options = { allowedDomains: ["example.com", "例子.中国"] };
  expect(findValues("link", `请看 ${link} 谢谢`, options)).toHaveLength(isAllowed ? 0 : 1);
});

test("what is no link has no host", () => {
  expect(hostOf("http://")).toBeUndefined();
});

test.each(valueKinds)("a hostile text takes %s bounded time", (kind) => {
  for (const piece of ["1 ", "a", "a.", "京A", "微信号：", "1,234", "http://"]) {
    expect(findValues(kind, piece.repeat(100_000)).length).toBeGreaterThanOrEqual(0);
  }
});
