/** How conversations and messages are put into words. Pure. */
import type {
  ConversationView,
  MessageView,
  SearchDone,
  SearchProgress,
} from "#shared/contract/reading";
import { text as limitText } from "./limit-messages.ts";
import { text } from "./messages.ts";

type Named = Pick<ConversationView, "kind" | "members" | "customerName" | "groupName">;

/** "陈丽 与 李**", "新品交流群", "陈丽 与 吴昊". */
export function titleOfConversation({ kind, members, customerName, groupName }: Named): string {
  const names = members.map(({ name }) => name);
  if (kind === "group") return groupName ?? text.reading.conversationKind.group;
  const other = kind === "single" ? (customerName ?? text.reading.customer) : names[1];
  return text.reading.between(names[0] ?? text.reading.colleague, other ?? text.reading.colleague);
}

export function nameOfSender({ senderName, speaker }: Pick<MessageView, "senderName" | "speaker">) {
  return senderName || text.reading.speaker[speaker];
}

/** What stands before the words of anything but a text: "[文件]". Null for a text. */
export function kindLabel({ kind }: Pick<MessageView, "kind">): string | null {
  return kind === "text" ? null : text.reading.kindLabel(text.reading.messageKind[kind]);
}

/** Whole percents; 100 only when all is done. */
export function percentOf({ scanned, total }: SearchProgress): number {
  return total === 0 ? 100 : Math.min(100, Math.floor((scanned / total) * 100));
}

/** How a search has ended, so that "nothing" is never mistaken for "not looked at". */
export function outcomeOf(done: SearchDone): string {
  const { outcome, found, scanned, withheld, erased, expired, unopened } = done;
  const words = text.reading.outcome;
  const said = {
    none: words.none(scanned),
    all: words.all(found, scanned),
    cut_off: words.cutOff(found),
  }[outcome];
  return [
    said,
    withheld > 0 ? limitText.search.done(withheld) : "",
    erased > 0 ? words.erased(erased) : "",
    expired > 0 ? words.expired(expired) : "",
    unopened > 0 ? words.unopened(unopened) : "",
  ].join("");
}
