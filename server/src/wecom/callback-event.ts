import { readXml } from "./callback-xml.ts";
import type { XmlNode } from "./callback-xml.ts";
import { toMemberId } from "./wecom-id.ts";

/** What a callback tells, in the product's words. */
export type CallbackEvent =
  | { kind: "archive_has_news" }
  | {
      kind: "card_button";
      /** Who pressed. */
      memberId: string;
      taskId: string;
      buttonKey: string;
      /** Good for one update of the card, for 72 hours. */
      responseCode: string;
    }
  | CustomerChanged
  | {
      kind: "member_changed";
      change: "created" | "updated" | "deleted";
      memberId: string;
      /** Set when the member's id itself has changed. */
      newMemberId: string | null;
    }
  | {
      kind: "department_changed";
      change: "created" | "updated" | "deleted";
      departmentId: number;
    }
  | { kind: "group_changed"; change: "created" | "updated" | "dismissed"; roomId: string }
  /** Anything that the product does not act on; `event` names it for the log. */
  | { kind: "other"; event: string };

export interface CustomerChanged {
  kind: "customer_changed";
  change: CustomerChange;
  memberId: string;
  customerId: string;
  /** When it happened, to the second; null when WeCom does not say. */
  atMs: number | null;
}

export type CustomerChange =
  | "added"
  | "added_unconfirmed"
  | "edited"
  | "removed_by_member"
  | "removed_by_customer"
  /** WeCom itself did: the customer was handed over to a colleague. */
  | "removed_by_transfer"
  | "transfer_failed"
  | "archive_agreed";

const customerChanges = new Map<string, CustomerChange>([
  ["add_external_contact", "added"],
  ["add_half_external_contact", "added_unconfirmed"],
  ["edit_external_contact", "edited"],
  ["del_external_contact", "removed_by_member"],
  ["del_follow_user", "removed_by_customer"],
  ["transfer_fail", "transfer_failed"],
  ["msg_audit_approved", "archive_agreed"],
]);

const memberChanges = new Map([
  ["create_user", "created"],
  ["update_user", "updated"],
  ["delete_user", "deleted"],
] as const);

const departmentChanges = new Map([
  ["create_party", "created"],
  ["update_party", "updated"],
  ["delete_party", "deleted"],
] as const);

const groupChanges = new Map([
  ["create", "created"],
  ["update", "updated"],
  ["dismiss", "dismissed"],
] as const);

/**
 * The decrypted XML of a callback. An event without the ids that it needs is "other", so that nothing acts
 * on half of one. Throws `CallbackRefusedError` for what is no callback at all.
 */
export function readEvent(xml: string): CallbackEvent {
  const node = readXml(xml);
  const event = text(node, "Event");
  switch (event) {
    case "msgaudit_notify":
      return { kind: "archive_has_news" };
    case "template_card_event":
      return readCardButton(node);
    case "change_external_contact":
      return readCustomerChange(node);
    case "change_contact":
      return readContactChange(node);
    case "change_external_chat":
      return readGroupChange(node);
    default:
      return other(node);
  }
}

function readCardButton(node: XmlNode): CallbackEvent {
  const memberId = toMemberId(text(node, "FromUserName"));
  const taskId = text(node, "TaskId");
  const buttonKey = text(node, "EventKey");
  if (memberId === "" || taskId === "" || buttonKey === "") return other(node);
  return {
    kind: "card_button",
    memberId,
    taskId,
    buttonKey,
    responseCode: text(node, "ResponseCode"),
  };
}

function readCustomerChange(node: XmlNode): CallbackEvent {
  const change = customerChanges.get(text(node, "ChangeType"));
  const memberId = toMemberId(text(node, "UserID"));
  const customerId = text(node, "ExternalUserID");
  if (!change || memberId === "" || customerId === "") return other(node);
  const isTransfer =
    change === "removed_by_member" && text(node, "Source") === "DELETE_BY_TRANSFER";
  const seconds = Number(text(node, "CreateTime"));
  return {
    kind: "customer_changed",
    change: isTransfer ? "removed_by_transfer" : change,
    memberId,
    customerId,
    atMs: Number.isSafeInteger(seconds) && seconds > 0 ? seconds * 1000 : null,
  };
}

function readContactChange(node: XmlNode): CallbackEvent {
  const changeType = text(node, "ChangeType");
  const memberChange = find(memberChanges, changeType);
  const memberId = toMemberId(text(node, "UserID"));
  if (memberChange && memberId !== "") {
    const newMemberId = toMemberId(text(node, "NewUserID"));
    return {
      kind: "member_changed",
      change: memberChange,
      memberId,
      newMemberId: newMemberId === "" || newMemberId === memberId ? null : newMemberId,
    };
  }
  const departmentChange = find(departmentChanges, changeType);
  const departmentId = Number(text(node, "Id"));
  if (departmentChange && Number.isSafeInteger(departmentId) && departmentId > 0) {
    return { kind: "department_changed", change: departmentChange, departmentId };
  }
  return other(node);
}

function readGroupChange(node: XmlNode): CallbackEvent {
  const change = find(groupChanges, text(node, "ChangeType"));
  const roomId = text(node, "ChatId");
  return change && roomId !== "" ? { kind: "group_changed", change, roomId } : other(node);
}

function other(node: XmlNode): CallbackEvent {
  const names = [
    text(node, "Event") || `message:${text(node, "MsgType")}`,
    text(node, "ChangeType"),
  ];
  return {
    kind: "other",
    event: names
      .filter((name) => name !== "")
      .join("/")
      .slice(0, 100),
  };
}

function find<K extends string, V>(table: ReadonlyMap<K, V>, key: string): V | undefined {
  return (table as ReadonlyMap<string, V>).get(key);
}

function text(node: XmlNode, name: string): string {
  const value = node.get(name);
  return typeof value === "string" ? value : "";
}
