import type { FindingView } from "#shared/contract/rule";
import type { SupervisionCase } from "./case.entity.ts";

/**
 * What of a message may leave the sealed store: a short piece round the hits with numbers starred.
 * All functions keep offsets right, so that the words found can still be marked.
 */

export interface Quote<T extends FindingView = FindingView> {
  quote: string;
  findings: T[];
}

/** Runs of digits (with the usual separators) that may be a phone, card or identity number. */
const LONG_NUMBER = /[0-9０-９](?:[\s-]?[0-9０-９]){6,}[Xx]?/gu;
const MAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu;

/** Stars the middle of numbers and the name in mail addresses; every UTF-16 unit keeps its place. */
export function maskNumbers(text: string): string {
  return text
    .replace(LONG_NUMBER, (number) => star(number, 3, number.length > 8 ? 4 : 0))
    .replace(MAIL, (mail) => star(mail, 1, mail.length - mail.indexOf("@")));
}

function star(text: string, keepStart: number, keepEnd: number): string {
  const end = Math.max(keepStart, text.length - keepEnd);
  return text.slice(0, keepStart) + "*".repeat(end - keepStart) + text.slice(end);
}

/**
 * At most `limit` UTF-16 units of `text` round the first mark, with `…` where something was cut.
 * The findings' marks move along; those that were cut off are dropped.
 */
export function clipQuote<T extends FindingView>(
  text: string,
  findings: readonly T[],
  limit: number,
): Quote<T> {
  if (text.length <= limit) return { quote: text, findings: [...findings] };
  const starts = findings.flatMap(({ spans }) => spans.map(({ start }) => start));
  const first = starts.length > 0 ? Math.min(...starts) : 0;
  const room = limit - 2;
  let from = Math.max(0, Math.min(first - Math.floor(room / 3), text.length - room));
  let to = from + room;
  // Never cut a surrogate pair in two.
  if (isLowSurrogate(text.charCodeAt(from))) from += 1;
  if (isLowSurrogate(text.charCodeAt(to))) to -= 1;
  const lead = from > 0 ? "…" : "";
  const shift = lead.length - from;
  return {
    quote: lead + text.slice(from, to) + (to < text.length ? "…" : ""),
    findings: findings.map((finding) => ({
      ...finding,
      spans: finding.spans
        .filter(({ start, end }) => start >= from && end <= to)
        .map((span) => ({ ...span, start: span.start + shift, end: span.end + shift })),
    })),
  };
}

/** The masked piece of a message that a manager sees. */
export function maskedQuote<T extends FindingView>(
  text: string,
  findings: readonly T[],
  limit: number,
): Quote<T> {
  return clipQuote(maskNumbers(text), findings, limit);
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** By what a person sees as one character, emoji included. */
const characters = new Intl.Segmenter("zh", { granularity: "grapheme" });

/** 「李小姐」 → 「李**」: enough for the manager who knows the customer, too little for anybody else. */
export function maskName(name: string): string {
  const [first = "", ...rest] = Array.from(characters.segment(name), ({ segment }) => segment);
  return first + "*".repeat(Math.min(Math.max(rest.length, 1), 3));
}

/** Whom a manager is told of as the other side: 「李**」, or what they are. */
export function nameOther(
  { conversationId, customerId }: Pick<SupervisionCase, "conversationId" | "customerId">,
  customerName: string | null,
): string {
  if (customerName) return maskName(customerName);
  if (customerId !== null) return "客户";
  return conversationId.startsWith("g:") ? "客户群" : "同事";
}
