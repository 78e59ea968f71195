import { replaceClause } from "../../../sidebar-web/src/sidebar/replace-clause.ts";

function check(text: string, word: string, wording: string, expected: string): void {
  const start = text.indexOf(word);
  expect(replaceClause(text, { start, end: start + word.length }, wording)).toBe(expected);
}

test("only the part of the sentence with the word is replaced", () => {
  check(
    "这款理财保本，加我微信聊",
    "保本",
    "过往收益不代表未来。",
    "过往收益不代表未来，加我微信聊",
  );
  check("您好，加我微信聊", "微信", "就在这里聊吧。", "您好，就在这里聊吧。");
  check("第一句。保本的！第三句", "保本", "有风险", "第一句。有风险！第三句");
});

test("a text without punctuation is replaced as a whole", () => {
  check("保本保息", "保本", "有风险。", "有风险。");
});

test("a word that spans a comma takes both parts with it", () => {
  check("您放心，保，本的，好吗", "保，本", "有风险。", "您放心，有风险，好吗");
});
