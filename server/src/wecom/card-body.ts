import { cardText } from "./card-text.ts";

/** A card with buttons that call back, in our words. */
export interface ButtonCard extends ButtonCardContent {
  toMemberIds: readonly string[];
}

export interface ButtonCardContent {
  /** Comes back with the pressed button. Unique for the app; letters, digits, `_-@`, at most 128. */
  taskId: string;
  /** Small line on top: which part of the product speaks. */
  source: string;
  title: string;
  description?: string;
  quote?: { title?: string; text: string };
  /** At most six. */
  rows: readonly { label: string; value: string }[];
  /** One to six. */
  buttons: readonly CardButton[];
  /** Opened by a tap on the card. */
  url: string;
}

export interface CardButton {
  key: string;
  text: string;
  style: "primary" | "plain" | "danger" | "plain_danger";
}

/** A card that only opens an address. */
export interface TextCard {
  toMemberIds: readonly string[];
  title: string;
  description: string;
  url: string;
  buttonText?: string;
}

/** WeCom's numbers for looks of a button: blue, black on grey, red text, red. */
const STYLES: Record<CardButton["style"], number> = {
  primary: 1,
  plain: 2,
  plain_danger: 3,
  danger: 4,
};

/** Characters; what document 90236 advises where it says anything, so that nothing is cut on a phone. */
const MAX = {
  source: 13,
  title: 26,
  description: 30,
  quoteTitle: 26,
  quote: 112,
  label: 5,
  value: 26,
  button: 10,
  rows: 6,
  buttons: 6,
  textCardTitle: 60,
  textCardDescription: 240,
  textCardButton: 4,
} as const;

/** `template_card` of the kind button_interaction. Texts are made harmless and cut to length here. */
export function buttonCardBody(card: ButtonCardContent): Record<string, unknown> {
  if (!/^[0-9A-Za-z_\-@]{1,128}$/.test(card.taskId)) throw new Error("the task id is not sound");
  if (card.buttons.length < 1 || card.buttons.length > MAX.buttons) {
    throw new Error(`a card has 1 to ${MAX.buttons} buttons`);
  }
  return {
    card_type: "button_interaction",
    task_id: card.taskId,
    source: { desc: cardText(card.source, MAX.source), desc_color: 0 },
    main_title: {
      title: cardText(card.title, MAX.title),
      ...(card.description && { desc: cardText(card.description, MAX.description) }),
    },
    ...(card.quote && { quote_area: quoteBody(card.quote) }),
    horizontal_content_list: card.rows.slice(0, MAX.rows).map(({ label, value }) => ({
      keyname: cardText(label, MAX.label),
      // An empty value is refused.
      value: cardText(value, MAX.value) || "—",
    })),
    card_action: { type: 1, url: checkedUrl(card.url) },
    button_list: card.buttons.map(({ key, text, style }) => ({
      text: cardText(text, MAX.button),
      style: STYLES[style],
      key,
    })),
  };
}

export function textCardBody(card: TextCard): Record<string, unknown> {
  return {
    title: cardText(card.title, MAX.textCardTitle),
    description: cardText(card.description, MAX.textCardDescription),
    url: checkedUrl(card.url),
    btntxt: cardText(card.buttonText ?? "详情", MAX.textCardButton),
  };
}

function quoteBody(quote: { title?: string; text: string }): Record<string, unknown> {
  return {
    type: 0,
    ...(quote.title && { title: cardText(quote.title, MAX.quoteTitle) }),
    quote_text: cardText(quote.text, MAX.quote),
  };
}

function checkedUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Error("a card opens an address with http or https");
  }
  return url;
}
