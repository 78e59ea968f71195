import type { Database } from "../../platform/database/database.ts";
import type { Vault } from "../../platform/vault/vault.ts";
import type { Hit } from "./case.entity.ts";
import { SupervisionCase } from "./case.entity.ts";
import { openFinding } from "./hit-spans.ts";
import { hitsByOccasion, occasionKey } from "./occasion.ts";

/** A hit of which reviewers have said whether it was right. */
export interface DecidedHit {
  caseId: string;
  decision: "handled" | "false_alarm";
  ruleId: string;
  ruleRevision: number;
  /** Null: an act without a message. */
  messageSeq: number | null;
  conversationId: string;
  memberId: string;
  sentAtMs: number;
  /** In its own message. */
  spans: readonly { start: number; end: number; word: string }[];
  /** All words found, also in other messages. */
  words: readonly string[];
}

export interface DecidedHits {
  cases: number;
  isCut: boolean;
  hits: DecidedHit[];
}

/** What reviewers decided, for whoever judges the rules by it. */
export interface HitDecisions {
  /** Of messages sent since then; the newest, bounded. */
  since(sinceMs: number): Promise<DecidedHits>;
  /** All hits, decided or not, by rule and wording. */
  countHits(sinceMs: number): Promise<{ ruleId: string; ruleRevision: number; hits: number }[]>;
}

/** Opening their places takes about a second. */
const MOST_CASES = 5000;
const BATCH = 500;

export function createHitDecisions({
  database,
  vault,
}: {
  database: Database;
  vault: Vault;
}): HitDecisions {
  return {
    async since(sinceMs) {
      const rows = await database.read
        .createQueryBuilder(SupervisionCase, "c")
        .where("c.state IN ('handled', 'false_alarm') AND c.sentAtMs >= :sinceMs", { sinceMs })
        .orderBy("c.sentAtMs", "DESC")
        .addOrderBy("c.id", "DESC")
        .take(MOST_CASES + 1)
        .getMany();
      const cases = rows.slice(0, MOST_CASES);
      const hits: DecidedHit[] = [];
      for (let from = 0; from < cases.length; from += BATCH) {
        const some = cases.slice(from, from + BATCH);
        const found = await hitsByOccasion(database.read, some);
        for (const row of some) {
          if (row.state === "open") continue;
          for (const hit of found.get(occasionKey(row)) ?? [])
            hits.push(await toDecided(hit, row, row.state));
        }
      }
      return { cases: cases.length, isCut: rows.length > MOST_CASES, hits };
    },

    async countHits(sinceMs) {
      const rows = await database.read.query<
        { rule_id: string; rule_revision: number; hits: string | number }[]
      >(
        `SELECT rule_id, rule_revision, COUNT(*) AS hits FROM hit WHERE sent_at_ms >= ?
         GROUP BY rule_id, rule_revision`,
        [sinceMs],
      );
      return rows.map((row) => ({
        ruleId: row.rule_id,
        ruleRevision: row.rule_revision,
        hits: Number(row.hits),
      }));
    },
  };

  async function toDecided(
    hit: Hit,
    row: SupervisionCase,
    decision: DecidedHit["decision"],
  ): Promise<DecidedHit> {
    const { ruleId, ruleRevision, messageSeq, conversationId, sentAtMs } = hit;
    const { spans, elsewhere = [] } = await openFinding(vault, hit);
    const words = [...new Set([...spans, ...elsewhere].map(({ word }) => word))];
    const place = { messageSeq, conversationId, memberId: row.memberId, sentAtMs };
    return { caseId: row.id, decision, ruleId, ruleRevision, ...place, spans, words };
  }
}
