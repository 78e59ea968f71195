/** The bridge to the WeCom client of the page that is open. */
import {
  ensureConfigReady,
  env,
  getContext,
  getCurExternalChat,
  getCurExternalContact,
  register,
  sendChatMessage,
} from "@wecom/jssdk";
import { getSignatures } from "./sidebar-api.ts";
import { createWecomBridge } from "./wecom-bridge.ts";

const timeoutMs = 8_000;

export const pageBridge = createWecomBridge({
  sdk: {
    ensureConfigReady,
    env,
    getContext,
    getCurExternalChat,
    getCurExternalContact,
    register,
    sendChatMessage,
  },
  pageUrl: () => location.href.split("#")[0] ?? location.href,
  signaturesFor: getSignatures,
  timeoutMs,
});
