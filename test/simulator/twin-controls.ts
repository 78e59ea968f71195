import type { Fields } from "./api/endpoint.ts";
import { addRule, changeRule, removeRule } from "./api/intercept-rules.ts";
import type { Corruption, PlainItem } from "./archive.ts";
import type { MessageContent } from "./archive-message.ts";
import { formatEvent, type XmlValue } from "./callback-events.ts";
import type { CallbackAnswer, CallbackRequest, Forgery } from "./callbacks.ts";
import { tapCard, type TapOutcome } from "./cards.ts";
import type { MessageRow } from "./chat.ts";
import type { ArchiveState, Faults, PhoneItem, TapRequest } from "./client-contract.ts";
import { viewArchive } from "./client-views.ts";
import type { Receiver } from "./corp.ts";
import { liveRules, type KeptRule } from "./intercept.ts";
import type { CallLimit } from "./limits.ts";
import type { PageFault } from "./page-faults.ts";
import type { World } from "./world.ts";

/** The strings that a test (or a person at the control panel) pulls. */
export interface TwinControls {
  /** Says something; `conversationId` as in client-contract.ts, or `internal:<a>:<b>` between members. */
  sendMessage: (message: OutgoingMessage) => MessageRow;
  recall: (messageId: string) => MessageRow;
  phone: (memberId: string) => PhoneItem[];
  /** Resolves when the card's event has been delivered (or given up). */
  tap: (tap: TapRequest) => Promise<TapOutcome["is"]>;

  setFaults: (change: Partial<Faults>) => Faults;
  /** Lets the next calls of one API answer an errcode; 0 times takes that back. `path` is below `/cgi-bin`. */
  failNext: (path: string, errcode: number, times?: number) => void;
  setLimit: (path: string, limit: Partial<CallLimit>) => void;

  /** Returns the new key version; with `deliver: false` the product does not get its private key yet. */
  rotateArchiveKey: (options: { deliver: boolean }) => number;
  deliverArchiveKeys: () => void;
  /** Breaks every page of the archive from now on; null ends it. */
  disturbPages: (fault: PageFault | null) => void;
  /** Adds an item that cannot be opened; returns its seq. */
  addCorruptItem: (corruption: Corruption) => number;
  archiveItems: () => PlainItem[];
  archiveState: () => ArchiveState;

  /** Makes the decrypted XML of an event. */
  formatEvent: (fromId: string, fields: Record<string, XmlValue>) => string;
  /** Delivers an event as WeCom does: signed, retried. */
  deliverCallback: (receiver: Receiver, xml: string) => Promise<void>;
  /** One request, possibly forged, to be posted once or several times. */
  signCallback: (receiver: Receiver, xml: string, forgery?: Forgery) => CallbackRequest;
  postCallback: (receiver: Receiver, request: CallbackRequest) => Promise<CallbackAnswer>;
  verifyCallbackUrl: (receiver: Receiver) => Promise<boolean>;
  /** What happens between a member and a customer; changes the twin's data and tells the product. */
  changeExternalContact: (change: ExternalContactChange) => Promise<void>;
  /** `change_contact` for the contacts receiver. */
  changeContact: (changeType: string, fields: Record<string, XmlValue>) => Promise<void>;
  callbackCounters: () => ArchiveState["callbacks"];
  /** Resolves when no callback is under way. */
  settled: () => Promise<void>;

  /** WeCom's own interception, as its admin console shows it. */
  interceptRules: () => KeptRule[];
  /** What an administrator does there; `body` as in the API. */
  interceptConsole: {
    add: (body: Fields) => string;
    change: (body: Fields) => void;
    remove: (ruleId: string) => void;
  };

  /** For a login without pages: a code for a member, a customer or anybody else. */
  issueOAuthCode: (personId: string) => string;
}

export interface OutgoingMessage {
  conversationId: string;
  fromId: string;
  text: string;
  /** For anything but text. */
  content?: MessageContent;
}

export interface ExternalContactChange {
  changeType:
    | "add_external_contact"
    | "edit_external_contact"
    | "del_external_contact"
    | "del_follow_user"
    | "msg_audit_approved";
  memberId: string;
  customerId: string;
  /** Of a deletion that WeCom made itself, with a handover in service. */
  source?: "DELETE_BY_TRANSFER";
}

/** Everything that can be made to happen in a running twin. */
export function createControls(world: World): TwinControls {
  return {
    ...conversationControls(world),
    ...archiveControls(world),
    ...callbackControls(world),
    interceptRules: () => liveRules(world.store),
    interceptConsole: {
      add: (body) => addRule(world, body, "console"),
      change: (body) => changeRule(world, body, "console"),
      remove: (ruleId) => removeRule(world, { rule_id: ruleId }, "console"),
    },
  };
}

/** The decrypted XML of an event of this corp, now. */
export function eventOf(world: World, fromId: string, fields: Record<string, XmlValue>): string {
  return formatEvent(world.corp, world.now(), fromId, fields);
}

type ConversationControls = Pick<
  TwinControls,
  | "sendMessage"
  | "recall"
  | "phone"
  | "tap"
  | "setFaults"
  | "failNext"
  | "setLimit"
  | "issueOAuthCode"
>;

function conversationControls(world: World): ConversationControls {
  const { chat, phone, faults, limits, oauth } = world;
  return {
    sendMessage: ({ conversationId, fromId, text, content = { kind: "text", text } }) =>
      chat.send(conversationId, fromId, content),
    recall: (messageId) => chat.recall(messageId),
    phone: (memberId) => phone.list(memberId),
    async tap(tap) {
      const outcome = tapCard(world, tap);
      if (outcome.is === "sent") await outcome.delivery;
      return outcome.is;
    },
    setFaults: (change) => faults.set(change),
    failNext: (path, errcode, times) => faults.failNext(path, errcode, times),
    setLimit: (path, limit) => limits.set(path, limit),
    issueOAuthCode: (personId) => oauth.issue(personId),
  };
}

type ArchiveControls = Pick<
  TwinControls,
  | "rotateArchiveKey"
  | "deliverArchiveKeys"
  | "disturbPages"
  | "addCorruptItem"
  | "archiveItems"
  | "archiveState"
>;

function archiveControls(world: World): ArchiveControls {
  const { keys, archive, faults, now } = world;
  return {
    rotateArchiveKey: ({ deliver }) => keys.rotate(deliver),
    deliverArchiveKeys: () => keys.deliverAll(),
    disturbPages: (fault) => faults.setPageFault(fault),
    addCorruptItem(corruption) {
      const atMs = now();
      const msgid = `corrupt-${archive.state().lastSeq}_${atMs}_external`;
      return archive.append({ msgid }, atMs, corruption);
    },
    archiveItems: () => archive.list(),
    archiveState: () => viewArchive(world),
  };
}

type CallbackControls = Pick<
  TwinControls,
  | "formatEvent"
  | "deliverCallback"
  | "signCallback"
  | "postCallback"
  | "verifyCallbackUrl"
  | "changeExternalContact"
  | "changeContact"
  | "callbackCounters"
  | "settled"
>;

function callbackControls(world: World): CallbackControls {
  const { callbacks } = world;
  return {
    formatEvent: (fromId, fields) => eventOf(world, fromId, fields),
    deliverCallback: (receiver, xml) => callbacks.send(receiver, xml),
    signCallback: (receiver, xml, forgery) => callbacks.sign(receiver, xml, forgery),
    postCallback: (receiver, request) => callbacks.post(receiver, request),
    verifyCallbackUrl: (receiver) => callbacks.verifyUrl(receiver),
    async changeExternalContact({ changeType, memberId, customerId, source }) {
      applyContactChange(world, { changeType, memberId, customerId });
      const fields = {
        Event: "change_external_contact",
        ChangeType: changeType,
        UserID: memberId,
        ExternalUserID: customerId,
        ...(source && { Source: source }),
      };
      // Consent belongs to the archive's receiver, everything else to the app's.
      const receiver = changeType === "msg_audit_approved" ? "archive" : "app";
      await callbacks.send(receiver, eventOf(world, "sys", fields));
    },
    changeContact: (changeType, fields) =>
      callbacks.send(
        "contacts",
        eventOf(world, "sys", { Event: "change_contact", ChangeType: changeType, ...fields }),
      ),
    callbackCounters: () => callbacks.counters(),
    settled: () => callbacks.settled(),
  };
}

function applyContactChange(
  { directory, now }: World,
  { changeType, memberId, customerId }: ExternalContactChange,
): void {
  if (directory.findCustomer(customerId) === undefined) {
    throw new Error(`There is no customer ${customerId}.`);
  }
  if (changeType === "msg_audit_approved") directory.setConsent(customerId, "Agree");
  if (changeType === "del_external_contact" || changeType === "del_follow_user") {
    directory.removeFollow(memberId, customerId);
  }
  if (changeType === "add_external_contact") {
    directory.saveFollow({
      memberId,
      customerId,
      remark: "",
      description: "",
      company: "",
      mobiles: [],
      tagIds: [],
      personalTags: [],
      addWay: 1,
      createdAtMs: now(),
    });
  }
}
