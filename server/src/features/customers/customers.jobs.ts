import type { Effect } from "../../platform/jobs/jobs.ts";
import type { CallbackEvent } from "../../wecom/callback-event.ts";
import type { Customers } from "./customers.service.ts";

type EventOf<K extends CallbackEvent["kind"]> = Extract<CallbackEvent, { kind: K }>;

/** What the customers do when WeCom tells of a change. */
export function customerCallbacks(customers: Customers): {
  customer_changed: (event: EventOf<"customer_changed">) => Promise<Effect | undefined>;
  group_changed: (event: EventOf<"group_changed">) => Promise<Effect>;
} {
  return {
    customer_changed: ({ customerId }) => customers.refresh(customerId),
    group_changed: ({ roomId }) => Promise.resolve((tx) => customers.expireGroup(tx, roomId)),
  };
}
