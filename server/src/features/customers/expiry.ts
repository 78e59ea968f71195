import { In } from "typeorm";
import type { EntityManager } from "typeorm";
import { CustomerRow } from "./customer.entity.ts";

/** Of these customers nothing is kept any more; WeCom tells of them again when somebody looks at them. */
export async function forgetCustomers(
  tx: EntityManager,
  customerIds: readonly string[],
): Promise<void> {
  if (customerIds.length > 0) await tx.delete(CustomerRow, { id: In([...customerIds]) });
}
