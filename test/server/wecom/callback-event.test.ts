import fc from "fast-check";
import { readEvent } from "../../../server/src/wecom/callback-event.ts";
import { CallbackRefusedError } from "../../../server/src/wecom/callback-refused-error.ts";
import { readEnvelope, readXml } from "../../../server/src/wecom/callback-xml.ts";

const event = (inner: string, from = "sys") =>
  `<xml><ToUserName><![CDATA[wwcorp01]]></ToUserName><FromUserName><![CDATA[${from}]]></FromUserName><CreateTime>1760000001</CreateTime><MsgType><![CDATA[event]]></MsgType>${inner}</xml>`;
const contact = (inner: string) => event(`<Event><![CDATA[change_contact]]></Event>${inner}`);
const customer = (
  type: string,
  inner = "<UserID><![CDATA[Chen.Li]]></UserID><ExternalUserID><![CDATA[wmAbC]]></ExternalUserID>",
) =>
  event(
    `<Event><![CDATA[change_external_contact]]></Event><ChangeType><![CDATA[${type}]]></ChangeType>${inner}`,
  );

describe("events of callbacks", () => {
  it.each([
    [
      "news in the archive",
      event("<AgentID>2000004</AgentID><Event><![CDATA[msgaudit_notify]]></Event>"),
      { kind: "archive_has_news" },
    ],
    [
      "a pressed button",
      event(
        "<Event><![CDATA[template_card_event]]></Event><EventKey><![CDATA[handle]]></EventKey><TaskId><![CDATA[case-77]]></TaskId><CardType><![CDATA[button_interaction]]></CardType><ResponseCode><![CDATA[RC]]></ResponseCode><AgentID>1000002</AgentID>",
        "ZhangWei",
      ),
      {
        kind: "card_button",
        memberId: "zhangwei",
        taskId: "case-77",
        buttonKey: "handle",
        responseCode: "RC",
      },
    ],
    [
      "a new customer",
      customer("add_external_contact"),
      {
        kind: "customer_changed",
        change: "added",
        memberId: "chen.li",
        customerId: "wmAbC",
        atMs: 1_760_000_001_000,
      },
    ],
    [
      "consent",
      customer("msg_audit_approved"),
      {
        kind: "customer_changed",
        change: "archive_agreed",
        memberId: "chen.li",
        customerId: "wmAbC",
        atMs: 1_760_000_001_000,
      },
    ],
    [
      "a customer deleted by a member",
      customer("del_external_contact"),
      {
        kind: "customer_changed",
        change: "removed_by_member",
        memberId: "chen.li",
        customerId: "wmAbC",
        atMs: 1_760_000_001_000,
      },
    ],
    [
      "a customer whom WeCom deleted with a handover, in a callback without a time",
      "<xml><Event>change_external_contact</Event><ChangeType>del_external_contact</ChangeType><UserID>chen.li</UserID><ExternalUserID>wmAbC</ExternalUserID><Source>DELETE_BY_TRANSFER</Source></xml>",
      {
        kind: "customer_changed",
        change: "removed_by_transfer",
        memberId: "chen.li",
        customerId: "wmAbC",
        atMs: null,
      },
    ],
    [
      "a new member",
      contact(
        "<ChangeType>create_user</ChangeType><UserID><![CDATA[chen.li]]></UserID><Department><![CDATA[2,5]]></Department>",
      ),
      { kind: "member_changed", change: "created", memberId: "chen.li", newMemberId: null },
    ],
    [
      "a new id",
      contact(
        "<ChangeType>update_user</ChangeType><UserID><![CDATA[chen.li]]></UserID><NewUserID><![CDATA[ChenLi2]]></NewUserID>",
      ),
      { kind: "member_changed", change: "updated", memberId: "chen.li", newMemberId: "chenli2" },
    ],
    [
      "a member who left",
      contact("<ChangeType><![CDATA[delete_user]]></ChangeType><UserID><![CDATA[007]]></UserID>"),
      { kind: "member_changed", change: "deleted", memberId: "007", newMemberId: null },
    ],
    [
      "a department",
      contact("<ChangeType>update_party</ChangeType><Id>12</Id><ParentId>6</ParentId>"),
      { kind: "department_changed", change: "updated", departmentId: 12 },
    ],
    [
      "a group",
      event(
        "<Event><![CDATA[change_external_chat]]></Event><ChatId><![CDATA[wrFAKE01]]></ChatId><ChangeType><![CDATA[update]]></ChangeType><UpdateDetail>add_member</UpdateDetail><MemChangeList><Item>wmA</Item><Item>wmB</Item></MemChangeList>",
      ),
      { kind: "group_changed", change: "updated", roomId: "wrFAKE01" },
    ],
    [
      "a message to the app",
      event("<MsgId>4561255354251345929</MsgId>").replace("[event]", "[text]"),
      { kind: "other", event: "message:text" },
    ],
    [
      "an event that is not known",
      event("<Event><![CDATA[brand_new]]></Event>"),
      { kind: "other", event: "brand_new" },
    ],
    [
      "a change that is not known",
      customer("brand_new"),
      { kind: "other", event: "change_external_contact/brand_new" },
    ],
    [
      "a change without a customer",
      customer("add_external_contact", "<UserID>a</UserID>"),
      { kind: "other", event: "change_external_contact/add_external_contact" },
    ],
    [
      "a department without an id",
      contact("<ChangeType>create_party</ChangeType><Id>x</Id>"),
      { kind: "other", event: "change_contact/create_party" },
    ],
    [
      "a button without a task",
      event("<Event>template_card_event</Event><EventKey>k</EventKey><TaskId/>"),
      { kind: "other", event: "template_card_event" },
    ],
  ])("%s", (_name, xml, expected) => {
    expect(readEvent(xml)).toEqual(expected);
  });

  it("keeps numbers of 64 bits and leading zeros as text", () => {
    const node = readXml("<xml><MsgId>4561255354251345929</MsgId><UserID>007</UserID></xml>");
    expect(node.get("MsgId")).toBe("4561255354251345929");
    expect(node.get("UserID")).toBe("007");
  });

  it("names of prototypes are names like any other", () => {
    for (const name of ["__proto__", "constructor", "prototype", "toString"]) {
      const xml = event(`<Event>${name}</Event><ChangeType>${name}</ChangeType>`);
      expect(readEvent(xml)).toEqual({ kind: "other", event: `${name}/${name}` });
      try {
        readXml(`<xml><${name}><polluted>1</polluted></${name}></xml>`);
      } catch (error) {
        expect(error).toBeInstanceOf(CallbackRefusedError);
      }
    }
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("hostile XML", () => {
  const laughs = `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]><xml><Encrypt>&lol2;</Encrypt></xml>`;
  it.each([
    [
      "a file as an entity",
      `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><Encrypt>&e;</Encrypt></xml>`,
    ],
    ["a billion laughs", laughs],
    ["small letters", laughs.toLowerCase()],
    ["a space in the keyword's sign", "<! DOCTYPE x><xml><Encrypt>a</Encrypt></xml>"],
    ["an entity alone", `<xml><!ENTITY a "b"><Encrypt>a</Encrypt></xml>`],
    ["NUL", "<xml><Encrypt>a\0</Encrypt></xml>"],
    ["too long", `<xml><Encrypt>${"A".repeat(66_000)}</Encrypt></xml>`],
    ["too deep", `${"<a>".repeat(10_000)}${"</a>".repeat(10_000)}`],
    ["deep below xml", `<xml>${"<a>".repeat(50)}${"</a>".repeat(50)}<Encrypt>a</Encrypt></xml>`],
    ["an open CDATA", "<xml><Encrypt><![CDATA[abc</Encrypt></xml>"],
    ["twice the element", "<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>"],
    ["an element inside", "<xml><Encrypt><b>a</b></Encrypt></xml>"],
    ["twice the root", "<xml><Encrypt>a</Encrypt></xml><xml><Encrypt>b</Encrypt></xml>"],
    ["no element", "<xml></xml>"],
    ["another root", "<root><Encrypt>a</Encrypt></root>"],
    ["JSON", '{"encrypt":"a"}'],
    ["nothing", ""],
    ["UTF-16", Buffer.from("<xml><Encrypt>a</Encrypt></xml>", "utf16le").toString("latin1")],
  ])("refuses %s", (_name, xml) => {
    expect(() => readEnvelope(xml)).toThrow(CallbackRefusedError);
  });

  it("expands nothing and reads no attribute", () => {
    const xml = `<xml><Encrypt a="1">x&amp;&#65;</Encrypt></xml>`;
    expect(readEnvelope(xml)).toEqual({ encrypt: "x&amp;&#65;" });
  });

  it("throws nothing but a refusal, whatever comes", () => {
    const piece = fc.constantFrom(
      "<",
      ">",
      "</",
      "/>",
      "xml",
      "Encrypt",
      "<![CDATA[",
      "]]>",
      "<!--",
      "<?",
      "&",
      "a",
      " ",
      "=",
      '"',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          readEvent(pieces.join(""));
        } catch (error) {
          expect(error).toBeInstanceOf(CallbackRefusedError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
