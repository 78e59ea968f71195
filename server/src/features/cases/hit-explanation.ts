import type { FindingView, TracedPart } from "#shared/contract/rule";
import { foldText } from "#shared/rules/fold";
import type { ArchivedMessage } from "../archive/archived-message.ts";
import type { PlacedPart } from "#shared/hit-explanation";
import type { DescribedFinding } from "../rules/rules.service.ts";
import { maskNumbers } from "./quote.ts";

export interface ShownTexts {
  /** Of the hit's own message, whole. */
  text: string;
  /** What is shown of it. */
  quote: string;
  /** The other messages, in the order in which they are shown. */
  others: readonly ArchivedMessage[];
  isMasked: boolean;
}

/** The findings with how each came about, saying no more of the messages than is shown beside it. */
export function withExplanations(
  findings: readonly DescribedFinding[],
  { text, quote, others, isMasked }: ShownTexts,
): FindingView[] {
  const order = new Map(others.map(({ seq }, index) => [seq, index]));
  const folded = foldText(quote).text;
  const quoteOf = (
    { condition }: PlacedPart,
    { message, start, end }: PlacedPart["places"][number],
  ): TracedPart["found"] => {
    const at = message === undefined ? null : order.get(message);
    // Its message has been destroyed.
    if (at === undefined) return [];
    const whole = at === null ? text : (others[at]?.text ?? "");
    const piece = (isMasked ? maskNumbers(whole) : whole).slice(start, end);
    // A number may be found in pieces too short to be starred by themselves.
    const isWords = condition.kind === "words";
    return [{ message: at, quote: isMasked && !isWords ? starDigits(piece) : piece }];
  };
  return findings.map(({ explained, ...finding }) => {
    if (!explained) return finding;
    const { parts, ...said } = explained;
    const trace = parts.map((part) => {
      const { places, ...rest } = part;
      return { ...rest, found: places.flatMap((place) => quoteOf(part, place)) };
    });
    return { ...finding, explanation: { ...said, trace, folded } };
  });
}

function starDigits(text: string): string {
  return text.replace(/[0-9０-９]/gu, "*");
}
