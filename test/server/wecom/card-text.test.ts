import fc from "fast-check";
import { cardText } from "../../../server/src/wecom/card-text.ts";

describe("texts of cards", () => {
  it.each([
    ["an ordinary sentence", "这款理财保本保息，加我微信聊", "这款理财保本保息，加我微信聊"],
    ["several lines", "一\r\n二\n\n三\t四", "一 二 三 四"],
    ["line separators", "一\u2028二\u2029三\u0085四", "一二三四"],
    ["a mention", "你好<@zhangwei>看", "你好看"],
    ["everybody", "@all 快看 @所有人", "＠all 快看 ＠所有人"],
    ["a link tag", '<a href="https://evil.example">点我</a>', "点我"],
    ["colours", '<font color="warning">急</font>', "急"],
    ["a script", "<script>alert1</script>", "alert1"],
    ["smaller than", "价格<100 且>50", "价格＜100 且＞50"],
    ["half a tag", "<a href=x", "＜a href=x"],
    ["an address", "看http://evil.example/a?b=c#d 这里", "看［链接］ 这里"],
    ["an address up to Chinese", "看https://evil.example/a这里", "看［链接］这里"],
    ["another scheme", "weixin://dl/chat 开", "［链接］ 开"],
    ["www", "WWW.Evil.example/x", "［链接］"],
    ["a bare host", "去taobao.com买，或 m.evil.cn/x?y", "去［链接］买，或 ［链接］"],
    ["numbers and versions", "3.5折 v2.0 报价.pdf", "3.5折 v2.0 报价.pdf"],
    ["markdown", "**粗** [文](x) `码` # 题 _斜_", "＊＊粗＊＊ ［文］（x） ｀码｀ ＃ 题 ＿斜＿"],
    ["WeCom's id translation", "$userName=zhangwei$", "＄userName=zhangwei＄"],
    ["reversed text", "\u202Ecod.exe\u2069", "cod.exe"],
    ["zero width inside a mention", "<\u200B@zhangwei>", ""],
    ["half an emoji", "a\uD83D", "a"],
    ["NUL", "a\0b", "ab"],
    ["nothing", " \n ", ""],
  ])("%s", (_name, text, expected) => {
    expect(cardText(text, 60)).toBe(expected);
  });

  it("cuts by characters, not through one", () => {
    expect(cardText("一二三四五", 5)).toBe("一二三四五");
    expect(cardText("一二三四五六", 5)).toBe("一二三四…");
    expect(cardText("🙂🙂🙂", 2)).toBe("🙂…");
  });

  it("leaves nothing that could be a mention, a link, markup or a line, and is at once done", () => {
    const piece = fc.constantFrom(
      "<",
      ">",
      "@",
      "all",
      "http",
      "://",
      "a",
      "href",
      "[",
      "](",
      "www.",
      "x.com",
      "\n",
      "\u202E",
      "`",
      "/",
      " ",
      "好",
      "\uD800",
    );
    const hostile = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(fc.oneof(hostile, fc.string({ unit: "binary" })), (text) => {
        const safe = cardText(text, 30);
        expect(safe).not.toMatch(/[<>@[\]()`*_#$\\]|www\.|\p{Cc}|\p{Cf}|\p{Cs}/u);
        expect(Array.from(safe).length).toBeLessThanOrEqual(30);
      }),
      { numRuns: 1000 },
    );
  });

  it("is quick on texts made to be slow", () => {
    const startedAtMs = performance.now();
    for (const text of [
      "a".repeat(1e6),
      "a.".repeat(5e5),
      "<a ".repeat(3e5),
      "://".repeat(3e5),
      "<@".repeat(5e5),
    ]) {
      cardText(text, 30);
    }
    expect(performance.now() - startedAtMs).toBeLessThan(1000);
  });
});
