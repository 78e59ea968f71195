import { StringDecoder } from "node:string_decoder";
import type { PhoneItem } from "../client-contract.ts";
import type { World } from "../world.ts";
import { checkCard, checkTaskId, isInteractive } from "./card-rules.ts";
import {
  readFields,
  readFieldsList,
  readNumbers,
  readText,
  readTexts,
  requireText,
  type Fields,
  type Handler,
} from "./endpoint.ts";
import { WecomError } from "./wecom-error.ts";

const DAY_MS = 24 * 3_600_000;
const MAX_TEXT_BYTES = 2048;
/** A `\\uXXXX` escape, but not an escaped backslash before a `u`. */
const UNICODE_ESCAPE = /(?<!\\)(?:\\\\)*\\u[0-9a-f]{4}/i;

export const sendMessage: Handler = ({ body, rawBody }, world) => {
  // Text must come as UTF-8; `\uXXXX` escapes are refused.
  if (UNICODE_ESCAPE.test(rawBody)) throw new WecomError(40033);
  checkAgent(world, body);
  const { memberIds, invalid } = readReceivers(world, body);
  const message = readMessage(world, body);
  if (memberIds.length === 0) throw new WecomError(81013);
  const msgid = world.phone.push(memberIds, message.kind, message.body);
  return { ...invalid, unlicenseduser: "", msgid, ...keepCard(world, message, msgid) };
};

export const updateCard: Handler = ({ body }, world) => {
  checkAgent(world, body);
  const { phone } = world;
  const button = readFields(body, "button");
  const card = body["template_card"] === undefined ? null : readFields(body, "template_card");
  if (card === null) requireText(button, "replace_name");
  else checkReplacement(card);
  const chosen = body["atall"] === 1 ? null : chosenMembers(world, body);
  // Only now: a refused call must not use up the code.
  const msgid = phone.useResponseCode(requireText(body, "response_code", 60140));
  if (msgid === undefined) throw new WecomError(60140);
  const receivers = phone.receiversOf(msgid);
  const wanted = chosen ?? receivers;
  for (const memberId of wanted.filter((id) => receivers.includes(id))) {
    if (card === null) {
      phone.update(memberId, msgid, { replacedButton: requireText(button, "replace_name") });
    } else {
      const replacedButton = readText(card, "replace_text") ?? null;
      phone.update(memberId, msgid, { body: card, replacedButton });
    }
  }
  return { invaliduser: wanted.filter((id) => !receivers.includes(id)) };
};

export const recallMessage: Handler = ({ body }, world) => {
  const outcome = world.phone.recall(requireText(body, "msgid"), world.now() - DAY_MS);
  if (outcome === "unknown") throw new WecomError(40058, "invalid msgid");
  if (outcome === "too_old") throw new WecomError(42052);
  return {};
};

/** The agent must be the one that the token belongs to; it may be sent as a number or as text. */
function checkAgent({ corp }: World, body: Fields): void {
  const agentId = body["agentid"];
  if (agentId === undefined || agentId === null) throw new WecomError(41011);
  if (typeof agentId !== "number" && typeof agentId !== "string") throw new WecomError(40056);
  if (!/^\d+$/.test(String(agentId))) throw new WecomError(40056);
  if (Number(agentId) !== corp.agentId) throw new WecomError(301002);
}

interface Receivers {
  memberIds: string[];
  invalid: { invaliduser: string; invalidparty: string; invalidtag: string };
}

function readReceivers({ directory }: World, body: Fields): Receivers {
  const users = splitList(body, "touser");
  const parties = splitList(body, "toparty");
  const tags = splitList(body, "totag");
  if (users.length + parties.length + tags.length === 0) throw new WecomError(82001);
  if (users.length > 1000) throw new WecomError(40032);
  if (parties.length > 100) throw new WecomError(82002);
  if (tags.length > 100) throw new WecomError(82003);
  const isEverybody = users.length === 1 && users[0] === "@all";
  const found = isEverybody
    ? directory.members.map(({ id }) => id)
    : users.flatMap((id) => directory.findMember(id)?.id ?? []);
  const departments = parties.map((id) => directory.departmentTree(Number(id)));
  const ofDepartments = departments
    .flat()
    .flatMap((item) => directory.membersOfDepartment(item.id).map(({ id }) => id));
  const invalidUsers = isEverybody ? [] : users.filter((id) => !directory.findMember(id));
  return {
    memberIds: [...new Set([...found, ...ofDepartments])],
    invalid: {
      // The echo is in lower case, however it was written.
      invaliduser: invalidUsers.join("|").toLowerCase(),
      invalidparty: parties.filter((_, index) => departments[index]?.length === 0).join("|"),
      // The corp has no member tags.
      invalidtag: tags.join("|"),
    },
  };
}

function splitList(body: Fields, name: string): string[] {
  return (readText(body, name) ?? "").split("|").filter((part) => part !== "");
}

interface AppMessage {
  kind: PhoneItem["kind"];
  body: Fields;
}

function readMessage(world: World, body: Fields): AppMessage {
  const kind = readText(body, "msgtype");
  switch (kind) {
    case "text":
    case "markdown": {
      const content = requireText(readFields(body, kind), "content", 44004);
      // A text that is too long is cut, a markdown message is refused.
      if (kind === "markdown" && Buffer.byteLength(content) > MAX_TEXT_BYTES) {
        throw new WecomError(45002);
      }
      return { kind, body: { content: cutBytes(content, MAX_TEXT_BYTES) } };
    }
    case "textcard": {
      const card = readFields(body, kind);
      for (const name of ["title", "description", "url"]) requireText(card, name, 40058);
      if (!/^https?:\/\//.test(String(card["url"]))) throw new WecomError(40058, "invalid url");
      return { kind, body: card };
    }
    case "template_card": {
      const card = readFields(body, kind);
      checkNewCard(world, card);
      return { kind, body: card };
    }
    case undefined:
    default:
      throw new WecomError(40008);
  }
}

function checkNewCard({ callbacks, phone }: World, card: Fields): void {
  checkCard(card);
  if (!isInteractive(card)) return;
  if (!callbacks.isConfigured()) throw new WecomError(43012);
  if (phone.hasTask(requireText(card, "task_id")))
    throw new WecomError(42014, "taskid has been used");
}

/** A card that can be answered gets a code for one update. */
function keepCard({ phone }: World, { kind, body }: AppMessage, msgid: string): Fields {
  if (kind !== "template_card" || !isInteractive(body)) return {};
  phone.saveTask(requireText(body, "task_id"), msgid);
  return { response_code: phone.issueResponseCode(msgid) };
}

/** A replacement carries the new content; its task id may be left out. */
function checkReplacement(card: Fields): void {
  if (card["task_id"] !== undefined) checkTaskId(card);
  readFieldsList(card, "button_list");
  if (readText(card, "card_type") === undefined) throw new WecomError(42031, "invalid card_type");
}

function chosenMembers({ directory }: World, body: Fields): string[] {
  const ofDepartments = readNumbers(body, "partyids")
    .flatMap((id) => directory.departmentTree(id))
    .flatMap(({ id }) => directory.membersOfDepartment(id).map((member) => member.id));
  const named = readTexts(body, "userids").map((id) => directory.findMember(id)?.id ?? id);
  const chosen = [...new Set([...named, ...ofDepartments])];
  if (chosen.length === 0) throw new WecomError(82001);
  if (chosen.length > 1000) throw new WecomError(40032);
  return chosen;
}

/** Cuts at a byte limit without leaving half a character. */
function cutBytes(text: string, maxBytes: number): string {
  return new StringDecoder("utf8").write(Buffer.from(text, "utf8").subarray(0, maxBytes));
}
