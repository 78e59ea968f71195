import { createAppMessages } from "../../../server/src/wecom/app-messages.ts";
import type { AppMessages } from "../../../server/src/wecom/app-messages.ts";
import type { ButtonCard } from "../../../server/src/wecom/card-body.ts";
import { plainClient, startFakeWecom, testConfig } from "./fake-wecom.ts";
import type { FakeWecom } from "./fake-wecom.ts";

const card: ButtonCard = {
  toMemberIds: ["zhangwei", "liuyang"],
  taskId: "case-1@1",
  source: "合规助手",
  title: "陈丽：承诺收益",
  description: "1 处禁止用语",
  quote: { title: "销售说", text: "这款\n理财<@all>保本，看 https://evil.example" },
  rows: [
    { label: "客户", value: "小**雨" },
    { label: "规则", value: "" },
  ],
  buttons: [
    { key: "handle", text: "处理", style: "primary" },
    { key: "false_alarm", text: "误报", style: "plain" },
  ],
  url: "https://crm.example.com/manager/cases/1",
};

describe("messages from the app", () => {
  let fake: FakeWecom;
  let messages: AppMessages;
  beforeEach(async () => {
    fake = await startFakeWecom();
    messages = createAppMessages(testConfig(fake.url), plainClient(fake));
    fake.on("/message/send", () => ({
      errcode: 0,
      errmsg: "ok",
      msgid: "M1",
      response_code: "RC",
    }));
    fake.on("/message/update_template_card", () => ({ errcode: 0, invaliduser: [] }));
  });
  afterEach(() => fake.close());

  it("a card with buttons goes out whole, harmless and once", async () => {
    expect(await messages.pushCard(card)).toEqual({
      messageId: "M1",
      responseCode: "RC",
      invalidMemberIds: [],
    });
    expect(fake.requests[0]!.body).toEqual({
      touser: "zhangwei|liuyang",
      agentid: 1000002,
      msgtype: "template_card",
      template_card: {
        card_type: "button_interaction",
        task_id: "case-1@1",
        source: { desc: "合规助手", desc_color: 0 },
        main_title: { title: "陈丽：承诺收益", desc: "1 处禁止用语" },
        quote_area: { type: 0, title: "销售说", quote_text: "这款 理财保本，看 ［链接］" },
        horizontal_content_list: [
          { keyname: "客户", value: "小＊＊雨" },
          { keyname: "规则", value: "—" },
        ],
        card_action: { type: 1, url: "https://crm.example.com/manager/cases/1" },
        button_list: [
          { text: "处理", style: 1, key: "handle" },
          { text: "误报", style: 2, key: "false_alarm" },
        ],
      },
      enable_duplicate_check: 1,
      duplicate_check_interval: 1800,
    });
  });

  it("keeps every text within its place", async () => {
    const long = "很长".repeat(200);
    await messages.pushCard({
      ...card,
      source: long,
      title: long,
      description: long,
      quote: { text: long },
      rows: Array.from({ length: 9 }, () => ({ label: long, value: long })),
    });
    const body = fake.requests[0]!.body["template_card"] as {
      source: { desc: string };
      main_title: { title: string; desc: string };
      quote_area: object;
      horizontal_content_list: { keyname: string; value: string }[];
    };
    expect(body.source.desc).toHaveLength(13);
    expect(body.main_title.title).toHaveLength(26);
    expect(body.main_title.desc).toHaveLength(30);
    expect(body.quote_area).toEqual({ type: 0, quote_text: expect.stringMatching(/^.{111}…$/) });
    expect(body.horizontal_content_list).toHaveLength(6);
    expect(body.horizontal_content_list[0]!.keyname).toHaveLength(5);
    expect(body.horizontal_content_list[0]!.value).toHaveLength(26);
  });

  it("tells who was not reached", async () => {
    fake.on("/message/send", () => ({ errcode: 0, msgid: "M1", invaliduser: "liuyang|x" }));
    expect(await messages.pushCard(card)).toEqual({
      messageId: "M1",
      responseCode: null,
      invalidMemberIds: ["liuyang", "x"],
    });
    fake.on("/message/send", () => ({ errcode: 81013 }));
    expect(await messages.pushCard(card)).toEqual({
      messageId: null,
      responseCode: null,
      invalidMemberIds: ["zhangwei", "liuyang"],
    });
  });

  it.each([
    ["nobody", { toMemberIds: [] }],
    ["everybody", { toMemberIds: ["@all"] }],
    ["two in one id", { toMemberIds: ["a|b"] }],
    ["too many", { toMemberIds: Array.from({ length: 1001 }, (_, i) => `m${i}`) }],
    ["no buttons", { buttons: [] }],
    ["a task id with a space", { taskId: "a b" }],
    ["an address that runs", { url: "javascript:alert(1)" }],
    ["a relative address", { url: "/manager" }],
  ])("a card with %s does not go out", async (_name, change) => {
    await expect(async () => messages.pushCard({ ...card, ...change })).rejects.toThrow();
    expect(fake.requests).toHaveLength(0);
  });

  it("a card that an earlier try has sent already counts as sent", async () => {
    fake.on("/message/send", () => ({ errcode: 42014, errmsg: "taskid has been used" }));
    expect(await messages.pushCard(card)).toEqual({
      messageId: null,
      responseCode: null,
      invalidMemberIds: [],
    });
  });

  it("any other refusal is an error", async () => {
    fake.on("/message/send", () => ({ errcode: 301002 }));
    await expect(messages.pushCard(card)).rejects.toMatchObject({ errcode: 301002 });
  });

  it("a text card goes out", async () => {
    await messages.pushTextCard({
      toMemberIds: ["zhangwei"],
      title: "日报",
      description: "3 件\n<b>待处理</b>",
      url: "https://crm.example.com/manager/",
    });
    expect(fake.requests[0]!.body).toMatchObject({
      msgtype: "textcard",
      textcard: {
        title: "日报",
        description: "3 件 ＜b＞待处理＜/b＞",
        url: "https://crm.example.com/manager/",
        btntxt: "详情",
      },
    });
  });

  it("a card's buttons give way to a text, with the code used", async () => {
    const update = { responseCode: "RC", memberIds: ["zhangwei"], replacedText: "张伟 已处理" };
    expect(await messages.updateCard(update)).toEqual({ isUpdated: true, invalidMemberIds: [] });
    expect(fake.requests[0]!.body).toEqual({
      userids: ["zhangwei"],
      agentid: 1000002,
      response_code: "RC",
      button: { replace_name: "张伟 已处理" },
    });
  });

  it("a card gets new content, with its buttons or a text in their place", async () => {
    const base = { responseCode: "RC", memberIds: ["zhangwei"], card };
    await messages.updateCard(base);
    await messages.updateCard({ ...base, replacedText: "已处理" });
    const [kept, replaced] = fake.requests.map(({ body }) => body["template_card"]);
    expect(kept).not.toHaveProperty("replace_text");
    expect(replaced).toMatchObject({ task_id: "case-1@1", replace_text: "已处理" });
  });

  it("a code that was used says so and is no fault", async () => {
    fake.on("/message/update_template_card", () => ({ errcode: 60140 }));
    const update = { responseCode: "RC", memberIds: ["a"], replacedText: "x" };
    expect(await messages.updateCard(update)).toEqual({ isUpdated: false, invalidMemberIds: [] });
    fake.on("/message/update_template_card", () => ({ errcode: 42016 }));
    await expect(messages.updateCard(update)).rejects.toMatchObject({ errcode: 42016 });
  });
});
