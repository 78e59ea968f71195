import type { ElsewhereSpan, Finding, FindingSpan } from "#shared/rules/scan";
import { DestroyedKeyError } from "../../platform/vault/vault.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { KeptExplanation } from "#shared/hit-explanation";
import type { ExplainedFinding } from "../rules/rules.service.ts";
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

/** The finding that a hit keeps; it stands nowhere when its key was destroyed on purpose. */
export async function openFinding(vault: Vault, hit: Hit): Promise<ExplainedFinding> {
  const { ruleId, ruleRevision, level } = hit;
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
