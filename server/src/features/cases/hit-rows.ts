import { v7 as uuidv7 } from "uuid";
import type { KeptExplanation } from "#shared/hit-explanation";
import type { Finding } from "#shared/rules/scan";
import type { Sealer } from "../../platform/vault/vault.ts";
import { hitText } from "./hit-spans.ts";
import type { Occasion } from "./occasion.ts";

/** What of a message, or of an act without one, its case and its hits need. */
export interface HitOccasion extends Occasion {
  conversationId: string;
  /** Whose conversation it is. */
  memberId: string;
  customerId: string | null;
  roomId: string | null;
  sentAtMs: number;
}

/** The person whose key seals a case: the customer of a single chat, so that deleting them deletes it. */
export function caseSubjectOf({
  roomId,
  customerId,
  memberId,
}: Pick<HitOccasion, "roomId" | "customerId" | "memberId">): string {
  return roomId === null && customerId !== null ? customerId : memberId;
}

/** A row of the table `hit`. */
export function toHitRow(
  sealer: Sealer,
  occasion: HitOccasion,
  finding: Finding,
  { isLookBack, explained }: { isLookBack: boolean; explained?: KeptExplanation | undefined },
) {
  const id = uuidv7();
  const place = { table: "hit", column: "spans", rowId: id };
  return {
    id,
    message_seq: occasion.messageSeq,
    event_id: occasion.eventId,
    rule_id: finding.ruleId,
    rule_revision: finding.ruleRevision,
    level: finding.level,
    spans: sealer.seal(caseSubjectOf(occasion), place, hitText(finding, explained)),
    conversation_id: occasion.conversationId,
    sent_at_ms: occasion.sentAtMs,
    is_look_back: isLookBack ? 1 : 0,
  };
}
