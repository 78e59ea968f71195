import type { FindingSpan } from "#shared/rules/scan";
import { DestroyedKeyError } from "../../platform/vault/vault.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Hit } from "./case.entity.ts";

/** Where a hit stands in its message; nowhere when its key was destroyed on purpose. */
export async function openSpans(vault: Vault, hit: Hit): Promise<FindingSpan[]> {
  try {
    const place = { table: "hit", column: "spans", rowId: hit.id };
    return JSON.parse(await vault.openText(place, hit.spans)) as FindingSpan[];
  } catch (error) {
    if (error instanceof DestroyedKeyError) return [];
    throw error;
  }
}
