import type { SignaturesView } from "#shared/contract/session";
import { ApiError } from "../../../sidebar-web/src/api.ts";
import {
  createWecomBridge,
  sortBridgeFailure,
  type WecomBridge,
  type WecomBridgeDeps,
} from "../../../sidebar-web/src/sidebar/wecom-bridge.ts";

const signatures: SignaturesView = {
  corpId: "ww1",
  agentId: 7,
  config: { timestamp: 1, nonceStr: "a", signature: "s1" },
  agentConfig: { timestamp: 2, nonceStr: "b", signature: "s2" },
};

type RegisterOptions = Parameters<WecomBridgeDeps["sdk"]["register"]>[0];
type Sdk = { [K in keyof WecomBridgeDeps["sdk"]]: jest.Mock };

function setUp(
  over: Partial<Sdk> = {},
  { isWeCom = true, entry = "single_chat_tools" } = {},
): { bridge: WecomBridge; sdk: Sdk; signaturesFor: jest.Mock } {
  const sdk = {
    register: jest.fn(),
    ensureConfigReady: jest.fn(() => Promise.resolve({})),
    getContext: jest.fn(() => Promise.resolve({ entry })),
    getCurExternalContact: jest.fn(() => Promise.resolve({ userId: "wm1" })),
    getCurExternalChat: jest.fn(() => Promise.resolve({ chatId: "wr1" })),
    sendChatMessage: jest.fn(() => Promise.resolve({})),
    ...over,
  };
  const signaturesFor = jest.fn(() => Promise.resolve(signatures));
  const bridge = createWecomBridge({
    sdk: { ...sdk, env: { isWeCom, isWeChat: false } } as unknown as WecomBridgeDeps["sdk"],
    pageUrl: () => "https://guard.example/sidebar/?a=1",
    signaturesFor,
    timeoutMs: 20,
  });
  return { bridge, sdk: sdk as Sdk, signaturesFor };
}

const refused = (errMsg: string): jest.Mock =>
  jest.fn(() => Promise.reject(Object.assign(new Error(), { errMsg })));
const silent = (): jest.Mock => jest.fn(() => new Promise(() => undefined));

test.each([
  ["single_chat_tools", { kind: "customer", id: "wm1", canSend: true }],
  ["contact_profile", { kind: "customer", id: "wm1", canSend: false }],
  ["group_chat_tools", { kind: "group", id: "wr1", canSend: true }],
])("entry %s", async (entry, target) => {
  expect(await setUp({}, { entry }).bridge.openChat()).toEqual(target);
});

test("registers with the app's identity; both signatures of an address cost one request", async () => {
  const { bridge, sdk, signaturesFor } = setUp();
  await bridge.openChat();
  const options = sdk.register.mock.calls[0]![0] as RegisterOptions;
  expect(options).toMatchObject({ corpId: "ww1", agentId: 7 });
  const url = "https://guard.example/sidebar/?a=1";
  expect(await options.getConfigSignature?.(url)).toBe(signatures.config);
  expect(await options.getAgentConfigSignature?.(url)).toBe(signatures.agentConfig);
  expect(signaturesFor.mock.calls).toEqual([[url]]);
});

test("signatures that failed are asked for again", async () => {
  const { bridge, signaturesFor } = setUp();
  signaturesFor.mockRejectedValueOnce(new ApiError("wecom_unreachable", "暂时连不上企业微信"));
  await expect(bridge.openChat()).rejects.toMatchObject({ code: "wecom_unreachable" });
  await expect(bridge.openChat()).resolves.toMatchObject({ id: "wm1" });
});

test("outside WeCom nothing is tried", async () => {
  const { bridge, signaturesFor } = setUp({}, { isWeCom: false });
  await expect(bridge.openChat()).rejects.toMatchObject({ problem: "outside_wecom" });
  expect(signaturesFor).not.toHaveBeenCalled();
});

test.each([
  ["a client that never answers", { getContext: silent() }, "timeout"],
  ["a config that never ends", { ensureConfigReady: silent() }, "timeout"],
  [
    "a wrong signature",
    { ensureConfigReady: refused("agentConfig:fail invalid signature") },
    "bad_signature",
  ],
  [
    "no permission",
    { getCurExternalContact: refused("getCurExternalContact:fail no permission") },
    "no_permission",
  ],
  [
    "no customer",
    { getCurExternalContact: refused("getCurExternalContact:withoutcontextofexternalcontact") },
    "no_chat",
  ],
  ["anything else", { getContext: refused("getContext:fail") }, "failed"],
])("%s is a problem of its own", async (_name, over, problem) => {
  await expect(setUp(over).bridge.openChat()).rejects.toMatchObject({ problem });
});

test("the workbench is no chat", async () => {
  const { bridge } = setUp({}, { entry: "normal" });
  await expect(bridge.openChat()).rejects.toMatchObject({ problem: "no_chat" });
});

test("sends plain text", async () => {
  const { bridge, sdk } = setUp();
  await bridge.sendText("您好");
  expect(sdk.sendChatMessage).toHaveBeenCalledWith({ msgtype: "text", text: { content: "您好" } });
});

test("a failure keeps the client's own words for the administrator", () => {
  expect(sortBridgeFailure({ errMsg: "x:permission denied" }).message).toBe("x:permission denied");
  expect(sortBridgeFailure("odd").message).toBe("odd");
});
