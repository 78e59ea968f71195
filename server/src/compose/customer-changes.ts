import { createRemovalInspection } from "../features/cases/removals.ts";
import { customerCallbacks } from "../features/customers/customers.jobs.ts";
import type { Customers } from "../features/customers/customers.service.ts";

/** What happens when WeCom tells of a change of a customer: the rules are asked, and the customer is read anew. */
export function customerChanges(
  deps: Parameters<typeof createRemovalInspection>[0] & { customers: Customers },
): ReturnType<typeof customerCallbacks> {
  const inspect = createRemovalInspection(deps);
  const { customer_changed: refresh, ...others } = customerCallbacks(deps.customers);
  return {
    ...others,
    async customer_changed(event) {
      // In this order: tags that the customer had go with what is read anew.
      const effects = [await inspect(event), await refresh(event)];
      return async (tx) => {
        for (const effect of effects) await effect?.(tx);
      };
    },
  };
}
