import type { FindingView } from "#shared/contract/rule";
import type { ElsewhereSpan, Finding, FindingSpan } from "#shared/rules/scan";
import { DestroyedKeyError } from "../../platform/vault/vault.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Rules } from "../rules/rules.service.ts";
import type { Hit } from "./case.entity.ts";

/** As sealed: without a message those in the hit's own one. */
type StoredPlace = FindingSpan & { message?: number };

export function placesOf({ spans, elsewhere = [] }: Finding): StoredPlace[] {
  return [...spans, ...elsewhere];
}

/** As it was stored: found when it was said, or when history was gone through again. */
export interface StoredFinding extends Finding {
  isLookBack: boolean;
}

/** Adds the texts of the rules; those of a look-back stay marked. */
export async function describeStored(
  rules: Pick<Rules, "describe">,
  findings: readonly StoredFinding[],
): Promise<FindingView[]> {
  const described = await rules.describe(findings);
  return described.map((view, at) =>
    findings[at]?.isLookBack === true ? { ...view, isLookBack: true } : view,
  );
}

/** The finding that a hit keeps; it stands nowhere when its key was destroyed on purpose. */
export async function openFinding(vault: Vault, hit: Hit): Promise<StoredFinding> {
  const { ruleId, ruleRevision, level, isLookBack } = hit;
  const spans: FindingSpan[] = [];
  const elsewhere: ElsewhereSpan[] = [];
  for (const { message, ...span } of await openPlaces(vault, hit)) {
    if (message === undefined) spans.push(span);
    else elsewhere.push({ ...span, message });
  }
  const rest = elsewhere.length > 0 && { elsewhere };
  return { ruleId, ruleRevision, level, isLookBack, spans, ...rest };
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
