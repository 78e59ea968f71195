import type { ElsewhereSpan, Finding, FindingSpan } from "#shared/rules/scan";
import { DestroyedKeyError } from "../../platform/vault/vault.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Hit } from "./case.entity.ts";

/** As sealed: without a message those in the hit's own one. */
type StoredPlace = FindingSpan & { message?: number };

export function placesOf({ spans, elsewhere = [] }: Finding): StoredPlace[] {
  return [...spans, ...elsewhere];
}

/** The finding that a hit keeps; it stands nowhere when its key was destroyed on purpose. */
export async function openFinding(vault: Vault, hit: Hit): Promise<Finding> {
  const { ruleId, ruleRevision, level } = hit;
  const spans: FindingSpan[] = [];
  const elsewhere: ElsewhereSpan[] = [];
  for (const { message, ...span } of await openPlaces(vault, hit)) {
    if (message === undefined) spans.push(span);
    else elsewhere.push({ ...span, message });
  }
  return { ruleId, ruleRevision, level, spans, ...(elsewhere.length > 0 && { elsewhere }) };
}

async function openPlaces(vault: Vault, hit: Hit): Promise<StoredPlace[]> {
  try {
    const place = { table: "hit", column: "spans", rowId: hit.id };
    return JSON.parse(await vault.openText(place, hit.spans)) as StoredPlace[];
  } catch (error) {
    if (error instanceof DestroyedKeyError) return [];
    throw error;
  }
}
