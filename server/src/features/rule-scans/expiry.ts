import { In } from "typeorm";
import type { EntityManager } from "typeorm";
import { RuleScanSample } from "./rule-scan.entity.ts";

/** Messages that are destroyed leave the samples. */
export async function forgetSamplesOf(tx: EntityManager, seqs: readonly number[]): Promise<void> {
  if (seqs.length > 0) await tx.delete(RuleScanSample, { messageSeq: In([...seqs]) });
}
