import { expect, test } from "@jest/globals";
import type { PhoneItem } from "../../../client-contract.ts";
import { bodyOf, readCard } from "./read-card.ts";

const item = (body: PhoneItem["body"], replacedButton: string | null = null): PhoneItem => ({
  msgId: "m1",
  atMs: 0,
  kind: "template_card",
  body,
  replacedButton,
  isRecalled: false,
});
const card = {
  card_type: "button_interaction",
  source: { desc: "风险告警", desc_color: 2 },
  main_title: { title: "陈丽 对 半夏", desc: "承诺收益" },
  quote_area: { type: 1, url: "http://localhost/q", title: "原文", quote_text: "保本**" },
  horizontal_content_list: [{ keyname: "时间", value: "14:03" }],
  card_action: { type: 1, url: "http://localhost/c" },
  button_list: [
    { type: 0, text: "处理", style: 1, key: "handle" },
    { text: "误报", style: 9, key: "false_alarm" },
    { type: 1, text: "打开", style: 2, url: "http://localhost/o" },
  ],
};

test("读出卡片的每一部分", () => {
  expect(readCard(item(card))).toEqual({
    source: "风险告警",
    sourceColor: 2,
    title: "陈丽 对 半夏",
    description: "承诺收益",
    emphasis: null,
    quote: { title: "原文", text: "保本**", url: "http://localhost/q" },
    subTitle: "",
    rows: [{ name: "时间", value: "14:03", url: "" }],
    links: [],
    buttons: [
      { key: "handle", text: "处理", style: 1, url: "" },
      { key: "false_alarm", text: "误报", style: 1, url: "" },
      { key: "", text: "打开", style: 2, url: "http://localhost/o" },
    ],
    url: "http://localhost/c",
    replaced: "",
  });
});

test("整条消息和只有卡片的正文读出来一样", () => {
  expect(readCard(item({ msgtype: "template_card", template_card: card }))).toEqual(
    readCard(item(card)),
  );
  expect(bodyOf({ ...item({ content: "你好" }), kind: "text" }, "text")).toEqual({
    content: "你好",
  });
});

test("更新后的文字来自应用的替换，或新卡片自己的 replace_text", () => {
  expect(readCard(item(card, "已处理")).replaced).toBe("已处理");
  expect(readCard(item({ ...card, replace_text: "已标记误报" })).replaced).toBe("已标记误报");
});

test("类型不对的字段当作没有", () => {
  const broken = { main_title: "标题", button_list: {}, horizontal_content_list: [null, 3] };
  expect(readCard(item(broken))).toMatchObject({
    title: "",
    buttons: [],
    rows: [
      { name: "", value: "", url: "" },
      { name: "", value: "", url: "" },
    ],
  });
});
