import { v7 as uuidv7 } from "uuid";
import type { KeptExplanation } from "#shared/hit-explanation";
import type { Finding } from "#shared/rules/scan";
import type { Sealer } from "../../platform/vault/vault.ts";
import { hitText } from "./hit-spans.ts";

/** What of a message its case and its hits need. */
export interface HitMessage {
  seq: number;
  conversationId: string;
  /** Whose conversation it is. */
  memberId: string;
  customerId: string | null;
  roomId: string | null;
  sentAtMs: number;
}

/** The person whose key seals a case: the customer of a single chat, so that deleting them deletes it. */
export function caseSubjectOf({ roomId, customerId, memberId }: HitMessage): string {
  return roomId === null && customerId !== null ? customerId : memberId;
}

/** A row of the table `hit`. */
export function toHitRow(
  sealer: Sealer,
  message: HitMessage,
  finding: Finding,
  { isLookBack, explained }: { isLookBack: boolean; explained?: KeptExplanation | undefined },
) {
  const id = uuidv7();
  const place = { table: "hit", column: "spans", rowId: id };
  return {
    id,
    message_seq: message.seq,
    rule_id: finding.ruleId,
    rule_revision: finding.ruleRevision,
    level: finding.level,
    spans: sealer.seal(caseSubjectOf(message), place, hitText(finding, explained)),
    conversation_id: message.conversationId,
    sent_at_ms: message.sentAtMs,
    is_look_back: isLookBack ? 1 : 0,
  };
}
