import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import { worstLevel } from "#shared/rules/scan";
import type { Clock } from "../../platform/clock.ts";
import { insertNew } from "../../platform/database/insert-new.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { FoundMessage } from "../archive/rule-scan.ts";
import { caseSubjectOf, toHitRow } from "./hit-rows.ts";

/** A hit that a look-back came upon. */
export interface LookBackHit {
  ruleId: string;
  memberId: string;
  sentAtMs: number;
  /** Stored now; otherwise there was a hit of that rule. */
  isNew: boolean;
}

/**
 * Hits that were found when history was gone through again. They are stored as such, nobody is sent anything, and a
 * message that had a hit of the same rule, in whatever wording, keeps that one.
 */
export interface LookBackHits {
  store(tx: EntityManager, found: readonly FoundMessage[]): Promise<LookBackHit[]>;
}

const SLICE = 500;

export function createLookBackHits({ vault, clock }: { vault: Vault; clock: Clock }): LookBackHits {
  async function storeSlice(
    tx: EntityManager,
    found: readonly FoundMessage[],
  ): Promise<LookBackHit[]> {
    const seqs = found.map(({ seq }) => seq);
    const marks = seqs.map(() => "?").join(", ");
    // Changes nothing, but makes their destruction wait for this, or this for their destruction.
    await tx.query(`UPDATE message SET seq = seq WHERE seq IN (${marks})`, seqs);
    const there = await tx.query<{ seq: string | number }[]>(
      `SELECT seq FROM message WHERE seq IN (${marks})`,
      seqs,
    );
    const stored = new Set(there.map(({ seq }) => Number(seq)));
    const known = await tx.query<{ message_seq: string | number; rule_id: string }[]>(
      `SELECT message_seq, rule_id FROM hit WHERE message_seq IN (${marks})`,
      seqs,
    );
    const isKnown = new Set(known.map((hit) => `${Number(hit.message_seq)} ${hit.rule_id}`));
    const present = found.filter(({ seq }) => stored.has(seq));
    const sealer = await vault.sealerFor(tx, new Set(present.map(caseSubjectOf)));
    const rows = [];
    const cases = [];
    const outcome: LookBackHit[] = [];
    for (const message of present) {
      const { seq, memberId, sentAtMs } = message;
      for (const finding of message.findings) {
        const isNew = !isKnown.has(`${seq} ${finding.ruleId}`);
        outcome.push({ ruleId: finding.ruleId, memberId, sentAtMs, isNew });
        const occasion = { ...message, messageSeq: seq, eventId: null };
        if (isNew) rows.push(toHitRow(sealer, occasion, finding, { isLookBack: true }));
      }
      cases.push({
        id: uuidv7(),
        message_seq: seq,
        conversation_id: message.conversationId,
        member_id: memberId,
        customer_id: message.customerId,
        speaker: message.speaker,
        level: worstLevel(message.findings) ?? "notice",
        state: "open",
        decided_by: null,
        decided_at_ms: null,
        sent_at_ms: sentAtMs,
        created_at_ms: clock.now(),
        is_look_back: 1,
      });
    }
    await insertNew(tx, "hit", "id", rows);
    for (const { id, rule_id: rule, rule_revision: revision, level, message_seq: seq } of rows) {
      recordEntry(tx, {
        kind: "hit.found",
        actorId: "system",
        objectId: id,
        atMs: clock.now(),
        details: { rule, revision, level, seq, lookBack: true },
      });
    }
    // A message that has a case keeps it.
    const withNew = new Set(rows.map((hit) => hit.message_seq));
    await insertNew(
      tx,
      "supervision_case",
      "message_seq",
      cases.filter((one) => withNew.has(one.message_seq)),
    );
    return outcome;
  }

  return {
    async store(tx, found) {
      const outcome: LookBackHit[] = [];
      for (let from = 0; from < found.length; from += SLICE) {
        outcome.push(...(await storeSlice(tx, found.slice(from, from + SLICE))));
      }
      return outcome;
    },
  };
}
