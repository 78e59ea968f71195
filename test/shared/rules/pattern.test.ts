import fc from "fast-check";
import { compilePattern, findPattern } from "#shared/rules/pattern";
import { PatternError } from "#shared/rules/pattern-parse";

function find(source: string, text: string): string[] {
  return findPattern(compilePattern(source), text, 100).map(({ start, end }) =>
    text.slice(start, end),
  );
}

test.each([
  ["保(本|息)", "保本保息", ["保本", "保息"]],
  ["\\d{3,4}", "12 123 12345", ["123", "1234"]],
  ["年化.{0,3}%", "年化8%和年化收益10%", ["年化8%"]],
  ["[a-c]+x?", "abcx d", ["abcx"]],
  ["[^\\d\\s]+", "12 ab3", ["ab"]],
  ["^加|微$", "加微加微", ["加", "微"]],
  ["a|ab|abc", "abcd", ["abc"]],
  ["Ａ+", "aa", ["aa"]],
  ["vip\\b", "vips vip1", ["vip"]],
  ["(?:ab)*c", "ababc", ["ababc"]],
  ["[\\]\\-]", "]-", ["]", "-"]],
  ["\\u4fdd本", "保本", ["保本"]],
])("%s in %j", (source, text, expected) => {
  expect(find(source, text)).toEqual(expected);
});

test.each([
  ["(ab", 0, "缺少右括号"],
  ["ab)", 2, "多了一个右括号"],
  ["(?=a)b", 0, "不支持环视"],
  ["(a)\\1", 3, "不支持反向引用"],
  ["*a", 0, "重复符号前面没有内容"],
  ["a**", 2, "重复符号不能连写"],
  ["a{3,2}", 1, "上限小于下限"],
  ["a{1000}", 1, "重复次数不能超过"],
  ["[b-a]", 4, "范围的起点大于终点"],
  ["[ab", 0, "缺少右方括号"],
  ["a*", 0, "空内容"],
  ["\\q", 0, "不认识"],
  ["((a{100}){100}){100}", 0, "展开后太长"],
  ["a".repeat(301), 300, "不超过 300 个字符"],
])("%s is refused at %i: %s", (source, position, reason) => {
  let refused: unknown;
  try {
    compilePattern(source);
  } catch (error) {
    refused = error;
  }
  expect(refused).toBeInstanceOf(PatternError);
  expect(refused).toMatchObject({ position });
  expect((refused as PatternError).message).toContain(reason);
});

test("a pattern that hangs other engines does not hang this one", () => {
  expect(find("(a+)+b", "a".repeat(100_000))).toEqual([]);
});

test("property: agrees with the language's own engine where leftmost longest is what it finds", () => {
  const source = fc.constantFrom("a+", "ab?c", "[ab]{2}", "a(b|c)+", "b.c", "(ab|cd)+", "c\\d+");
  const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "d", "1"), maxLength: 30 });
  fc.assert(
    fc.property(source, text, (one, subject) => {
      expect(find(one, subject)).toEqual(
        [...subject.matchAll(new RegExp(one, "g"))].map(([m]) => m),
      );
    }),
    { numRuns: 1000 },
  );
});
