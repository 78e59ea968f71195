import { readFields, readFieldsList, readText, type Fields } from "./endpoint.ts";
import { WecomError } from "./wecom-error.ts";

const CARD_TYPES = [
  "text_notice",
  "news_notice",
  "button_interaction",
  "vote_interaction",
  "multiple_interaction",
];
/** These always have something that a member can press. */
const INTERACTIVE = new Set(CARD_TYPES.slice(2));
const TASK_ID = /^[0-9A-Za-z_\-@]{1,128}$/;

export function isInteractive(card: Fields): boolean {
  return INTERACTIVE.has(String(card["card_type"])) || card["action_menu"] !== undefined;
}

/** Refuses a template card as message/send does. Lengths of shown text are cut by the client, not here. */
export function checkCard(card: Fields): void {
  const type = readText(card, "card_type") ?? "";
  if (!CARD_TYPES.includes(type)) throw new WecomError(42031, "invalid card_type");
  if (isInteractive(card)) checkTaskId(card);
  checkRows(card);
  checkAction(card, type);
  if (type === "button_interaction") checkButtons(card);
  if (type === "vote_interaction" || type === "multiple_interaction") checkSubmit(card);
}

export function checkTaskId(card: Fields): void {
  if (!TASK_ID.test(readText(card, "task_id") ?? "")) throw new WecomError(42014);
}

/** Keys of what a member can press on a card. */
export function pressableKeys(card: Fields): string[] {
  const submit = readFields(card, "submit_button")["key"];
  const keys = [
    ...readFieldsList(card, "button_list").map((button) => button["key"]),
    ...readFieldsList(readFields(card, "action_menu"), "action_list").map(({ key }) => key),
    submit,
  ];
  return keys.filter((key) => typeof key === "string");
}

function checkRows(card: Fields): void {
  const rows = readFieldsList(card, "horizontal_content_list");
  if (rows.length > 6) throw new WecomError(42035, "too many horizontal_content_list items");
  for (const row of rows) {
    if (isEmpty(row["keyname"])) throw new WecomError(42027, "keyname is missing");
    if (row["type"] === 1 && isEmpty(row["url"])) throw new WecomError(42028, "url is missing");
    if (row["type"] === 2 && isEmpty(row["media_id"])) throw new WecomError(42029);
    if (row["type"] === 3 && isEmpty(row["userid"])) throw new WecomError(42050);
  }
  const jumps = readFieldsList(card, "jump_list");
  if (jumps.length > 3) throw new WecomError(42042, "too many jump_list items");
  for (const jump of jumps) {
    if (isEmpty(jump["title"])) throw new WecomError(42033, "title is missing");
    if (jump["type"] === 1 && isEmpty(jump["url"])) throw new WecomError(42028, "url is missing");
  }
}

function checkAction(card: Fields, type: string): void {
  const action = card["card_action"];
  if (action === undefined) {
    if (type.endsWith("_notice")) throw new WecomError(42045, "card_action is missing");
    return;
  }
  const { type: kind, url, appid } = readFields(card, "card_action");
  if (kind !== 0 && kind !== 1 && kind !== 2) throw new WecomError(42045, "invalid card_action");
  if (kind === 1 && isEmpty(url)) throw new WecomError(42028, "url is missing");
  if (kind === 2 && isEmpty(appid)) throw new WecomError(42030, "appid is missing");
}

function checkButtons(card: Fields): void {
  const buttons = readFieldsList(card, "button_list");
  if (buttons.length < 1 || buttons.length > 6) throw new WecomError(42038, "invalid button_list");
  for (const button of buttons) {
    if (isEmpty(button["text"])) throw new WecomError(42038, "button text is missing");
    if (button["type"] === 1) {
      if (isEmpty(button["url"])) throw new WecomError(42028, "url is missing");
    } else if (isEmpty(button["key"]) || Buffer.byteLength(String(button["key"])) > 1024) {
      throw new WecomError(42039, "button key is missing or too long");
    }
  }
  const keys = pressableKeys(card);
  if (new Set(keys).size < keys.length) throw new WecomError(42018, "button keys are not unique");
}

function checkSubmit(card: Fields): void {
  const { text, key } = readFields(card, "submit_button");
  if (isEmpty(key)) throw new WecomError(42046, "submit_button key is missing");
  if (isEmpty(text)) throw new WecomError(42049, "submit_button text is missing");
}

function isEmpty(value: unknown): boolean {
  return typeof value !== "string" || value === "";
}
