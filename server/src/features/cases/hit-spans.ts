import type { ElsewhereSpan, Finding, FindingSpan } from "#shared/rules/scan";
import { DestroyedKeyError } from "../../platform/vault/vault.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { KeptExplanation } from "#shared/hit-explanation";
import type { DescribedFinding, ExplainedFinding, Rules } from "../rules/rules.service.ts";
import type { Hit } from "./case.entity.ts";

/** Without a message those in the hit's own one. */
type StoredPlace = FindingSpan & { message?: number };

/** As sealed; hits from before explanations were kept have the list of places alone. */
interface StoredHit {
  places: StoredPlace[];
  explained?: KeptExplanation;
}

/** What a hit keeps of where and how it was found, to be sealed. */
export function hitText(
  { spans, elsewhere = [] }: Finding,
  explained: KeptExplanation | undefined,
): string {
  const stored: StoredHit = { places: [...spans, ...elsewhere], ...(explained && { explained }) };
  return JSON.stringify(stored);
}

/** As it was stored: found when it was said, or when history was gone through again. */
export type StoredFinding = ExplainedFinding & { isLookBack: boolean };

/** Adds the texts of the rules; those of a look-back stay marked. */
export async function describeStored(
  rules: Pick<Rules, "describe">,
  findings: readonly StoredFinding[],
): Promise<DescribedFinding[]> {
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
  const { places, explained } = await openHit(vault, hit);
  for (const { message, ...span } of places) {
    if (message === undefined) spans.push(span);
    else elsewhere.push({ ...span, message });
  }
  return {
    ruleId,
    ruleRevision,
    level,
    isLookBack,
    spans,
    ...(elsewhere.length > 0 && { elsewhere }),
    ...(explained && { explained }),
  };
}

async function openHit(vault: Vault, hit: Hit): Promise<StoredHit> {
  try {
    const place = { table: "hit", column: "spans", rowId: hit.id };
    const stored = JSON.parse(await vault.openText(place, hit.spans)) as StoredHit | StoredPlace[];
    return Array.isArray(stored) ? { places: stored } : stored;
  } catch (error) {
    if (error instanceof DestroyedKeyError) return { places: [] };
    throw error;
  }
}
