/**
 * A template card as the app sent it (WeCom document 90236), read into what the phone draws.
 * The sender's JSON is not trusted to be complete: what is missing or of another type is left out.
 */
import type { PhoneItem } from "../../../client-contract.ts";
import { array, number, record, text, type Json } from "./read-json.ts";

export interface CardButton {
  key: string;
  text: string;
  /** 1 to 4; anything else counts as 1. */
  style: number;
  /** Set for a button that opens a page instead of calling back. */
  url: string;
}

export interface CardRow {
  name: string;
  value: string;
  url: string;
}

export interface CardView {
  source: string;
  /** 0 grey, 1 black, 2 red, 3 green. */
  sourceColor: number;
  title: string;
  description: string;
  emphasis: { title: string; description: string } | null;
  quote: { title: string; text: string; url: string } | null;
  subTitle: string;
  rows: CardRow[];
  links: { title: string; url: string }[];
  buttons: CardButton[];
  /** Opened by a tap on the card itself. */
  url: string;
  /** Shown greyed in place of the buttons once the app has updated the card. */
  replaced: string;
}

const OPENS_PAGE = 1;

export function readCard(item: PhoneItem): CardView {
  const card = bodyOf(item, "template_card");
  const title = record(card["main_title"]);
  const source = record(card["source"]);
  const quote = record(card["quote_area"]);
  const emphasis = record(card["emphasis_content"]);
  return {
    source: text(source["desc"]),
    sourceColor: number(source["desc_color"]),
    title: text(title["title"]),
    description: text(title["desc"]),
    emphasis: text(emphasis["title"])
      ? { title: text(emphasis["title"]), description: text(emphasis["desc"]) }
      : null,
    quote: text(quote["quote_text"])
      ? { title: text(quote["title"]), text: text(quote["quote_text"]), url: text(quote["url"]) }
      : null,
    subTitle: text(card["sub_title_text"]),
    rows: array(card["horizontal_content_list"]).map(readRow),
    links: array(card["jump_list"]).map((link) => ({
      title: text(link["title"]),
      url: text(link["url"]),
    })),
    buttons: array(card["button_list"]).map(readButton),
    url: text(record(card["card_action"])["url"]),
    replaced: item.replacedButton ?? text(card["replace_text"]),
  };
}

/** The part of a message named after its kind, whether the body is the whole message or that part. */
export function bodyOf(item: PhoneItem, kind: string): Json {
  return kind in item.body ? record(item.body[kind]) : item.body;
}

function readRow(row: Json): CardRow {
  return { name: text(row["keyname"]), value: text(row["value"]), url: text(row["url"]) };
}

function readButton(button: Json): CardButton {
  const style = number(button["style"]);
  return {
    key: text(button["key"]),
    text: text(button["text"]),
    style: style >= 1 && style <= 4 ? style : 1,
    url: number(button["type"]) === OPENS_PAGE ? text(button["url"]) : "",
  };
}
