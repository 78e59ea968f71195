import { pressableKeys } from "./api/card-rules.ts";
import { formatEvent } from "./callback-events.ts";
import type { PhoneItem, TapRequest } from "./client-contract.ts";
import type { World } from "./world.ts";

export type TapOutcome = { is: "sent"; delivery: Promise<void> } | { is: "unknown" | "gone" };

/** A member presses a button on a card: the app gets an event with a response code of its own. */
export function tapCard(world: World, { memberId, msgId, buttonKey }: TapRequest): TapOutcome {
  const item = world.phone.find(memberId, msgId);
  if (item?.kind !== "template_card") return { is: "unknown" };
  if (!canPress(item, buttonKey)) return { is: "gone" };
  const { corp, callbacks, phone, now } = world;
  const event = formatEvent(corp, now(), memberId, {
    Event: "template_card_event",
    EventKey: buttonKey,
    TaskId: String(item.body["task_id"]),
    CardType: String(item.body["card_type"]),
    ResponseCode: phone.issueResponseCode(msgId),
    AgentID: corp.agentId,
  });
  return { is: "sent", delivery: callbacks.send("app", event) };
}

function canPress({ body, replacedButton, isRecalled }: PhoneItem, buttonKey: string): boolean {
  return !isRecalled && replacedButton === null && pressableKeys(body).includes(buttonKey);
}
