import { expect, test } from "@jest/globals";
import { readCardText, readMarkdown, readText } from "./rich-text.ts";

const plain = (text: string) => ({ text, look: "plain", url: "" });

test("文本消息：换行和链接", () => {
  expect(readText('请看<a href="https://a.cn/x">手册</a>。\n<b>原样</b>')).toEqual([
    {
      look: "normal",
      spans: [plain("请看"), { text: "手册", look: "plain", url: "https://a.cn/x" }, plain("。")],
    },
    { look: "normal", spans: [plain("<b>原样</b>")] },
  ]);
});

test("文本卡片：三种样式各占一行", () => {
  const lines = readCardText(
    '<div class="gray">11 月</div><div class="normal">3 条</div><div class="highlight">急</div>',
  );
  expect(lines.map((line) => line.spans)).toEqual([
    [{ text: "11 月", look: "gray", url: "" }],
    [plain("3 条")],
    [{ text: "急", look: "highlight", url: "" }],
  ]);
  expect(readCardText("一<br>二").map((line) => line.spans)).toEqual([
    [plain("一")],
    [plain("二")],
  ]);
});

test("Markdown：标题、引用、加粗、代码、颜色、链接", () => {
  const lines = readMarkdown(
    '# 延迟\n> 序号 `12`\n**6 分钟**，<font color="warning">偏高</font>[看](http://a.cn)\n',
  );
  expect(lines).toEqual([
    { look: "heading", spans: [plain("延迟")] },
    { look: "quote", spans: [plain("序号 "), { text: "12", look: "code", url: "" }] },
    {
      look: "normal",
      spans: [
        { text: "6 分钟", look: "bold", url: "" },
        plain("，"),
        { text: "偏高", look: "warning", url: "" },
        { text: "看", look: "plain", url: "http://a.cn" },
      ],
    },
    { look: "normal", spans: [] },
  ]);
});
