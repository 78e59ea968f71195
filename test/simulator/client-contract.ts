/**
 * What the twin's own pages (chat window, phone, control panel) and its HTTP interface agree on.
 * All under `/client/api`; JSON; times are epoch milliseconds. The product never sees any of this.
 */

/** GET /client/api/company */
export interface CompanyView {
  corpName: string;
  /** Public address of the product (through the web-view gateway). */
  productUrl: string;
  departments: { id: number; name: string; parentId: number }[];
  members: MemberView[];
}

export interface MemberView {
  id: string;
  name: string;
  position: string;
  department: string;
  isLeader: boolean;
  isAdmin: boolean;
  avatarColor: string;
  /** How many conversations with customers this member has. */
  conversationCount: number;
}

/** GET /client/api/conversations?memberId=&query=&limit=&offset= → newest first */
export interface ConversationList {
  total: number;
  conversations: ConversationView[];
}

export interface ConversationView {
  /** `single:<memberId>:<customerId>` or `group:<roomId>`. */
  id: string;
  kind: "single" | "group";
  title: string;
  /** 「@微信」 for a WeChat customer, 「@某公司」 for another corp's member; empty for groups. */
  origin: string;
  avatarColor: string;
  lastText: string;
  lastAtMs: number;
  customerId?: string;
  roomId?: string;
}

/** GET /client/api/messages?conversationId=&beforeId=&limit= → oldest first, the newest page without beforeId */
export interface MessagePage {
  messages: ChatMessageView[];
  hasOlder: boolean;
}

export interface ChatMessageView {
  id: string;
  fromId: string;
  fromName: string;
  fromSide: "member" | "customer";
  atMs: number;
  kind: "text" | "image" | "file" | "link" | "card" | "other";
  text: string;
  isRecalled: boolean;
}

/** POST /client/api/messages */
export interface SendMessageRequest {
  conversationId: string;
  /** Who speaks: the member's or the customer's id. */
  fromId: string;
  text: string;
  /** Sent although WeCom's interception warns of it, which is refused with 409 otherwise. */
  isConfirmed?: boolean;
}

/** POST /client/api/messages/:id/recall */

/**
 * GET /client/api/events?memberId= : server-sent events for one person's client.
 * `message` {conversationId, message}; `recall` {conversationId, messageId}; `card` PhoneItem; `card-updated` PhoneItem.
 */
export interface MessageEvent {
  conversationId: string;
  message: ChatMessageView;
}

/** GET /client/api/phone?memberId= → what the app pushed to this member, newest last */
export interface PhoneView {
  memberId: string;
  appName: string;
  items: PhoneItem[];
}

export interface PhoneItem {
  msgId: string;
  atMs: number;
  kind: "text" | "markdown" | "textcard" | "template_card";
  /** The message body as the product sent it (`text`, `textcard`, `template_card` …), after any update. */
  body: Record<string, unknown>;
  /** Set when update_template_card replaced the buttons by one text. */
  replacedButton: string | null;
  isRecalled: boolean;
}

/** POST /client/api/phone/tap : a tap on a card's button. Answers 409 when the buttons are gone. */
export interface TapRequest {
  memberId: string;
  msgId: string;
  buttonKey: string;
}

/**
 * POST /client/api/bridge : a call of the JS bridge, forwarded by the chat window for its sidebar frame.
 * `frameUrl` is the frame's address as the bridge reported it. The answer is handed to the SDK unchanged.
 */
export interface BridgeRequest {
  memberId: string;
  conversationId: string | null;
  entry: string;
  frameUrl: string;
  name: string;
  params: Record<string, unknown>;
}

/** postMessage between the bridge script in the frame and the chat window. */
export interface BridgeCallMessage {
  kind: "wecom-bridge-call";
  callId: number;
  name: string;
  params: Record<string, unknown>;
  frameUrl: string;
}
export interface BridgeReplyMessage {
  kind: "wecom-bridge-reply";
  callId: number;
  result: Record<string, unknown>;
}

/** GET, PATCH /client/api/faults : what is broken on purpose. */
export interface Faults {
  /** errcode that every API call answers (0 = none); 45009 is the frequency limit, -1 busy. */
  apiErrcode: number;
  /** Extra delay of every API answer, in milliseconds. */
  apiDelayMs: number;
  /** Every access token is refused with 42001 once after switching this on. */
  expireTokens: boolean;
  /** Each callback is delivered this many times. */
  callbackCopies: number;
  /** Callbacks are not delivered at all (only the product's clock can find new messages). */
  dropCallbacks: boolean;
  /** New archive items are garbage that does not decrypt. */
  corruptArchive: boolean;
}

/** GET /client/api/archive : state of the archive. */
export interface ArchiveState {
  lastSeq: number;
  messageCount: number;
  keyVersion: number;
  /** Versions whose private key lies in the folder that the product reads. */
  deliveredKeyVersions: number[];
  callbacks: { sent: number; acknowledged: number; retried: number; failed: number };
}

/** POST /client/api/archive/rotate-key {deliver: boolean} and /client/api/archive/deliver-keys → ArchiveState */

/**
 * GET /client/api/intercept-rules: WeCom's own interception as its admin console shows it. POST {name, word} adds one for
 * everybody, POST …/:id/drop-word takes the first word out, POST …/:id/delete removes it; all answer the list.
 */
export interface InterceptRuleView {
  id: string;
  name: string;
  madeBy: "app" | "console";
  action: "block" | "warn";
  words: string[];
}
