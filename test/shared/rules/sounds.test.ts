import { compileRules } from "#shared/rules/compile";
import { bufferOf, loadRules } from "#shared/rules/compiled-rules";
import { explain } from "#shared/rules/explain";
import { scan } from "#shared/rules/scan";
import { sounds } from "#shared/rules/sound-table";
import { makeRule } from "./make-rule.ts";

const member = { speaker: "member" } as const;
const words = ["保本", "稳赚不赔", "加我微信", "私下交易", "支付宝", "银行卡", "去死", "飞单"];
const rule = makeRule({ words, exceptions: ["不保本"], variants: "strong" });
const strong = loadRules(bufferOf(compileRules([rule], { sounds })));
const standard = compileRules([{ ...rule, variants: "standard" }], { sounds });

test.each([
  ["宝本", "保本", ["homophone"]],
  ["文赚不赔", "稳赚不赔", ["homophone"]],
  ["文撰不陪", "稳赚不赔", ["homophone"]],
  ["私下教一", "私下交易", ["homophone"]],
  ["私下jiaoyi", "私下交易", ["pinyin"]],
  ["si xia jiao yi", "私下交易", ["pinyin"]],
  ["ＢＡＯ本", "保本", ["pinyin"]],
  ["wzbp", "稳赚不赔", ["initial"]],
  ["稳z不p", "稳赚不赔", ["initial"]],
  ["加我vx", "加我微信", ["slang"]],
  ["+我薇信", "加我微信", ["slang"]],
  ["zfb", "支付宝", ["slang"]],
])("%s is heard as %s by %j", (text, word, steps) => {
  const matches = explain(strong, `好${text}吧`, member).hits.flatMap((hit) => hit.matches);
  const best = matches.find((match) => match.word === word && match.quote === text);
  expect(best?.variantSteps).toEqual(steps);
  expect(scan(standard, text, member)).toEqual([]);
});

test.each([
  "去四季民福吃饭",
  "wzbpx 型号",
  "飞弹演习",
  "四本，奔跑",
  "a bag of tea",
  "加我们的会员",
  "ABB 的电机",
  "宝，本月到货",
  "不宝本",
])("sounds like nothing: %s", (text) => {
  expect(scan(strong, text, member)).toEqual([]);
});

test("letters by the hundred thousand take bounded time", () => {
  const many = compileRules(
    [makeRule({ words: ["加加加加", "加加家家", "佳佳佳佳佳"], variants: "strong" })],
    { sounds },
  );
  expect(scan(many, "j".repeat(3) + " j".repeat(100_000), member).length).toBeLessThanOrEqual(1);
});

test("without tables a strong rule is a standard one with slang", () => {
  const bare = compileRules([rule]);
  expect(scan(bare, "加我vx", member)).toHaveLength(1);
  expect(scan(bare, "文赚不赔", member)).toEqual([]);
});
