import { DestroyedKeyError } from "../../platform/vault/vault.ts";
import type { Customers } from "../customers/customers.service.ts";

/** The customer's name as WeCom has it; null when nobody knows it, or the customer was deleted on purpose. */
export async function nameOfCustomer(
  customers: Pick<Customers, "nameOf">,
  customerId: string,
): Promise<string | null> {
  try {
    return await customers.nameOf(customerId);
  } catch (error) {
    // Their key is gone for this month, so what WeCom still tells of them is not kept.
    if (error instanceof DestroyedKeyError) return null;
    throw error;
  }
}
