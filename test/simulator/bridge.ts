import type { BridgeRequest } from "./client-contract.ts";
import type { MessageContent } from "./archive-message.ts";
import { signPage } from "./crypto/js-signature.ts";
import type { ConversationRow } from "./conversations.ts";
import type { TicketKind } from "./tokens.ts";
import type { World } from "./world.ts";

type Answer = Record<string, unknown>;
type Params = Record<string, unknown>;

/** What a frame has registered: the APIs named with the app's signature and with the corp's. */
interface Registration {
  agent: ReadonlySet<string> | null;
  corp: ReadonlySet<string> | null;
}

export interface Bridge {
  /** One call of `WeixinJSBridge.invoke`, answered as the client answers it. */
  call: (request: BridgeRequest) => Answer;
}

const ENTRIES_WITH_CUSTOMER = new Set(["contact_profile", "single_chat_tools", "single_kf_tools"]);

/** How many frames are remembered; each page load is a new one. */
const MAX_FRAMES = 1000;

/**
 * The client's side of the JS bridge. It knows nothing but what the frame reports and what the corp's
 * tickets say: a page that did not sign its own address with the right ticket gets nothing.
 */
export function createBridge(world: World): Bridge {
  const frames = new Map<string, Registration>();
  return {
    call(request) {
      const { name, params, memberId } = request;
      const url = request.frameUrl.split("#")[0] ?? "";
      const key = `${memberId} ${url}`;
      const known = frames.get(key) ?? { agent: null, corp: null };
      if (name === "agentConfig" || name === "preVerifyJSAPI") {
        const outcome = register(world, name, params, url);
        if ("registered" in outcome) {
          frames.delete(key);
          frames.set(key, { ...known, ...outcome.registered });
          forgetOldest(frames);
        }
        return outcome.answer;
      }
      const api = APIS[name];
      if (api === undefined) return { err_msg: `${name}:function not exist` };
      if (known.agent === null) return fail(name, "no permission");
      if (!known.agent.has(name)) return fail(name, "nopermission");
      if (!world.directory.hasCustomerContact(memberId)) return fail(name, "no permission");
      return api(world, request);
    },
  };
}

type Outcome = { answer: Answer; registered: Partial<Registration> } | { answer: Answer };

function register(
  { corp, tokens }: World,
  name: "agentConfig" | "preVerifyJSAPI",
  params: Params,
  url: string,
): Outcome {
  const isAgent = name === "agentConfig";
  if (params[isAgent ? "corpid" : "appId"] !== corp.corpId) {
    return { answer: { err_msg: `${name}:fail invalid corpid`, err_code: 40013 } };
  }
  if (isAgent && String(params["agentid"]) !== String(corp.agentId)) {
    return { answer: { err_msg: `${name}:fail invalid agentid`, err_code: 40056 } };
  }
  const [nonce, timestamp, signature, apis] = isAgent
    ? [params["nonceStr"], params["timestamp"], params["signature"], params["jsApiList"]]
    : [
        params["verifyNonceStr"],
        params["verifyTimestamp"],
        params["verifySignature"],
        params["verifyJsApiList"],
      ];
  const kind: TicketKind = isAgent ? "agent" : "corp";
  const isSigned = tokens
    .validTickets(kind)
    .some(
      (ticket) =>
        signature === signPage({ ticket, nonce: str(nonce), timestamp: str(timestamp), url }),
    );
  if (!isSigned) {
    return { answer: { err_msg: `${name}:fail invalid signature`, err_code: 40093 } };
  }
  const list = new Set(Array.isArray(apis) ? apis.map(String) : []);
  return { answer: ok(name), registered: isAgent ? { agent: list } : { corp: list } };
}

/** The toolbar APIs; each needs the app's registration, its name in jsApiList and 客户联系. */
const APIS: Record<string, (world: World, request: BridgeRequest) => Answer> = {
  getContext: (_, { entry }) => ok("getContext", { entry }),
  getCurExternalContact(world, request) {
    const customerId = findConversation(world, request)?.customerId ?? null;
    if (customerId === null || !ENTRIES_WITH_CUSTOMER.has(request.entry)) {
      return fail("getCurExternalContact", "without context of external contact");
    }
    return ok("getCurExternalContact", { userId: customerId });
  },
  getCurExternalChat(world, request) {
    const roomId = findConversation(world, request)?.roomId ?? null;
    if (roomId === null || request.entry !== "group_chat_tools") {
      return fail("getCurExternalChat", "without context of external chat");
    }
    return ok("getCurExternalChat", { chatId: roomId });
  },
  sendChatMessage(world, request) {
    const conversation = findConversation(world, request);
    if (conversation === undefined || request.entry === "normal") {
      return fail("sendChatMessage", "without context of chat");
    }
    const content = readContent(request.params);
    if (content === "unknown media") {
      return { err_msg: "sendChatMessage:fail invalid mediaid", err_code: 40007 };
    }
    if (content === null) return fail("sendChatMessage", "invalid params");
    world.chat.send(conversation.id, request.memberId, content);
    return ok("sendChatMessage");
  },
  openUserProfile({ directory }, { params }) {
    const id = str(params["userid"]);
    const isKnown =
      Number(params["type"]) === 1
        ? directory.findMember(id) !== undefined
        : directory.findCustomer(id) !== undefined;
    return isKnown ? ok("openUserProfile") : fail("openUserProfile", "invalid userid");
  },
};

/** The open conversation, if the member takes part in it. */
function findConversation(
  { conversations }: World,
  { conversationId, memberId }: BridgeRequest,
): ConversationRow | undefined {
  const conversation = conversationId === null ? undefined : conversations.find(conversationId);
  if (conversation === undefined) return undefined;
  const { memberIds } = conversations.parties(conversation);
  return memberIds.includes(memberId) ? conversation : undefined;
}

function readContent(params: Params): MessageContent | "unknown media" | null {
  const type = str(params["msgtype"]);
  const payload = (params[type] ?? {}) as Params;
  switch (type) {
    case "text": {
      const text = str(payload["content"]);
      return text.trim() === "" ? null : { kind: "text", text };
    }
    case "news": {
      const title = str(payload["title"]);
      const url = str(payload["link"]);
      if (title === "" || !/^https?:\/\//.test(url)) return null;
      const extra = { title, description: str(payload["desc"]), url };
      return { kind: "link", text: title, extra };
    }
    case "miniprogram": {
      const title = str(payload["title"]);
      const page = str(payload["page"]);
      if (title === "" || !page.endsWith(".html")) return null;
      const extra = { miniProgramId: str(payload["appid"]), title, page };
      return { kind: "other", text: title, extra };
    }
    // Files come from media/upload, which this corp's WeCom does not offer: no id can be valid.
    case "image":
    case "video":
    case "file":
      return "unknown media";
    default:
      return null;
  }
}

function ok(name: string, data: Answer = {}): Answer {
  return { err_msg: `${name}:ok`, ...data };
}

function fail(name: string, reason: string): Answer {
  return { err_msg: `${name}:fail ${reason}` };
}

function str(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function forgetOldest(frames: Map<string, Registration>): void {
  const oldest = frames.keys().next();
  if (frames.size > MAX_FRAMES && oldest.done !== true) frames.delete(oldest.value);
}
