import { compileRules } from "#shared/rules/compile";
import { explain } from "#shared/rules/explain";
import { scan } from "#shared/rules/scan";
import { makeRule } from "./make-rule.ts";

const member = { speaker: "member" } as const;
const words = [
  "保本",
  "保证收益",
  "加微信",
  "加V",
  "信用卡套现",
  "行业第一",
  "NO.1",
  "天天特价",
  "12315",
];
const rule = makeRule({ words, exceptions: ["非保本", "加V宝"], variants: "standard" });
const standard = compileRules([rule]);
const off = compileRules([{ ...rule, variants: "off" }]);

/** What the rule finds: the word and how the text spells it. */
function find(text: string): string[] {
  return scan(standard, text, member).flatMap(({ spans }) =>
    spans.map(({ start, end, word }) => `${word}=${text.slice(start, end)}`),
  );
}

test.each([
  ["保.本", "保本", ["filler"]],
  ["保 ♥ 本", "保本", ["filler"]],
  ["保￥本", "保本", ["filler"]],
  ["保👨‍👩‍👧‍👦本", "保本", ["filler"]],
  ["加，微，信", "加微信", ["filler"]],
  ["保保保.本本", "保本", ["filler", "repeat"]],
  ["加微微信", "加微信", ["repeat"]],
  ["加ＶＶ", "加V", ["repeat"]],
  ["加Ⅴ聊", "加V", ["letter"], "加Ⅴ"],
  ["加𝓥", "加V", ["letter"]],
  ["加🅥", "加V", ["letter"]],
  ["加ν", "加V", ["letter"]],
  ["保̶本̶", "保本", ["mark"], "保̶本"],
  ["亻言用卡套现", "信用卡套现", ["split"]],
  ["イ言用卡套现", "信用卡套现", ["split"]],
  ["加微人言", "加微信", ["split"]],
  ["行业第①", "行业第一", ["digit"]],
  ["行业第1️⃣", "行业第一", ["digit"], "行业第1"],
  ["１②叁15", "12315", ["digit"]],
  ["1️⃣2️⃣3️⃣1️⃣5️⃣", "12315", ["digit"], "1️⃣2️⃣3️⃣1️⃣5"],
  ["N-O-1", "NO.1", ["filler"]],
  ["天 天 特 价", "天天特价", ["filler"]],
  ["保㊤證...收..益", "", []],
])("%s is seen as %s by %j", (text, word, steps, quote = text) => {
  const found = explain(standard, `好的${text}吧`, member).hits.flatMap(({ matches }) => matches);
  const expected = { word, quote, start: 2, end: 2 + quote.length, variantSteps: steps };
  if (word === "") expect(found).toEqual([]);
  else expect(found).toEqual([expect.objectContaining(expected)]);
  expect(scan(off, text, member)).toEqual([]);
});

test.each([
  "请保，本月发货",
  "他说不保。本来就这样",
  "加 VIP 群",
  "加ⅤIP",
  "天特价",
  "1381231５678",
  "非 保 本",
  "非保☆本",
  "加♥V♥宝",
  `保${"♥".repeat(13)}本`,
])("ordinary writing is left alone: %s", (text) => {
  expect(find(text)).toEqual([]);
});

test.each([
  ["A+", "a 级"],
  ["C++", "c"],
  ["9.9", "99元"],
  ["颜丶", "颜色"],
])("what is left of %s without symbols is not looked for: %s", (word, text) => {
  const compiled = compileRules([makeRule({ words: [word], variants: "standard" })]);
  expect(scan(compiled, text, member)).toEqual([]);
  expect(scan(compiled, word, member)).toHaveLength(1);
});

test("a word that stands plainly is found once", () => {
  expect(find("保本，保.本")).toEqual(["保本=保本", "保本=保.本"]);
});

test("an exception around a disguised word says so, with its own place", () => {
  const { suppressed } = explain(standard, "这是非 保本，非 保 本", member);
  expect(suppressed.map(({ reasons }) => reasons)).toEqual([
    [{ kind: "exception", exception: "非保本", start: 7, end: 12 }],
  ]);
});

test("spans lead back to the original through every disguise", () => {
  const text = "😀\u200b加✿微\u0336✿イ言！";
  expect(find(text)).toEqual(["加微信=加✿微\u0336✿イ言"]);
});
