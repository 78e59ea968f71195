import { createBridge, type Bridge } from "./bridge.ts";
import type { BridgeRequest } from "./client-contract.ts";
import { signPage } from "./crypto/js-signature.ts";
import { CUSTOMER, ROOM } from "./testing/small-company.ts";
import { startFixture, type TwinFixture } from "./testing/twin-fixture.ts";

const PAGE = "http://localhost:8080/sidebar/?v=1";
const APIS = ["getContext", "getCurExternalContact", "getCurExternalChat", "sendChatMessage"];

let fixture: TwinFixture;
let bridge: Bridge;
beforeEach(async () => {
  fixture = await startFixture();
  bridge = createBridge(fixture.twin.world);
});
afterEach(() => fixture.close());

const call = (
  name: string,
  params: Record<string, unknown> = {},
  change: Partial<BridgeRequest> = {},
) =>
  bridge.call({
    memberId: "chenli",
    conversationId: `single:chenli:${CUSTOMER}`,
    entry: "single_chat_tools",
    frameUrl: PAGE,
    name,
    params,
    ...change,
  });

/** What @wecom/jssdk sends, signed with a ticket that the product fetched. */
async function agentConfig(change: Record<string, unknown> = {}, url = PAGE) {
  const { ticket } = await fixture.call("app", "/ticket/get?type=agent_config");
  const signed = { ticket: String(ticket), nonce: "n0nce", timestamp: "1700000000", url };
  return {
    corpid: fixture.twin.world.corp.corpId,
    agentid: "1000002",
    timestamp: signed.timestamp,
    nonceStr: signed.nonce,
    signature: signPage(signed),
    jsApiList: APIS,
    ...change,
  };
}

test("a page that signs its address as the app may use what it listed", async () => {
  expect(call("agentConfig", await agentConfig())).toEqual({ err_msg: "agentConfig:ok" });
  expect(call("getContext")).toEqual({ err_msg: "getContext:ok", entry: "single_chat_tools" });
  expect(call("getCurExternalContact")).toEqual({
    err_msg: "getCurExternalContact:ok",
    userId: CUSTOMER,
  });
  // A fragment is not part of the signed address.
  const moved = { frameUrl: `${PAGE}#/rules` };
  expect(call("getContext", {}, moved)).toMatchObject({ err_msg: "getContext:ok" });
  expect(call("openUserProfile", { type: 2, userid: CUSTOMER })).toEqual({
    err_msg: "openUserProfile:fail nopermission",
  });
  expect(call("launchRocket")).toEqual({ err_msg: "launchRocket:function not exist" });
});

test("a signature of another address, ticket or corp is refused with the platform's words", async () => {
  const invalid = { err_msg: "agentConfig:fail invalid signature", err_code: 40093 };
  expect(call("agentConfig", await agentConfig({}, "http://localhost:8080/sidebar/"))).toEqual(
    invalid,
  );
  const { ticket } = await fixture.call("app", "/get_jsapi_ticket");
  const signed = { ticket: String(ticket), nonce: "n0nce", timestamp: "1700000000", url: PAGE };
  expect(call("agentConfig", await agentConfig({ signature: signPage(signed) }))).toEqual(invalid);
  expect(call("agentConfig", await agentConfig({ corpid: "wwother" }))).toMatchObject({
    err_code: 40013,
  });
  expect(call("agentConfig", await agentConfig({ agentid: "7" }))).toMatchObject({
    err_code: 40056,
  });
  expect(call("getContext")).toEqual({ err_msg: "getContext:fail no permission" });
});

test("the corp's registration does not open the app's APIs", async () => {
  const { ticket } = await fixture.call("app", "/get_jsapi_ticket");
  const signed = { ticket: String(ticket), nonce: "n", timestamp: "1700000000", url: PAGE };
  expect(
    call("preVerifyJSAPI", {
      appId: fixture.twin.world.corp.corpId,
      verifyJsApiList: APIS,
      verifyNonceStr: signed.nonce,
      verifyTimestamp: signed.timestamp,
      verifySignature: signPage(signed),
    }),
  ).toEqual({ err_msg: "preVerifyJSAPI:ok" });
  expect(call("getCurExternalContact")).toEqual({
    err_msg: "getCurExternalContact:fail no permission",
  });
});

test("a registration counts for this page and this member only", async () => {
  call("agentConfig", await agentConfig());
  const denied = { err_msg: "getContext:fail no permission" };
  expect(call("getContext", {}, { frameUrl: "http://localhost:8080/other" })).toEqual(denied);
  expect(call("getContext", {}, { memberId: "zhangwei" })).toEqual(denied);
});

test("the entry and the conversation decide who is in sight", async () => {
  call("agentConfig", await agentConfig());
  const group = { conversationId: `group:${ROOM}`, entry: "group_chat_tools" };
  expect(call("getCurExternalChat", {}, group)).toEqual({
    err_msg: "getCurExternalChat:ok",
    chatId: ROOM,
  });
  expect(call("getCurExternalChat")).toEqual({
    err_msg: "getCurExternalChat:fail without context of external chat",
  });
  const blind = { err_msg: "getCurExternalContact:fail without context of external contact" };
  expect(call("getCurExternalContact", {}, group)).toEqual(blind);
  expect(call("getCurExternalContact", {}, { entry: "normal" })).toEqual(blind);
  expect(call("getCurExternalContact", {}, { conversationId: null })).toEqual(blind);
});

test("a member without 客户联系 gets nothing from the toolbar", async () => {
  const sunhao = { memberId: "sunhao" };
  call("agentConfig", await agentConfig(), sunhao);
  expect(call("getContext", {}, sunhao)).toEqual({ err_msg: "getContext:fail no permission" });
});

test("sendChatMessage speaks as the member, in the chat and in the archive", async () => {
  call("agentConfig", await agentConfig());
  const message = { msgtype: "text", text: { content: "明天上午方便吗？" } };
  expect(call("sendChatMessage", message)).toEqual({ err_msg: "sendChatMessage:ok" });
  const [last] = fixture.twin.world.chat.page(`single:chenli:${CUSTOMER}`, 1);
  expect(last).toMatchObject({ fromId: "chenli", text: "明天上午方便吗？" });
  expect(JSON.parse(fixture.twin.archiveItems().at(-1)!.plain)).toMatchObject({
    from: "chenli",
    text: { content: "明天上午方便吗？" },
  });
  const news = { title: "产品手册", link: "https://example.com/a", desc: "" };
  expect(call("sendChatMessage", { msgtype: "news", news })).toMatchObject({
    err_msg: "sendChatMessage:ok",
  });
  expect(call("sendChatMessage", { msgtype: "image", image: { mediaid: "x" } })).toMatchObject({
    err_code: 40007,
  });
  expect(call("sendChatMessage", { msgtype: "text", text: { content: " " } })).toEqual({
    err_msg: "sendChatMessage:fail invalid params",
  });
});
