import fc from "fast-check";
import { readArchiveMessage } from "../../../server/src/wecom/archive-message.ts";

const wire = (msgtype: string, body: object = {}, envelope: object = {}) =>
  JSON.stringify({
    msgid: "5_1700000000000_external",
    action: "send",
    from: "ChenLi",
    tolist: ["wmAbC"],
    roomid: "",
    msgtime: 1700000000001,
    msgtype,
    ...body,
    ...envelope,
  });
const read = (json: string) => readArchiveMessage(json)!;
const part = (type: string, body: object) => ({ type, content: JSON.stringify(body) });

describe("archived messages", () => {
  it("come in the product's words", () => {
    expect(read(wire("text", { text: { content: "你好" } }))).toEqual({
      msgId: "5_1700000000000_external",
      action: "send",
      senderId: "chenli",
      receiverIds: ["wmAbC"],
      roomId: null,
      sentAtMs: 1700000000001,
      isExternal: true,
      kind: "text",
      text: "你好",
    });
  });

  it.each([
    ["image", { image: { sdkfileid: "secret" } }, "image", ""],
    ["voice", { voice: {} }, "voice", ""],
    ["video", { video: {} }, "video", ""],
    ["emotion", { emotion: {} }, "emotion", ""],
    ["file", { file: { filename: "报价.pdf", sdkfileid: "secret" } }, "file", "报价.pdf"],
    ["qydiskfile", { info: { filename: "a.docx" } }, "file", "a.docx"],
    [
      "link",
      { link: { title: "t", description: "d", link_url: "https://x" } },
      "link",
      "t\nd\nhttps://x",
    ],
    ["card", { card: { corpname: "Acme", userid: "lisi" } }, "card", "Acme\nlisi"],
    [
      "location",
      { location: { title: "门店", address: "路 1 号", zoom: 15 } },
      "location",
      "门店\n路 1 号",
    ],
    ["weapp", { weapp: { title: "t", description: "", displayname: "Shop" } }, "weapp", "t\nShop"],
    ["todo", { todo: { title: "a", content: "b" } }, "todo", "a\nb"],
    ["vote", { votetitle: "Lunch", voteitem: ["A", "B", 3] }, "vote", "Lunch\nA\nB"],
    ["vote", { vote: { votetitle: "Lunch", voteitem: ["A"] } }, "vote", "Lunch\nA"],
    [
      "collect",
      { collect: { title: "Form", room_name: "G", details: [{ ques: "Name" }, 7] } },
      "collect",
      "G\nForm\nName",
    ],
    ["redpacket", { redpacket: { wish: "gx" } }, "redpacket", "gx"],
    ["external_redpacket", { redpacket: { wish: "gx" } }, "redpacket", "gx"],
    ["meeting", { meeting: { topic: "T", address: "R1", meetingid: 77 } }, "meeting", "T\nR1"],
    ["meeting_notification", { info: { content: "c" } }, "meeting", "c"],
    ["calendar", { calendar: { title: "T", place: "R" } }, "calendar", "T\nR"],
    [
      "docmsg",
      { doc: { title: "Plan", link_url: "https://doc" } },
      "document",
      "Plan\nhttps://doc",
    ],
    ["markdown", { info: { content: "# hi" } }, "markdown", "# hi"],
    ["news", { info: { item: [{ title: "t", description: "d", url: "u" }] } }, "news", "t\nd\nu"],
    ["voiptext", { info: { callduration: 35 } }, "call", ""],
    ["meeting_voice_call", { voiceid: "v", meeting_voice_call: {} }, "call", ""],
    ["sphfeed", { sphfeed: { sph_name: "Chan", feed_desc: "d" } }, "channels", "Chan\nd"],
    ["agree", { agree: { userid: "wmA" } }, "agree", ""],
    ["disagree", { agree: { disagree_time: 1 } }, "disagree", ""],
    ["solitaire", { solitaire: { title: "接龙" } }, "other", "接龙"],
    ["note", { info: { content: "x" } }, "other", "x"],
    ["brand_new", {}, "other", ""],
    ["", {}, "other", ""],
  ])("%s", (msgtype, body, kind, text) => {
    expect(read(wire(msgtype, body))).toMatchObject({ kind, text });
  });

  it("a recall names the message that it takes back", () => {
    const json = wire("revoke", { revoke: { pre_msgid: "1_1_external" } }, { action: "recall" });
    expect(read(json)).toMatchObject({
      action: "recall",
      kind: "revoke",
      recalledMsgId: "1_1_external",
    });
    expect(read(wire("revoke", { revoke: {} }))).not.toHaveProperty("recalledMsgId");
  });

  it.each<[string, object, object]>([
    [
      "agree",
      { agree: { userid: "wmA", agree_time: 1_700_000_000_000 } },
      { customerId: "wmA", state: "agreed", atMs: 1_700_000_000_000 },
    ],
    [
      "disagree",
      { disagree: { userid: "wmA", disagree_time: 1_700_000_000 } },
      { customerId: "wmA", state: "refused", atMs: 1_700_000_000_000 },
    ],
    // Another model of the same, and one with nothing in it.
    [
      "disagree",
      { agree: { userid: "ChenLi", disagree_time: 1_700_000_000_000 } },
      { customerId: null, state: "refused", atMs: 1_700_000_000_000 },
    ],
    ["agree", {}, { customerId: null, state: "agreed", atMs: null }],
  ])("%s %j tells who consents to what", (msgtype, body, consent) => {
    expect(read(wire(msgtype, body))).toMatchObject({ consent });
    expect(read(wire("text", { text: { content: "agree" } }))).not.toHaveProperty("consent");
  });

  it("mixed messages and forwarded chats are read to the last line", () => {
    const mixed = {
      mixed: {
        item: [
          part("text", { content: "a" }),
          part("image", { md5sum: "x" }),
          part("file", { filename: "b.doc" }),
        ],
      },
    };
    expect(read(wire("mixed", mixed))).toMatchObject({ kind: "mixed", text: "a\nb.doc" });
    const inner = { title: "内", item: [part("ChatRecordText", { content: "加我私人微信" })] };
    const record = {
      chatrecord: {
        title: "记录",
        item: [
          part("ChatRecordText", { content: "x" }),
          part("chatrecord", inner),
          { type: "ChatRecordText", content: "no json" },
          part("ChatRecordMixed", mixed.mixed),
          null,
          5,
        ],
      },
    };
    expect(read(wire("chatrecord", record))).toMatchObject({
      kind: "chatrecord",
      text: "记录\nx\n内\n加我私人微信\nno json\na\nb.doc",
    });
  });

  it("a forwarded chat forwarded over and over ends", () => {
    let record: object = { title: "0", item: [] };
    for (let depth = 1; depth <= 10; depth += 1) {
      record = { title: String(depth), item: [part("chatrecord", record)] };
    }
    expect(read(wire("chatrecord", { chatrecord: record })).text.split("\n").length).toBe(9);
  });

  it("a change of corps has a person and a time only", () => {
    const json = '{"msgid":"2_1700000000002","action":"switch","time":1700000000002,"user":"LiSi"}';
    expect(read(json)).toEqual({
      msgId: "2_1700000000002",
      action: "switch",
      senderId: "lisi",
      receiverIds: [],
      roomId: null,
      sentAtMs: 1700000000002,
      isExternal: false,
      kind: "switch",
      text: "",
    });
  });

  it.each([
    ["milliseconds", { msgtime: 1700000000001 }, 1700000000001],
    ["seconds", { msgtime: 1700000000 }, 1700000000000],
    ["text", { msgtime: "1700000000001" }, 1700000000001],
    ["none but in the id", { msgtime: undefined }, 1700000000000],
    ["none at all", { msgtime: null, msgid: "CAQQ=" }, 0],
    ["an object", { msgtime: {}, msgid: "x" }, 0],
  ])("the time as %s", (_name, envelope, sentAtMs) => {
    expect(read(wire("text", {}, envelope)).sentAtMs).toBe(sentAtMs);
  });

  it.each([
    ["by the id", { msgid: "1_2_external", tolist: ["bob"] }, true],
    ["by a person", { msgid: "x", tolist: ["bob", "woXyZ"] }, true],
    ["not", { msgid: "x", tolist: ["bob"] }, false],
  ])("is with somebody from outside: %s", (_name, envelope, expected) => {
    expect(read(wire("text", {}, envelope)).isExternal).toBe(expected);
  });

  it("a group has a room", () => {
    const json = wire("text", {}, { roomid: "wrABC", tolist: ["wmA", "LiSi", "", 5] });
    expect(read(json)).toMatchObject({ roomId: "wrABC", receiverIds: ["wmA", "lisi"] });
  });

  it("control characters in a text do no harm", () => {
    const json = wire("text", { text: { content: "a~b" } }).replace("~", "\u0011\n");
    expect(read(json).text).toBe("a  b");
  });

  it.each(["", "null", "[]", "7", '"x"', "{", "{}}", "\uFFFD\u0001"])("is none: %j", (json) => {
    expect(readArchiveMessage(json)).toBeNull();
  });

  it("names of prototypes are names like any other", () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      expect(read(wire(name)).kind).toBe("other");
      expect(read(wire("mixed", { mixed: { item: [part(name, { content: "x" })] } })).text).toBe(
        "x",
      );
    }
    const json =
      '{"__proto__":{"msgid":"evil","polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    expect(read(json).msgId).toBe("");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  it("reads any JSON object, however hostile, without throwing", () => {
    const names = [
      "msgid",
      "action",
      "from",
      "tolist",
      "roomid",
      "msgtime",
      "msgtype",
      "text",
      "mixed",
      "chatrecord",
      "item",
      "content",
      "info",
      "revoke",
      "pre_msgid",
      "vote",
      "voteitem",
    ];
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(
          "text",
          "mixed",
          "chatrecord",
          "revoke",
          "vote",
          "send",
          "switch",
          "",
          "__proto__",
        ),
        fc.jsonValue(),
        fc.array(tie("any"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie("any"), { maxKeys: 6 }),
      ),
    })).any;
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (message) => {
        const result = read(JSON.stringify(message));
        expect(typeof result.text).toBe("string");
        expect(Number.isFinite(result.sentAtMs)).toBe(true);
        expect(result.receiverIds.every((id) => typeof id === "string")).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("takes deeply nested JSON as a message or as none, and lives", () => {
    const deep = `{"msgid":"x","text":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
    expect(() => readArchiveMessage(deep)).not.toThrow();
  });
});
