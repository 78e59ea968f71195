import type { ChatMessageView } from "../../../client-contract.ts";

/** Both lists as one, oldest first, each message once; `fresh` wins because a recall may have changed it. */
export function mergeMessages(
  known: readonly ChatMessageView[],
  fresh: readonly ChatMessageView[],
): ChatMessageView[] {
  const byId = new Map(known.map((message) => [message.id, message]));
  for (const message of fresh) byId.set(message.id, message);
  // Sorting is stable: messages of the same millisecond keep the order in which they came.
  return [...byId.values()].sort((a, b) => a.atMs - b.atMs);
}
