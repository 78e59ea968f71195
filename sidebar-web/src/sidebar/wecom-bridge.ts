/**
 * The sidebar's door to the WeCom client: `@wecom/jssdk` with a time limit on every promise (outside the
 * client they never settle) and with its failures sorted by what a person can do about them.
 */
import type * as wecomSdk from "@wecom/jssdk";
import type { SignaturesView } from "#shared/contract/session";
import { ApiError } from "../api.ts";

export type BridgeProblem =
  "outside_wecom" | "no_chat" | "no_permission" | "bad_signature" | "timeout" | "failed";

export class BridgeError extends Error {
  override readonly name = "BridgeError";
  readonly problem: BridgeProblem;

  /** `message` is the client's own words, for the administrator. */
  constructor(problem: BridgeProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

/** The chat that the sidebar stands beside. */
export interface ChatTarget {
  kind: "customer" | "group";
  id: string;
  /** WeCom takes messages from the toolbars of chats only, not from the contact's profile. */
  canSend: boolean;
}

type Sdk = Pick<
  typeof wecomSdk,
  | "env"
  | "register"
  | "ensureConfigReady"
  | "getContext"
  | "getCurExternalContact"
  | "getCurExternalChat"
  | "sendChatMessage"
>;

export interface WecomBridgeDeps {
  sdk: Sdk;
  /** The page's address without its fragment, as WeCom signs it. */
  pageUrl: () => string;
  signaturesFor: (url: string) => Promise<SignaturesView>;
  timeoutMs: number;
}

export interface WecomBridge {
  /** Which chat this is. Throws {@link BridgeError}, or ApiError when the signatures are refused. */
  openChat(): Promise<ChatTarget>;
  /** Puts a message into the chat as the member. Throws {@link BridgeError}. */
  sendText(content: string): Promise<void>;
}

const jsApiList = ["getContext", "getCurExternalContact", "getCurExternalChat", "sendChatMessage"];

/** Entries of getContext (WeCom document path 94315) by what they stand beside. */
const customerEntries = ["single_chat_tools", "contact_profile", "single_kf_tools"];
const groupEntries = ["group_chat_tools"];
const sendingEntries = ["single_chat_tools", "group_chat_tools"];

function wordsOf(error: unknown): string {
  const { errMsg, message } = (error ?? {}) as { errMsg?: unknown; message?: unknown };
  if (typeof errMsg === "string") return errMsg;
  return typeof message === "string" ? message : String(error);
}

/** The SDK removes underscores from the client's words, so they are compared without spaces too. */
export function sortBridgeFailure(error: unknown): BridgeError | ApiError {
  if (error instanceof BridgeError || error instanceof ApiError) return error;
  const words = wordsOf(error);
  const bare = words.toLowerCase().replaceAll(/[\s_]/g, "");
  if (bare.includes("invalidsignature") || bare.includes("40093")) {
    return new BridgeError("bad_signature", words);
  }
  if (bare.includes("withoutcontext")) return new BridgeError("no_chat", words);
  if (bare.includes("permission")) return new BridgeError("no_permission", words);
  return new BridgeError("failed", words);
}

async function withinTime<T>(what: string, timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new BridgeError("timeout", `${what}: ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, limit]);
  } catch (error) {
    throw sortBridgeFailure(error);
  } finally {
    clearTimeout(timer);
  }
}

/** Both signatures of an address come in one answer, so that the SDK's two questions cost one request. */
async function register({ sdk, pageUrl, signaturesFor }: WecomBridgeDeps): Promise<void> {
  const byUrl = new Map<string, Promise<SignaturesView>>();
  const signatures = (url: string): Promise<SignaturesView> => {
    const known = byUrl.get(url) ?? signaturesFor(url);
    byUrl.set(url, known);
    known.catch(() => byUrl.delete(url));
    return known;
  };
  const { corpId, agentId } = await signatures(pageUrl());
  sdk.register({
    corpId,
    agentId,
    jsApiList,
    getConfigSignature: async (url) => (await signatures(url)).config,
    getAgentConfigSignature: async (url) => (await signatures(url)).agentConfig,
  });
}

export function createWecomBridge(deps: WecomBridgeDeps): WecomBridge {
  const { sdk, timeoutMs } = deps;
  const call = <T>(what: string, work: Promise<T>): Promise<T> => withinTime(what, timeoutMs, work);
  return {
    async openChat() {
      if (!sdk.env.isWeCom) throw new BridgeError("outside_wecom", navigator.userAgent);
      await register(deps);
      await call<unknown>("agentConfig", sdk.ensureConfigReady());
      const entry: string = (await call("getContext", sdk.getContext())).entry;
      const canSend = sendingEntries.includes(entry);
      if (customerEntries.includes(entry)) {
        const { userId } = await call("getCurExternalContact", sdk.getCurExternalContact());
        return { kind: "customer", id: userId, canSend };
      }
      if (groupEntries.includes(entry)) {
        const { chatId } = await call("getCurExternalChat", sdk.getCurExternalChat());
        return { kind: "group", id: chatId, canSend };
      }
      throw new BridgeError("no_chat", `getContext: ${entry}`);
    },
    async sendText(content) {
      await call("sendChatMessage", sdk.sendChatMessage({ msgtype: "text", text: { content } }));
    },
  };
}
