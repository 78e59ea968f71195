import type { OpenedMessage } from "../archive/conversations.service.ts";

/** A stretch of messages, the oldest first, and whether there is more on either side. */
export interface Stretch {
  messages: OpenedMessage[];
  /** The place among them from which one reads: the last one when going back, the first when going on. */
  from: number;
  hasOlder: boolean;
  hasNewer: boolean;
}

/** In the order in which they are shown as long as there may be more. */
export function nearestFirst({ messages, from }: Stretch): OpenedMessage[] {
  const distance = (index: number): number => Math.abs(index - from);
  return messages
    .map((message, index) => ({ message, index }))
    .sort((a, b) => distance(a.index) - distance(b.index) || a.index - b.index)
    .map(({ message }) => message);
}

/** What of it may be shown without a gap. */
export function cutToAdmitted(
  stretch: Stretch,
  admitted: { has(seq: number): boolean },
): Omit<Stretch, "from"> {
  const { messages, from } = stretch;
  const isAdmitted = (index: number): boolean => {
    const message = messages[index];
    return message !== undefined && admitted.has(message.seq);
  };
  if (!isAdmitted(from)) {
    const isCut = messages.length > 0;
    return {
      messages: [],
      hasOlder: stretch.hasOlder || isCut,
      hasNewer: stretch.hasNewer || isCut,
    };
  }
  let [first, last] = [from, from];
  while (isAdmitted(first - 1)) first -= 1;
  while (isAdmitted(last + 1)) last += 1;
  return {
    messages: messages.slice(first, last + 1),
    hasOlder: stretch.hasOlder || first > 0,
    hasNewer: stretch.hasNewer || last < messages.length - 1,
  };
}
