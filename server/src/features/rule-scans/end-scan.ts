import type { EntityManager } from "typeorm";
import { v7 as uuidv7 } from "uuid";
import type { RuleScanProblem } from "#shared/contract/rule-scan";
import { insertNew } from "../../platform/database/insert-new.ts";
import { recordEntry } from "../../platform/ledger/ledger.ts";
import { RuleScanRow } from "./rule-scan.entity.ts";

interface Ending {
  state: "done" | "cancelled" | "failed";
  problem?: RuleScanProblem;
  atMs: number;
  /** Who cancelled it. */
  by?: string;
}

/** Ends a scan, once; false when it had ended before. One that is done leaves what it has drawn to be judged. */
export async function endScan(
  tx: EntityManager,
  { id, kind, tally, requestedBy }: Pick<RuleScanRow, "id" | "kind" | "tally" | "requestedBy">,
  { state, problem, atMs, by }: Ending,
): Promise<boolean> {
  const { affected } = await tx.update(
    RuleScanRow,
    { id, state: "running" },
    // Its place names a conversation, and is of no more use.
    { state, problem: problem ?? null, slot: null, place: null, endedAtMs: atMs },
  );
  if (affected !== 1) return false;
  recordEntry(tx, {
    kind: `${kind}.${state}`,
    actorId: by ?? requestedBy,
    objectId: id,
    atMs,
    details: { hits: tally.hits[0] + tally.hits[2] },
  });
  if (state !== "done" || kind !== "back_test") return true;
  const { added, all } = tally.samples;
  const drawn = added.length > 0 ? added : all;
  // A destroyed message cannot be judged.
  const there = new Set(
    await storedOf(
      tx,
      drawn.map(({ seq }) => seq),
    ),
  );
  const rows = drawn
    .filter(({ seq }) => there.has(seq))
    .map(({ seq, ruleId }, position) => ({
      id: uuidv7(),
      scan_id: id,
      position,
      message_seq: seq,
      rule_id: ruleId,
      label: null,
      labelled_by: null,
      labelled_at_ms: null,
    }));
  await insertNew(tx, "rule_scan_sample", "id", rows);
  return true;
}

async function storedOf(tx: EntityManager, seqs: readonly number[]): Promise<number[]> {
  if (seqs.length === 0) return [];
  const rows = await tx.query<{ seq: string | number }[]>(
    `SELECT seq FROM message WHERE seq IN (${seqs.map(() => "?").join(", ")})`,
    [...seqs],
  );
  return rows.map(({ seq }) => Number(seq));
}
