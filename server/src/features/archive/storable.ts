import type { ItemOutcome } from "../../wecom/archive-envelope.ts";
import type { ArchiveMessage } from "../../wecom/archive-message.ts";

/** As wide as the columns; WeCom's ids have at most 64 characters. */
const MAX_ID_LENGTH = 128;
const MAX_TIME_MS = 8.64e15;

/** Whether the ids and the time of a decrypted message fit the table. */
export function isStorable(message: ArchiveMessage): boolean {
  const { msgId, senderId, receiverIds, roomId, recalledMsgId, consent, sentAtMs } = message;
  const ids = [msgId, senderId, receiverIds[0], roomId, recalledMsgId, consent?.customerId];
  return (
    ids.every((id) => (id?.length ?? 0) <= MAX_ID_LENGTH) &&
    [sentAtMs, consent?.atMs ?? 0].every(isTime)
  );
}

function isTime(ms: number): boolean {
  return Number.isSafeInteger(ms) && ms >= 0 && ms <= MAX_TIME_MS;
}

/** What does not fit the table is no message of WeCom's; it must not make the whole page fail. */
export function refuseUnstorable(outcome: ItemOutcome): ItemOutcome {
  return outcome.isOpen && !isStorable(outcome.message)
    ? { isOpen: false, reason: "invalid_json" }
    : outcome;
}
