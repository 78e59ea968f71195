import { In, LessThan, MoreThan, Not } from "typeorm";
import type { EntityManager } from "typeorm";
import type { RecordKeeper } from "../retention/record-keeper.ts";
import { RuleScanRow, RuleScanSample } from "./rule-scan.entity.ts";
import { forgetPerson } from "./tally.ts";

/** Messages that are destroyed leave the samples. */
export async function forgetSamplesOf(tx: EntityManager, seqs: readonly number[]): Promise<void> {
  if (seqs.length > 0) await tx.delete(RuleScanSample, { messageSeq: In([...seqs]) });
}

/** A tally names many people, so few are held in memory at a time. */
const TALLIES = 20;

/** Trials and look-backs whose time is over, with their tallies and samples. What a look-back found is the cases' matter. */
export const ruleScanRecords: RecordKeeper = {
  classId: "rule_scan",

  async listOver(manager, { afterId, limit, untilMs }) {
    const rows = await manager.find(RuleScanRow, {
      where: { id: MoreThan(afterId), state: Not("running"), endedAtMs: LessThan(untilMs) },
      order: { id: "ASC" },
      take: limit,
    });
    return rows.map(({ id, endedAtMs, startedAtMs, requestedBy, tally }) => ({
      id,
      atMs: endedAtMs ?? startedAtMs,
      personIds: [requestedBy, ...Object.keys(tally.people)],
      conversationIds: [],
    }));
  },

  async destroy(tx, ids) {
    await tx.delete(RuleScanSample, { scanId: In([...ids]) });
    await tx.delete(RuleScanRow, { id: In([...ids]) });
  },

  async removePerson(tx, { personId }, page) {
    const limit = Math.min(page.limit, TALLIES);
    const rows = await tx.find(RuleScanRow, {
      where: { id: MoreThan(page.afterId) },
      order: { id: "ASC" },
      take: limit,
    });
    for (const { id, tally } of rows) {
      if (forgetPerson(tally, personId)) await tx.update(RuleScanRow, { id }, { tally });
    }
    await tx.update(
      RuleScanSample,
      { scanId: In(rows.map(({ id }) => id)), labelledBy: personId },
      { labelledBy: null },
    );
    return rows.length < limit ? null : (rows.at(-1)?.id ?? null);
  },
};
