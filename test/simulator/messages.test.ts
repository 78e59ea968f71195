import {
  openDelivery,
  readElement,
  startFakeReceiver,
  type FakeReceiver,
} from "./testing/fake-receiver.ts";
import { startFixture, type TwinFixture } from "./testing/twin-fixture.ts";

const HOUR_MS = 3_600_000;
let nowMs = Date.now();
let receiver: FakeReceiver;
let fixture: TwinFixture;
beforeEach(async () => {
  nowMs = Date.now();
  receiver = await startFakeReceiver();
  fixture = await startFixture({ nowMs: () => nowMs, appUrl: receiver.url });
});
afterEach(async () => {
  await fixture.close();
  await receiver.close();
});

const agentid = 1_000_002;
const send = (message: Record<string, unknown>) =>
  fixture.call("app", "/message/send", { agentid, ...message });
const text = (touser: string, content = "您好") =>
  send({ touser, msgtype: "text", text: { content } });
const card = (task_id: string, more: Record<string, unknown> = {}) => ({
  touser: "zhangwei",
  msgtype: "template_card",
  template_card: {
    card_type: "button_interaction",
    task_id,
    main_title: { title: "陈丽 对 阿秀" },
    button_list: [
      { text: "处理", key: "handle", style: 1 },
      { text: "误报", key: "false_alarm", style: 2 },
    ],
    ...more,
  },
});
const update = (response_code: unknown, more: Record<string, unknown> = {}) =>
  fixture.call("app", "/message/update_template_card", {
    agentid,
    userids: ["zhangwei"],
    response_code,
    button: { replace_name: "已处理" },
    ...more,
  });

describe("message/send", () => {
  test("reaches the known members and echoes the unknown ones in lower case", async () => {
    expect(await text("ZhangWei|Nobody")).toMatchObject({
      errcode: 0,
      invaliduser: "nobody",
      msgid: expect.any(String),
    });
    expect(fixture.twin.phone("zhangwei")).toMatchObject([
      { kind: "text", body: { content: "您好" }, isRecalled: false },
    ]);
  });

  test("@all and a department reach everybody below once", async () => {
    await send({ touser: "@all", toparty: "2", msgtype: "markdown", markdown: { content: "#" } });
    for (const { id } of fixture.twin.world.directory.members) {
      expect(fixture.twin.phone(id)).toHaveLength(1);
    }
  });

  test.each([
    ["no receiver", 82001, { msgtype: "text", text: { content: "x" } }],
    ["only unknown receivers", 81013, { touser: "x", msgtype: "text", text: { content: "x" } }],
    ["empty text", 44004, { touser: "chenli", msgtype: "text", text: { content: "" } }],
    ["unknown type", 40008, { touser: "chenli", msgtype: "poem" }],
    ["another agent", 301002, { agentid: 7, touser: "chenli", msgtype: "text" }],
    ["no agent", 41011, { agentid: null, touser: "chenli", msgtype: "text" }],
    ["a card without task id", 42014, card("", {})],
    ["a card without buttons", 42038, card("t", { button_list: [] })],
    ["a button without a key", 42039, card("t", { button_list: [{ text: "处理" }] })],
    [
      "too many rows",
      42035,
      card("t", {
        horizontal_content_list: Array.from({ length: 7 }, () => ({ keyname: "a", value: "b" })),
      }),
    ],
    ["a card action without url", 42028, card("t", { card_action: { type: 1 } })],
  ])("refuses %s", async (_, errcode, message) => {
    expect(await send(message)).toMatchObject({ errcode });
    expect(fixture.twin.phone("chenli")).toEqual([]);
  });

  test("refuses escaped text, cuts text at 2048 bytes between characters", async () => {
    const token = await fixture.token("app");
    const url = `${fixture.twin.url}/cgi-bin/message/send?access_token=${token}`;
    const body = `{"agentid":${agentid},"touser":"chenli","msgtype":"text","text":{"content":"\\u4f60"}}`;
    expect(await (await fetch(url, { method: "POST", body })).json()).toMatchObject({
      errcode: 40033,
    });
    await text("chenli", "字".repeat(1000));
    expect(fixture.twin.phone("chenli")[0]?.body["content"]).toBe("字".repeat(682));
  });

  test("drops what is more than 30 a minute to one member without a word", async () => {
    for (let i = 0; i < 31; i += 1) {
      expect(await text("chenli")).toMatchObject({ errcode: 0 });
    }
    expect(fixture.twin.phone("chenli")).toHaveLength(30);
  });

  test("recalls within a day", async () => {
    const { msgid } = await text("chenli");
    expect(await fixture.call("app", "/message/recall", { msgid })).toMatchObject({ errcode: 0 });
    expect(fixture.twin.phone("chenli")[0]?.isRecalled).toBe(true);
    nowMs += 25 * HOUR_MS;
    expect(await fixture.call("app", "/message/recall", { msgid })).toMatchObject({
      errcode: 42052,
    });
  });
});

describe("template cards", () => {
  test("a tap tells the app who pressed what; the card is updated once with the event's code", async () => {
    const sent = await send(card("case-1"));
    const msgId = sent["msgid"] as string;
    const tap = { memberId: "zhangwei", msgId, buttonKey: "handle" };
    expect(await fixture.twin.tap(tap)).toBe("sent");

    const event = openDelivery(receiver.received[0]!, fixture.twin.world.corp.receiverKeys.app);
    expect(readElement(event, "Event")).toBe("template_card_event");
    expect(readElement(event, "FromUserName")).toBe("zhangwei");
    expect(readElement(event, "EventKey")).toBe("handle");
    expect(readElement(event, "TaskId")).toBe("case-1");
    expect(readElement(event, "CardType")).toBe("button_interaction");
    const code = readElement(event, "ResponseCode");
    expect(code).not.toBe(sent["response_code"]);

    expect(await update(code)).toMatchObject({ errcode: 0, invaliduser: [] });
    expect(fixture.twin.phone("zhangwei")[0]?.replacedButton).toBe("已处理");
    expect(await update(code)).toMatchObject({ errcode: 60140 });
    expect(await fixture.twin.tap(tap)).toBe("gone");
  });

  test("the code of message/send works within 72 hours", async () => {
    const first = await send(card("case-1"));
    const second = await send(card("case-2"));
    nowMs += 71 * HOUR_MS;
    expect(await update(first["response_code"])).toMatchObject({ errcode: 0 });
    nowMs += 2 * HOUR_MS;
    expect(await update(second["response_code"])).toMatchObject({ errcode: 60140 });
  });

  test("a refused update does not use up the code", async () => {
    const { response_code } = await send(card("case-1"));
    expect(await update(response_code, { userids: [] })).toMatchObject({ errcode: 82001 });
    expect(await update(response_code, { userids: ["chenli", "zhangwei"] })).toMatchObject({
      errcode: 0,
      invaliduser: ["chenli"],
    });
  });

  test("an update may replace the whole card", async () => {
    const { response_code } = await send(card("case-1"));
    const { template_card } = card("case-1", {
      main_title: { title: "已处理" },
      replace_text: "张伟 已处理",
    });
    await update(response_code, { template_card });
    expect(fixture.twin.phone("zhangwei")[0]).toMatchObject({
      body: { main_title: { title: "已处理" } },
      replacedButton: "张伟 已处理",
    });
  });

  test("a task id is used once", async () => {
    await send(card("case-1"));
    expect(await send(card("case-1"))).toMatchObject({ errcode: 42014 });
  });

  test("buttons need a callback address", async () => {
    const lonely = await startFixture();
    const { twin, call, close } = lonely;
    expect(await call("app", "/message/send", { agentid, ...card("case-1") })).toMatchObject({
      errcode: 43012,
    });
    expect(twin.phone("zhangwei")).toEqual([]);
    await close();
  });

  test("what is not on the card cannot be pressed", async () => {
    const { msgid } = await send(card("case-1"));
    const tap = { memberId: "zhangwei", msgId: String(msgid), buttonKey: "delete_everything" };
    expect(await fixture.twin.tap(tap)).toBe("gone");
    expect(await fixture.twin.tap({ ...tap, memberId: "chenli" })).toBe("unknown");
    expect(receiver.received).toEqual([]);
  });
});
