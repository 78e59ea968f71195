import type { EntityManager } from "typeorm";
import { DestroyedKeyError } from "../../platform/vault/vault.ts";
import type { Place, Vault } from "../../platform/vault/vault.ts";
import type { ArchiveConsent } from "../../wecom/archive-consent.ts";
import type { Customer } from "../../wecom/customer-contact.ts";
import { CustomerRow } from "./customer.entity.ts";

/** All that is known of a customer, and by member whether they agreed to the archiving of that chat. */
export interface CustomerProfile extends Customer {
  consents: Record<string, ArchiveConsent>;
  /** When WeCom says that each of them changed; without those whose time it does not tell. */
  consentChangedAtMs?: Record<string, number>;
}

export interface StoredCustomer {
  profile: CustomerProfile;
  syncedAtMs: number;
}

const placeOf = (customerId: string): Place => ({
  table: "customer",
  column: "profile",
  rowId: customerId,
});

/** Sealed under the customer's own key, so that deleting the customer deletes it. */
export async function storeCustomer(
  tx: EntityManager,
  vault: Vault,
  { profile, syncedAtMs }: StoredCustomer,
): Promise<void> {
  const { id } = profile;
  const sealer = await vault.sealerFor(tx, [id]);
  const sealed = sealer.seal(id, placeOf(id), JSON.stringify(profile));
  await tx.upsert(CustomerRow, { id, profile: sealed, syncedAtMs }, ["id"]);
}

/** Undefined when nothing is stored, or what was stored has been destroyed. */
export async function readCustomer(
  manager: EntityManager,
  vault: Vault,
  customerId: string,
): Promise<StoredCustomer | undefined> {
  const row = await manager.findOneBy(CustomerRow, { id: customerId });
  if (!row) return undefined;
  try {
    const profile = JSON.parse(
      await vault.openText(placeOf(customerId), row.profile),
    ) as CustomerProfile;
    return { profile, syncedAtMs: row.syncedAtMs };
  } catch (error) {
    if (error instanceof DestroyedKeyError) return undefined;
    throw error;
  }
}
